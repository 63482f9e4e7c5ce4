"""A notice in Slack's Block Kit: sections of rows with their buttons, cut where Slack's limits end (pure)."""

from __future__ import annotations

from alerts.buttons import LINKS, Button
from alerts.channels.protocol import Links
from alerts.channels.slack_parts import (
    BLOCK_LIMIT,
    BUTTON_LIMIT,
    TEXT_LIMIT,
    TOTAL_LIMIT,
    Block,
    Element,
    context,
    element,
    escaped_cut,
    header,
    numbered,
    section,
    size,
    unmarked,
)
from alerts.notices.notice import NoticeText, Row
from core.domain import AlertId

_ROW = 400  # escaped characters of one row
_FOOT = 1000
_LEFT = 120  # characters kept free for what says how much was left out


def notice_blocks(message: NoticeText, link: Links, interactive: bool = False) -> list[Block]:
    """Return the blocks of a notice; `link` gives the address of a button that has none of its own.

    What Slack has no room for is counted: "and 12 more".
    """
    made: list[Block] = [header(message.title)] if message.title else []
    foot = [context(f"_{escaped_cut(unmarked(message.foot), _FOOT)}_")] if message.foot else []
    rows = [(section.label, at, row) for section in message.sections for at, row in enumerate(section.rows)]
    used = size([*made, *foot]) + _LEFT
    for told, (label, at, row) in enumerate(rows):
        new = _row(label if at == 0 else "", row, link, interactive)
        if len(made) + len(new) + len(foot) >= BLOCK_LIMIT or used + size(new) > TOTAL_LIMIT:
            made.append(context(f"_and {len(rows) - told} more: open Dormouse to see all_"))
            break
        made += new
        used += size(new)
    if not rows and not message.title:
        made.append(section(escaped_cut(unmarked(message.push), TEXT_LIMIT) or "–"))
    return [*made, *foot]


def _row(label: str, row: Row, link: Links, interactive: bool) -> list[Block]:
    """Return a row with its buttons below it; the first of a section bears its label."""
    begin = f"*{escaped_cut(unmarked(label), BUTTON_LIMIT)}*  " if label else ""
    made: list[Block] = [section(begin + (escaped_cut(unmarked(row.text), _ROW) or "–"))]
    buttons = [one for one in (_element(button, link, interactive) for button in row.buttons) if one]
    if buttons:
        made.append({"type": "actions", "elements": numbered(buttons)})
    return made


def _element(button: Button, link: Links, interactive: bool) -> Element | None:
    url = button.url
    if not url and (button.action in LINKS or not interactive):
        url = link(AlertId(button.subject), button.action, button.choice)
    return element(
        button.action,
        button.subject,
        url=url,
        label=button.label,
        choice=button.choice,
        interactive=interactive,
    )
