"""An alert in Slack's Block Kit, within its limits (pure)."""

from __future__ import annotations

from collections.abc import Callable

from alerts.buttons import LINKS, Action, action_id
from alerts.channels.slack_parts import (
    BUTTON_LIMIT,
    HEADER_LIMIT,
    TEXT_LIMIT,
    TOTAL_LIMIT,
    Block,
    Element,
    context,
    element,
    escaped_cut,
    header,
    numbered,
    plain,
    section,
    size,
    unmarked,
)
from alerts.message import AlertText
from alerts.notices.notice import NoticeText

_LINE = 500  # escaped characters of one line
_WHY = 1500
_NOTE = 600


def notification(message: AlertText | NoticeText) -> str:
    """Return the text of the push notification, which screen readers and old clients read too."""
    # what was taken back says all in one line
    note = message.note if isinstance(message, AlertText) and message.lines else ""
    return escaped_cut(f"{message.push}. {note}" if note else message.push, TEXT_LIMIT) or "Dormouse"


def blocks(message: AlertText, link: Callable[[Action], str], value: str, interactive: bool = False) -> list[Block]:
    """Return the blocks of the message.

    `link` gives each button's address, `value` is the alert's id, which a click sends back
    (`alerts.buttons.read_click_value`). `interactive`: an app hears the clicks, so only links need an address.
    """
    made = [header(message.title)]
    if body := _body(message):
        made.append(section(body))
    why: list[Block] = []
    if message.why_now:
        why = [context(f"_Why now:_ {escaped_cut(unmarked(message.why_now), _WHY)}")]
    rest: list[Block] = []
    if message.note:
        rest.append(section(f"*{escaped_cut(unmarked(message.note), _NOTE)}*"))
    if buttons := _buttons(message, link, value, interactive):
        rest.append({"type": "actions", "elements": buttons})
    full = [*made, *why, *rest]
    return full if size(full) <= TOTAL_LIMIT else [*made, *rest]


def reduced(message: AlertText | NoticeText) -> list[Block]:
    """Return the message in its smallest form, for when Slack refuses the full one."""
    if isinstance(message, NoticeText):
        words = message.push
    else:
        words = " · ".join(filter(None, (message.title, *message.facts, message.note)))
    return [{"type": "section", "text": plain(words, TEXT_LIMIT)}]


def _body(message: AlertText) -> str:
    rows = [escaped_cut(unmarked(" · ".join(message.facts)), HEADER_LIMIT * 3)] if message.facts else []
    for line in message.lines:
        label = escaped_cut(unmarked(line.label), BUTTON_LIMIT)
        row = f"*{label}* {escaped_cut(unmarked(line.text), _LINE)}"
        if sum(len(one) + 1 for one in rows) + len(row) > TEXT_LIMIT:
            break
        rows.append(row)
    return "\n".join(rows)


def _buttons(message: AlertText, link: Callable[[Action], str], value: str, interactive: bool) -> list[Element]:
    found = (
        element(action, value, url=link(action) if action in LINKS or not interactive else "", interactive=interactive)
        for action in message.actions
    )
    made = numbered([one for one in found if one])
    return [{**one, "style": "primary"} if one["action_id"] == action_id("claim") else one for one in made]
