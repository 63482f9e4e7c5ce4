"""The message in Slack's Block Kit, within its limits (pure)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypedDict

from alerts.buttons import BUTTONS, Action
from alerts.message import AlertText
from alerts.wording import cut

HEADER_LIMIT = 150
TEXT_LIMIT = 3000


class TextObject(TypedDict, total=False):
    """A text of Block Kit."""

    type: Literal["plain_text", "mrkdwn"]
    text: str
    emoji: bool
    verbatim: bool


class Element(TypedDict, total=False):
    """A button, or a text of a context block (there `text` is a string)."""

    type: str
    text: TextObject | str
    verbatim: bool
    action_id: str
    value: str
    url: str
    style: str


class Block(TypedDict, total=False):
    """A block of a message."""

    type: str
    text: TextObject
    elements: list[Element]


def escaped(text: str) -> str:
    """Return `text` so that Slack shows it as it is: with `<` gone there is no link, mention or call to a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped_cut(text: str, limit: int) -> str:
    """Return escaped text of at most `limit` characters, never cut inside an entity."""
    short = escaped(text)
    while len(short) > limit:
        text = cut(text, max(1, len(text) - max(1, (len(short) - limit) // 5)))
        short = escaped(text)
    return short


def _mrkdwn(text: str) -> TextObject:
    # verbatim: Slack makes no links of addresses that a visitor may have put into a page title
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def notification(message: AlertText) -> str:
    """Return the text of the push notification, which screen readers and old clients read too."""
    text = f"{message.push}. {message.note}" if message.note else message.push
    return _escaped_cut(text, TEXT_LIMIT)


def blocks(message: AlertText, link: Callable[[Action], str], value: str) -> list[Block]:
    """Return the blocks of the message; `link` gives each button's address and `value` is what a click sends back."""
    made: list[Block] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": cut(message.title, HEADER_LIMIT), "emoji": False},
        }
    ]
    if body := _body(message):
        made.append({"type": "section", "text": _mrkdwn(body)})
    if message.why_now:
        made.append(_context(f"_Why now:_ {_escaped_cut(message.why_now, TEXT_LIMIT - 20)}"))
    if message.note:
        made.append({"type": "section", "text": _mrkdwn(f"*{_escaped_cut(message.note, TEXT_LIMIT - 10)}*")})
    if buttons := _buttons(message, link, value):
        made.append({"type": "actions", "elements": buttons})
    return made


def reduced(message: AlertText) -> list[Block]:
    """Return the message in its smallest form, for when Slack refuses the full one."""
    facts = " · ".join(filter(None, (message.title, *message.facts, message.note)))
    return [{"type": "section", "text": {"type": "plain_text", "text": cut(facts, TEXT_LIMIT), "emoji": False}}]


def _body(message: AlertText) -> str:
    rows = [escaped(" · ".join(message.facts))] if message.facts else []
    room = TEXT_LIMIT - sum(len(row) + 1 for row in rows)
    for line in message.lines:
        row = f"*{escaped(line.label)}* {_escaped_cut(line.text, 500)}"
        if len(row) + 1 > room:
            break
        rows.append(row)
        room -= len(row) + 1
    return "\n".join(rows)


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _buttons(message: AlertText, link: Callable[[Action], str], value: str) -> list[Element]:
    made: list[Element] = []
    for action in message.actions:
        if not (url := link(action)) or len(url) > TEXT_LIMIT:
            continue
        button: Element = {
            "type": "button",
            "text": {"type": "plain_text", "text": BUTTONS[action], "emoji": False},
            "action_id": f"dormouse_{action}",
            "value": value,
            "url": url,
        }
        if action == "claim":
            button["style"] = "primary"
        made.append(button)
    return made
