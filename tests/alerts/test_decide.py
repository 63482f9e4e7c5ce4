"""When somebody is told, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from alert_signals import MOMENT, bare_signal, full_briefing, full_signal, view, visit_of

from alerts.decide import Context, decide, grow
from alerts.message import from_data
from core.alerting import Alert, Silence
from core.domain import Signal

HOUR = timedelta(hours=1)


def _awake(signal: Signal) -> Signal:
    return replace(signal, kind=None, dormancy=replace(signal.dormancy, dormant=False))


@pytest.mark.parametrize(
    ("signal", "context", "expected"),
    [
        (_awake(full_signal()), Context(), Silence.NOT_DORMANT),
        (replace(full_signal(), qualified=False), Context(), Silence.BELOW_THRESHOLD),
        (replace(full_signal(), confidence=0.69), Context(), Silence.UNSURE),
        (full_signal(), Context(alert_point=0.99), Silence.UNSURE),
        (full_signal(), Context(last_alert_at=MOMENT - 23 * HOUR), Silence.COOL_DOWN),
        (full_signal(), Context(last_alert_at=MOMENT + 23 * HOUR), Silence.COOL_DOWN),
        # the first reason that holds is given
        (_awake(replace(full_signal(), qualified=False, confidence=0.1)), Context(), Silence.NOT_DORMANT),
        (replace(full_signal(), confidence=0.1, qualified=False), Context(), Silence.BELOW_THRESHOLD),
        (replace(full_signal(), confidence=0.1), Context(last_alert_at=MOMENT), Silence.UNSURE),
    ],
)
def test_silences(signal: Signal, context: Context, expected: Silence) -> None:
    """Each reason to be silent is given, in a fixed order."""
    actual = decide(signal, full_briefing(), context, MOMENT)
    assert actual == expected


@pytest.mark.parametrize(
    "context",
    [
        Context(),
        Context(alert_point=0.98),
        Context(last_alert_at=MOMENT - 24 * HOUR),
        Context(last_alert_at=MOMENT - HOUR, cool_down=timedelta(0)),
        Context(last_backfill_at=MOMENT - HOUR),
    ],
)
def test_alerts(context: Context) -> None:
    """A sure, dormant, interested account outside its cool-down is told of; alerts from history don't hush news."""
    alert = decide(full_signal(), full_briefing(), context, MOMENT)
    assert isinstance(alert, Alert)
    assert (alert.to, alert.backfill, alert.score) == ("anna@example.com", False, 65.0)


def test_a_replay_makes_the_same_alert() -> None:
    """The id follows from account and visit alone."""
    first = decide(full_signal(), full_briefing(), Context(), MOMENT)
    again = decide(replace(full_signal(), confidence=0.9), full_briefing(), Context(), MOMENT + HOUR)
    assert isinstance(first, Alert) and isinstance(again, Alert)
    assert again.id == first.id


@pytest.mark.parametrize(
    ("late", "judged", "expected"),
    [
        (timedelta(minutes=59), HOUR, False),
        (timedelta(minutes=61), HOUR * 2, True),
        (timedelta(0), HOUR * 23, False),
        (timedelta(0), HOUR * 25, True),
    ],
)
def test_history_is_never_news(late: timedelta, judged: timedelta, expected: bool) -> None:
    """A visit that arrived over an hour late, or is judged a day later, makes an alert that is not sent."""
    signal = replace(full_signal(), visit=visit_of(view("/pricing", late=late)))
    alert = decide(signal, full_briefing(), Context(), MOMENT + judged)
    assert isinstance(alert, Alert)
    assert alert.backfill is expected


def test_history_has_its_own_cool_down() -> None:
    """Two visits within a day in an imported log make one alert."""
    signal = replace(full_signal(), visit=visit_of(view("/pricing", late=2 * HOUR)))
    context = Context(last_backfill_at=MOMENT - HOUR)
    assert decide(signal, full_briefing(), context, MOMENT) == Silence.COOL_DOWN


def test_nobody_owns_it() -> None:
    """An account without owner, or with a garbled one, goes to the fallback and not to nobody."""
    for owner in ("", "  ", "anna", "anna @example.com"):
        signal = replace(bare_signal(), account=replace(bare_signal().account, owner_email=owner))
        alert = decide(signal, full_briefing(), Context(), MOMENT)
        assert isinstance(alert, Alert)
        assert alert.to == ""


def test_a_growing_visit_keeps_its_alert() -> None:
    """A further page changes the message and the score, not the id, the recipient or the time."""
    signal = full_signal()
    alert = decide(signal, full_briefing(), Context(needed_points=60), MOMENT)
    assert isinstance(alert, Alert)
    views = (*signal.visit.views, view("/contact", "Contact", 5_000, MOMENT + timedelta(minutes=5)))
    grown = grow(alert, replace(signal, visit=visit_of(*views)), full_briefing())
    assert replace(grown, message=alert.message) == alert
    assert "Contact 0:05" in from_data(grown.message).lines[0].text
    assert from_data(grown.message).why_now.endswith("= 65 (60 needed)")


def test_growing_needs_the_same_account() -> None:
    """A visit that turns out to be of another account doesn't rewrite the alert; another visit's is a mistake."""
    alert = decide(full_signal(), full_briefing(), Context(), MOMENT)
    assert isinstance(alert, Alert)
    other = replace(full_signal(), account=bare_signal().account)
    assert grow(alert, other, full_briefing()) == alert
    with pytest.raises(ValueError, match="another visit"):
        grow(alert, replace(full_signal(), visit=visit_of(view("/"), id="visit-2")), full_briefing())


def test_a_visit_stamped_in_the_future_is_history() -> None:
    """A log line of another time zone or year is shown and never sent: when it was, nobody can tell."""
    ahead = timedelta(days=1)
    signal = full_signal()
    views = tuple(replace(view, at=view.at + ahead) for view in signal.visit.views)
    later = replace(signal, visit=replace(signal.visit, views=views))

    said = decide(later, full_briefing(), Context(), MOMENT + timedelta(minutes=3))

    assert isinstance(said, Alert)
    assert said.backfill
