"""What is new about an account after its alert, told in the alert's thread, each thing once (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.lines import FORMS, form_sent, forms_opened
from alerts.message import AlertText, from_data
from alerts.notices.notice import Notice, NoticeText, Row, Section
from alerts.wording import clock_time, cut
from core.alerting import Alert, Briefing
from core.domain import Signal
from core.ids import derived

AWAY = timedelta(hours=1)
"""Who was gone for so long has come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One thing that is new."""

    key: str
    """What makes it this one: it is told once for an alert."""
    text: str


def milestones(before: AlertText, signal: Signal, briefing: Briefing) -> tuple[Milestone, ...]:
    """Return what `signal` adds to what the message `before` told: the same visit further on, or another one since."""
    return tuple(_new(before, signal, briefing))


def told_in_thread(alert: Alert, signal: Signal, briefing: Briefing) -> tuple[Notice, ...]:
    """Return the notices for the alert's thread; none where the alert itself isn't told."""
    if alert.backfill or alert.hold is not None:
        return ()
    before = from_data(alert.message)
    return tuple(_notice(alert, before, one, signal.at) for one in milestones(before, signal, briefing))


def _new(before: AlertText, signal: Signal, briefing: Briefing) -> Iterator[Milestone]:
    so_far, visit, zone = before.so_far, signal.visit, ZoneInfo(before.zone)
    if so_far is None:
        return
    if visit.visitor != so_far.visitor and briefing.visitors > so_far.visitors:
        number, text = briefing.visitors, _ordinal(briefing.visitors)
        yield Milestone(key=f"visitors:{number}", text=f"{text} visitor {clock_time(visit.started_at, zone)}")
    elif so_far.last_at is not None and visit.started_at - so_far.last_at >= AWAY:
        away = (visit.started_at - so_far.last_at) // timedelta(hours=1)
        day = visit.started_at.astimezone(zone).date()
        yield Milestone(key=f"back:{day}", text=f"came back after {away} h, {clock_time(visit.started_at, zone)}")
    for form in forms_opened(signal):
        if form not in so_far.forms and not form_sent(signal):
            yield Milestone(key=f"form:{form}", text=f"{FORMS[form]} opened {clock_time(signal.at, zone)}")
    if form_sent(signal) and not so_far.sent:
        yield Milestone(key="sent", text=f"form sent {clock_time(signal.at, zone)}")


def _notice(alert: Alert, before: AlertText, new: Milestone, at: datetime) -> Notice:
    return Notice(
        id=derived("milestone", alert.id, new.key),
        kind="milestone",
        to=alert.to,
        at=at,
        text=NoticeText(
            push=cut(f"{before.name}: {new.text}", 150),
            title="",
            sections=(Section(label="", rows=(Row(text=new.text),)),),
        ),
        alert=alert.id,
    )


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
