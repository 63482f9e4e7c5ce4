"""The message as data: what a rep reads, line by line, before any channel's taste (pure).

Every line disappears when its fact is missing; the first line alone is enough on a lock screen. How each line is made
stands in `alerts.lines`, what becomes of the message once people act on it in `alerts.after`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from alerts import lines
from alerts.buttons import Action
from alerts.pages import page_steps
from alerts.sure import sure_line
from alerts.wording import clean
from core.alerting import Briefing
from core.domain import Signal, SignalKind

ACTIONS: tuple[Action, ...] = ("claim", "snooze", "wrong_company", "not_useful", "timeline", "crm")
"""The buttons of a message that nobody has acted on."""
WITHOUT_CALL: tuple[Action, ...] = ("wrong_company", "not_useful", "timeline", "crm")
"""The same where nobody may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its label and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoFar:
    """How far the visit had come when the message was written, so that what is new since can be told."""

    visitors: int = 1
    visitor: str = ""
    """The visitor of the day who made us speak."""
    forms: tuple[str, ...] = ()
    """The forms opened, by their pages' class."""
    sent: bool = False
    """Whether a form was sent."""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertText:
    """All that a channel needs to show an alert; plain text, no markup."""

    name: str
    push: str
    """The one line of a notification."""
    title: str
    facts: tuple[str, ...]
    """What stands beside the title: how long silent, worth how much."""
    lines: tuple[Line, ...]
    why_now: str
    note: str = ""
    """What became of the alert, such as `Anna took it 10:44`."""
    actions: tuple[Action, ...] = ("claim", "wrong_company", "timeline")
    zone: str = "UTC"
    needed: float | None = None
    """The points that an alert needs."""
    kind: SignalKind = "awake"
    at: datetime | None = None
    """The moment that the message is as of; None in messages of the first version."""
    today: tuple[int, int] | None = None
    """Which of how many of its rep's day it is."""
    may_call: bool = True
    """False where the account asked not to be called, or everybody there did."""
    so_far: SoFar | None = None


def alert_text(
    signal: Signal, briefing: Briefing, *, zone: ZoneInfo, needed: float | None, with_date: bool
) -> AlertText:
    """Return the message for `signal`; `with_date` writes the visit's day in full (for history)."""
    name = clean(signal.account.name, 100) or clean(signal.account.id, 100) or "An account"
    steps = page_steps(signal.visit.views)
    silence = lines.silence(signal, briefing)
    may_call = lines.may_call(signal, briefing)
    made = (
        Line(label="Now", text=lines.now(signal, briefing, steps, zone, with_date)),
        Line(label="Was", text=lines.was(signal, briefing, zone)),
        Line(label="Call", text=lines.call(signal, briefing, zone)),
        Line(label="Sure?", text=sure_line(signal)),
        Line(label="Try", text=lines.attempt(signal, briefing, zone) if may_call else ""),
    )
    return AlertText(
        name=name,
        push=lines.push(name, signal, steps, silence, zone),
        title=lines.title(name, signal),
        facts=lines.facts(signal, briefing, silence, zone),
        lines=tuple(line for line in made if line.text),
        why_now=lines.why_now(signal, needed, briefing.today),
        actions=ACTIONS if may_call else WITHOUT_CALL,
        zone=zone.key,
        needed=needed,
        kind=signal.kind or "awake",
        at=signal.at,
        today=briefing.today,
        may_call=may_call,
        so_far=SoFar(
            visitors=briefing.visitors,
            visitor=signal.visit.visitor,
            forms=tuple(lines.forms_opened(signal)),
            sent=lines.form_sent(signal),
            last_at=signal.visit.last_at,
        ),
    )


def to_data(text: AlertText) -> Mapping[str, object]:
    """Return the message as JSON values, to be kept in the database."""
    # by way of JSON, so that a message compares equal to itself read from the database (lists, not tuples)
    return cast("Mapping[str, object]", msgspec.json.decode(msgspec.json.encode(text)))


def from_data(data: Mapping[str, object]) -> AlertText:
    """Return the message that `to_data` gave away."""
    return msgspec.convert(data, AlertText)


def as_text(text: AlertText) -> str:
    """Return the message as plain lines, for a terminal, a file or a mail."""
    rows = [" · ".join((text.title, *text.facts)), *(f"{line.label:<6}{line.text}" for line in text.lines)]
    if text.why_now:
        rows.append(f"Why now: {text.why_now}")
    if text.note:
        rows.append(text.note)
    return "\n".join(rows)
