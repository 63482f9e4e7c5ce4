"""What our messages in Slack's Block Kit are made of: harmless texts, buttons and menus, and the limits (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal, TypedDict

from alerts.buttons import BUTTONS, CHOICES, LINKS, Action, action_id, click_value
from alerts.wording import clean, cut

HEADER_LIMIT = 150
TEXT_LIMIT = 3000
BLOCK_LIMIT = 50
ACTIONS_LIMIT = 25
BUTTON_LIMIT = 75
OPTION_VALUE_LIMIT = 150
VALUE_LIMIT = 2000
URL_LIMIT = 1000
"""Slack takes 3,000; ten of those would leave no room for words."""
TOTAL_LIMIT = 13_200
"""Characters of all blocks as JSON; Slack doesn't document it, and answers `msg_blocks_too_long` beyond."""


class TextObject(TypedDict, total=False):
    """A text of Block Kit."""

    type: Literal["plain_text", "mrkdwn"]
    text: str
    emoji: bool
    verbatim: bool


class Option(TypedDict):
    """An entry of a menu."""

    text: TextObject
    value: str


class Element(TypedDict, total=False):
    """A button, a menu, or a text of a context block (there `text` is a string)."""

    type: str
    text: TextObject | str
    verbatim: bool
    action_id: str
    value: str
    url: str
    style: str
    placeholder: TextObject
    options: list[Option]


class Block(TypedDict, total=False):
    """A block of a message."""

    type: str
    text: TextObject
    elements: list[Element]


def escaped(text: str) -> str:
    """Return `text` so that Slack shows it as it is: with `<` gone there is no link, mention or call to a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped_cut(text: str, limit: int) -> str:
    """Return one line of escaped text of at most `limit` characters, never cut inside an entity, nothing hidden."""
    text = clean(text, limit)
    short = escaped(text)
    while len(short) > limit:
        text = cut(text, max(1, len(text) - max(1, (len(short) - limit) // 5)))
        short = escaped(text)
    return short


def mrkdwn(text: str) -> TextObject:
    """Return a text with our own markup; what stands in it from outside was escaped before."""
    # verbatim: Slack makes no links of addresses that a visitor may have put into a page title
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str, limit: int) -> TextObject:
    """Return a text that Slack shows as it is, never empty. There is nothing to escape in it, but who knows."""
    shown = clean(text.replace("<", "‹").replace(">", "›"), limit)
    return {"type": "plain_text", "text": shown or "–", "emoji": False}


def unmarked(text: str) -> str:
    """Return text in which Slack finds no markup and no emoji of its own.

    Slack knows no way to escape these signs, so those that could mean something stand there as their lookalikes; inside
    a word, as in an e-mail address, they mean nothing and stay.
    """
    text = clean(text, TEXT_LIMIT)
    shown = "".join(
        _LOOKALIKES[char] if char in _LOOKALIKES and not _means_nothing(text, at) else char
        for at, char in enumerate(text)
    )
    return _EMOJI.sub("∶", shown)


_LOOKALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "'"}
_EMOJI = re.compile(r":(?=[\w+'-]*[^\W\d_][\w+'-]*:)")  # names of a workspace's own emoji may be of any script


def _means_nothing(text: str, at: int) -> bool:
    """Say whether a sign stands inside a word, or is the one of "every ~90 days", which nothing can close."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return (before.isalnum() and after.isalnum()) or (text[at] == "~" and before in ("", " ") and after.isdigit())


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER_LIMIT)}


def section(text: str) -> Block:
    return {"type": "section", "text": mrkdwn(text)}


def context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def element(
    action: Action, subject: str, *, url: str = "", label: str = "", choice: str = "", interactive: bool = False
) -> Element | None:
    """Return a button or a menu; None where a click could lead nowhere.

    `interactive` says that an app hears the clicks: then menus open in the message. Without it each is a link.
    """
    words = label or BUTTONS[action]
    value = click_value(subject, choice)
    if (
        not subject
        or len(url) > URL_LIMIT
        or len(value) > VALUE_LIMIT
        or (not url and (not interactive or action in LINKS))
    ):
        return None
    if interactive and action in CHOICES and not choice:
        options: list[Option] = [
            {"text": plain(one.label, BUTTON_LIMIT), "value": click_value(subject, one.value)}
            for one in CHOICES[action]
        ]
        if any(len(option["value"]) > OPTION_VALUE_LIMIT for option in options):
            return None
        return {
            "type": "static_select",
            "placeholder": plain(words, BUTTON_LIMIT),
            "action_id": action_id(action),
            "options": options,
        }
    button: Element = {
        "type": "button",
        "text": plain(words, BUTTON_LIMIT),
        "action_id": action_id(action),
        "value": value,
    }
    if url:
        button["url"] = url
    return button


def numbered(elements: Sequence[Element]) -> list[Element]:
    """Return the elements of one block with different ids: the second of an action is `dormouse_<action>:1`."""
    made: list[Element] = []
    seen: dict[str, int] = {}
    for one in elements[:ACTIONS_LIMIT]:
        name = one["action_id"]
        seen[name] = seen.get(name, 0) + 1
        made.append(one if seen[name] == 1 else {**one, "action_id": f"{name}:{seen[name] - 1}"})
    return made


def size(blocks: Sequence[Block]) -> int:
    """Return how many characters Slack counts for the blocks."""
    return len(json.dumps(blocks, ensure_ascii=False))
