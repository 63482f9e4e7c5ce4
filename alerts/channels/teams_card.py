"""The message as an Adaptive Card, within what Teams takes (pure).

All words stand in text runs, which know no markup: nothing that a visitor or an account's name brings makes a link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from alerts.buttons import BUTTONS, Action
from alerts.channels.protocol import Links
from alerts.message import AlertText
from alerts.notices.notice import NoticeText
from alerts.wording import cut
from core.domain import AlertId

Card = Mapping[str, object]

LIMIT = 24_000
"""Bytes of a card: Teams takes 28 kB with what is around it."""
_LINE = 500
_ACTIONS = 6  # more would hide behind a menu
_ROWS = 40


def alert_card(text: AlertText, link: Callable[[Action], str]) -> Card:
    """Return the card of an alert; `link` gives each button's address, "" leaves it out."""
    body = [_heading(text.title)]
    if text.facts:
        body.append(_row("", " · ".join(text.facts)))
    body += [_row(line.label, line.text) for line in text.lines]
    if text.why_now:
        body.append(_row("Why now:", text.why_now, subtle=True))
    if text.note:
        body.append(_row("", text.note, bold=True))
    actions = [_open(BUTTONS[action], link(action)) for action in text.actions]
    return _card(text.push, body, [one for one in actions if one])


def notice_card(text: NoticeText, link: Links) -> Card:
    """Return the card of a notice; a row's first button is a link beside it."""
    body = [_heading(text.title)] if text.title else []
    rows = [(section.label if at == 0 else "", row) for section in text.sections for at, row in enumerate(section.rows)]
    for label, row in rows[:_ROWS]:
        if label:
            body.append(_row("", label, bold=True))
        body.append(_row("", row.text))
        buttons = (
            _open(one.label or BUTTONS[one.action], one.url or link(AlertId(one.subject), one.action, one.choice))
            for one in row.buttons[:_ACTIONS]
        )
        if shown := [one for one in buttons if one]:
            body.append({"type": "ActionSet", "actions": shown})
    if len(rows) > _ROWS:
        body.append(_row("", f"and {len(rows) - _ROWS} more", subtle=True))
    if text.foot:
        body.append(_row("", text.foot, subtle=True))
    return _card(text.push, body or [_row("", text.push)], [])


def plain_card(text: str) -> Card:
    """Return a card of one line."""
    return _card(text, [_row("", text)], [])


def message(card: Card) -> Mapping[str, object]:
    """Return what a workflow's webhook expects around a card."""
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _card(push: str, body: Sequence[Mapping[str, object]], actions: Sequence[Mapping[str, object]]) -> Card:
    def made(rows: Sequence[Mapping[str, object]]) -> Card:
        return {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "fallbackText": cut(push, _LINE),
            "msteams": {"width": "Full"},
            "body": [*rows],
            **({"actions": [*actions[:_ACTIONS]]} if actions else {}),
        }

    kept = list(body)
    while len(kept) > 1 and len(str(made(kept)).encode()) > LIMIT:
        kept.pop()
    return made(kept)


def _heading(text: str) -> Mapping[str, object]:
    run = {"type": "TextRun", "text": cut(text, 150) or " ", "weight": "Bolder", "size": "Large"}
    return {"type": "RichTextBlock", "inlines": [run]}


def _row(label: str, text: str, *, bold: bool = False, subtle: bool = False) -> Mapping[str, object]:
    words = {"type": "TextRun", "text": cut(text, _LINE) or " ", "isSubtle": subtle}
    if bold:
        words["weight"] = "Bolder"
    first = [{"type": "TextRun", "text": f"{cut(label, 40)} ", "weight": "Bolder"}] if label else []
    return {"type": "RichTextBlock", "inlines": [*first, words], "spacing": "Small"}


def _open(title: str, url: str) -> Mapping[str, object] | None:
    return {"type": "Action.OpenUrl", "title": cut(title, 60), "url": url} if url and len(url) <= 2000 else None
