"""When somebody is told, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from alert_signals import MOMENT, bare_signal, full_briefing, full_signal, view, visit_of

from alerts.decide import Context, decide, grow
from alerts.message import from_data
from alerts.pages import page_steps
from alerts.reps.rep import Hours, Rep
from alerts.routing import Routed
from alerts.throttle import LastAlert, Restraint, holding
from core.alerting import Alert, Hold, Silence
from core.domain import Signal, SignalKind

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


ANNA = Rep(email="anna@example.com", hours=Hours(zone=ZoneInfo("Europe/Berlin")), most_a_day=3)
NIGHT = replace(ANNA, hours=replace(ANNA.hours, begin=time(11)))
"""At 10:42 in Berlin her hours haven't begun."""


@pytest.mark.parametrize(
    ("restraint", "expected"),
    [
        (Restraint(), None),
        (Restraint(rep=ANNA), None),
        (Restraint(rep=ANNA, told_today=2), None),
        (Restraint(rep=ANNA, told_today=3), Hold.CAP),
        (Restraint(rep=replace(ANNA, most_a_day=0)), Hold.CAP),
        (Restraint(rep=NIGHT), Hold.QUIET),
        (Restraint(rep=replace(ANNA, away_from=MOMENT.date())), Hold.QUIET),
        (Restraint(rep=replace(NIGHT, hours=replace(NIGHT.hours, acts=False))), None),
        (Restraint(is_demoted=True), Hold.DEMOTED),
        (Restraint(is_held_out=True), Hold.HOLDOUT),
        (Restraint(in_shadow=True), Hold.SHADOW),
        # the first reason that holds is given
        (Restraint(rep=NIGHT, told_today=3), Hold.QUIET),
        (Restraint(rep=NIGHT, told_today=3, is_demoted=True), Hold.DEMOTED),
        (Restraint(rep=NIGHT, is_demoted=True, is_held_out=True), Hold.HOLDOUT),
        (Restraint(is_demoted=True, is_held_out=True, in_shadow=True), Hold.SHADOW),
        # the demo's alerts stay in the preview and wait for nobody
        (Restraint(is_exempt=True, rep=NIGHT, told_today=9, is_demoted=True, is_held_out=True, in_shadow=True), None),
    ],
)
def test_holds(restraint: Restraint, expected: Hold | None) -> None:
    """An alert waits for shadow mode, the held-out share, a demoted rule, the rep's hours and day; in this order."""
    alert = decide(full_signal(), full_briefing(), Context(restraint=restraint), MOMENT)
    assert isinstance(alert, Alert)
    assert alert.hold == expected


def test_history_is_never_held() -> None:
    """What was found in history is never sent: there is nothing to hold."""
    signal = replace(full_signal(), visit=visit_of(view("/pricing", late=2 * HOUR)))
    context = Context(restraint=Restraint(in_shadow=True, rep=NIGHT))
    alert = decide(signal, full_briefing(), context, MOMENT)
    assert isinstance(alert, Alert)
    assert (alert.backfill, alert.hold) == (True, None)


def test_the_message_says_which_of_the_day_it_is() -> None:
    """`2 of max 3 today` stands in an alert that is sent, not in one that waits."""
    told = decide(full_signal(), full_briefing(), Context(restraint=Restraint(rep=ANNA, told_today=1)), MOMENT)
    held = decide(full_signal(), full_briefing(), Context(restraint=Restraint(rep=NIGHT, told_today=1)), MOMENT)
    assert isinstance(told, Alert)
    assert isinstance(held, Alert)
    assert from_data(told.message).today == (2, 3)
    assert from_data(held.message).today is None


LAST = LastAlert(at=MOMENT - HOUR, score=40.0, rule="score")


@pytest.mark.parametrize(
    ("signal", "last", "speaks"),
    [
        (full_signal(), LAST, False),  # 65 points after 40
        (full_signal(), replace(LAST, score=32.5), True),  # twice as many
        (full_signal(), replace(LAST, score=0.0), False),
        (replace(full_signal(), rule="trigger:signed_click"), LAST, True),
        (replace(full_signal(), rule="trigger:pricing"), replace(LAST, rule="trigger:form"), False),
        (replace(full_signal(), rule="trigger:form"), replace(LAST, rule="trigger:form"), False),
        (replace(full_signal(), rule="a rule of the operator's"), LAST, False),
        (replace(full_signal(), kind="rescue"), LAST, True),
        (replace(full_signal(), kind="rescue"), replace(LAST, kind="rescue"), False),
        (replace(full_signal(), kind="rescue"), replace(LAST, at=MOMENT + HOUR), False),  # older than what was said
    ],
)
def test_only_more_to_say_breaks_the_cool_down(signal: Signal, last: LastAlert, speaks: bool) -> None:
    """Within the cool-down a second alert comes for twice the points, a stronger rule or a rescue, else none."""
    said = decide(signal, full_briefing(), Context(last_alert_at=last.at, last_alert=last), MOMENT)
    assert isinstance(said, Alert) is speaks
    assert speaks or said == Silence.COOL_DOWN


def test_snoozed_accounts_are_silent_until_the_day() -> None:
    """A snooze lasts until its moment, and nothing breaks it."""
    rescue = replace(full_signal(), kind="rescue")
    assert decide(rescue, full_briefing(), Context(snoozed_until=MOMENT + HOUR), MOMENT) == Silence.SNOOZED
    assert isinstance(decide(rescue, full_briefing(), Context(snoozed_until=MOMENT), MOMENT), Alert)


def test_the_route_is_kept() -> None:
    """An alert knows whom it went to and why."""
    routed = Routed(to="jo@example.com", why="Anna is away: Jo stands in.")
    alert = decide(full_signal(), full_briefing(), Context(routed=routed), MOMENT)
    assert isinstance(alert, Alert)
    assert (alert.to, alert.route) == ("jo@example.com", "Anna is away: Jo stands in.")


@pytest.mark.parametrize(
    ("kind", "expected"), [("awake", [Hold.CAP, Hold.DEMOTED, Hold.HOLDOUT]), ("rescue", [None, None, None])]
)
def test_a_rescue_does_not_wait_for_tomorrow(kind: SignalKind, expected: list[Hold | None]) -> None:
    """Neither the limit of the day nor a rule's past holds it, nor is it held out; a rep's night does."""
    rep = Rep(email="anna@example.com", hours=Hours(zone=ZoneInfo("UTC")), most_a_day=3)
    held = (
        Restraint(rep=rep, told_today=3),
        Restraint(rep=rep, is_demoted=True),
        Restraint(rep=rep, is_held_out=True),
    )
    assert [holding(restraint, MOMENT, kind) for restraint in held] == expected
    assert holding(held[0], MOMENT.replace(hour=2), kind) is Hold.QUIET


def test_a_page_that_is_seen_again_adds_to_its_time() -> None:
    """Back and forth between two pages are two steps, in the order in which each was first seen."""
    views = [
        view(path, engaged_ms=30_000, at=MOMENT + timedelta(minutes=minute))
        for minute, path in enumerate(("/pricing", "/spare-parts", "/pricing", "/pricing"))
    ]
    assert [(step.label, step.engaged_ms) for step in page_steps(views)] == [
        ("Pricing", 90_000),
        ("Spare parts", 30_000),
    ]
