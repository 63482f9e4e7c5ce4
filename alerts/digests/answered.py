"""A digest after people acted on an alert that it tells of: the row says what came of it (pure)."""

from __future__ import annotations

from dataclasses import replace

from alerts.buttons import CHOICES, Action, Button
from alerts.message import AlertText
from alerts.notices.notice import NoticeText, Row
from alerts.wording import cut
from core.domain import AlertId

_MARK = " — "
_MOST_BUTTONS = 4


def answered(text: NoticeText, alert: AlertId, now: AlertText) -> NoticeText:
    """Return the digest with the rows about `alert` as they read now that its message is `now`."""
    sections = tuple(
        replace(section, rows=tuple(_row(row, alert, now) if _is_about(row, alert) else row for row in section.rows))
        for section in text.sections
    )
    return replace(text, sections=sections)


def _is_about(row: Row, alert: AlertId) -> bool:
    return any(button.subject == alert for button in row.buttons)


def _row(row: Row, alert: AlertId, now: AlertText) -> Row:
    told = row.text.partition(_MARK)[0]
    if not now.note:
        first = Button(action="claim", subject=alert, label="Take")
        others = tuple(Button(action=action, subject=alert) for action in ("wrong_company", "timeline"))
        return Row(text=told, buttons=(first, *others) if now.may_call else others)
    actions: list[Action] = [one for one in now.actions if one not in CHOICES or one == "no_answer"]
    return Row(
        text=f"{told}{_MARK}{cut(now.note, 160)}",
        buttons=tuple(Button(action=one, subject=alert) for one in actions[:_MOST_BUTTONS]),
    )
