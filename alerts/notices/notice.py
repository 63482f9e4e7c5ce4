"""A notice as data: sections of rows, each with its buttons, before any channel's taste (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

import msgspec

from alerts.buttons import Button
from core.domain import AlertId

NoticeKind = Literal["digest", "weekly", "reminder", "escalation", "milestone", "admin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a section: what it says, and what one can do about it."""

    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows under a label, such as `Call` or `Slipping`."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """All that a channel needs to show a notice; plain text, no markup."""

    push: str
    """The one line of a notification."""
    title: str
    """Shown above; empty for a line in a thread."""
    sections: tuple[Section, ...] = ()
    foot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to one person that isn't an alert."""

    id: str
    """Derived from what it tells (`core.ids.derived`), so that a replay makes the same notice."""
    kind: NoticeKind
    to: str
    """E-mail address; empty: each channel's fallback."""
    at: datetime
    text: NoticeText
    alert: AlertId | None = None
    """In whose thread it stands, where the channel has threads; elsewhere it stands alone."""


def to_data(text: NoticeText) -> Mapping[str, object]:
    """Return the text as JSON values, to be kept in the database."""
    return cast("Mapping[str, object]", msgspec.json.decode(msgspec.json.encode(text)))


def from_data(data: Mapping[str, object]) -> NoticeText:
    """Return the text that `to_data` gave away."""
    return msgspec.convert(data, NoticeText)


def as_text(text: NoticeText) -> str:
    """Return the notice as plain lines, for a terminal or a file."""
    lines = [text.title or text.push]
    for section in text.sections:
        lines += [f"{section.label:<10} {row.text}" for row in section.rows]
    return "\n".join([*lines, text.foot] if text.foot else lines)
