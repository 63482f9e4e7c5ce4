"""Budgets and circuit breakers: what a registry asks of us is kept, to the call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from enrichment.network.remote.budget import (
    BreakerState,
    Budget,
    Limits,
    breaker,
    failed,
    fresh,
    may_ask_at,
    succeeded,
    taken,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LACNIC = Limits(per_minute=10, per_day=2_000)


def asked_in(limits: Limits, span: timedelta, pause: timedelta = timedelta(0)) -> list[datetime]:
    """When calls begin, from somebody who asks as often as is allowed."""
    budget, now, calls = fresh("lacnic", limits, NOON), NOON, []
    while now < NOON + span:
        when = may_ask_at(budget, limits, now)
        if when > now:
            now = when
            continue
        budget = succeeded(taken(budget, limits, now))
        calls.append(now)
        now += pause
    return calls


def test_no_minute_has_more_calls_than_allowed() -> None:
    """In any 60 seconds, wherever they begin, at most 10 calls; and nearly as many as that come."""
    calls = asked_in(LACNIC, timedelta(minutes=20))
    most = max(sum(start <= call < start + timedelta(seconds=60) for call in calls) for start in calls)
    assert 9 <= most <= 10
    assert len(calls) >= 20 * 8


def test_a_day_has_no_more_calls_than_allowed() -> None:
    """When the day's calls are used up, the next one comes after midnight (UTC)."""
    calls = asked_in(Limits(per_minute=60, per_day=100), timedelta(hours=13))
    assert sum(call.day == 20 for call in calls) == 100
    assert min(call for call in calls if call.day == 21).hour == 0


def opened(retry_after: timedelta | None = None, *, throttled: bool = False, failures: int = 3) -> Budget:
    budget = fresh("arin", LACNIC, NOON)
    for _ in range(failures):
        budget = failed(taken(budget, LACNIC, NOON), NOON, "503", retry_after=retry_after, throttled=throttled)
    return budget


def test_three_failures_in_a_row_open_the_breaker() -> None:
    """Two don't; a success between them begins the count anew."""
    assert breaker(opened(failures=2), NOON) is BreakerState.CLOSED
    assert breaker(opened(), NOON) is BreakerState.OPEN
    between = failed(succeeded(opened(failures=2)), NOON, "503", retry_after=None, throttled=False)
    assert breaker(between, NOON) is BreakerState.CLOSED


def test_retry_after_is_honoured_but_not_for_ever() -> None:
    """429 opens at once: for a minute at least, for what the registry asked, for a day at most."""
    for asked, waits in ((None, 60), (5, 60), (600, 600), (10**7, 86_400)):
        budget = opened(timedelta(seconds=asked) if asked else None, throttled=True, failures=1)
        assert budget.open_until == NOON + timedelta(seconds=waits)


def test_one_probe_decides_whether_the_breaker_closes() -> None:
    """Half-open lets one call through; its failure doubles the pause, its success closes."""
    budget = opened()
    assert budget.open_until == NOON + timedelta(seconds=30)
    later = NOON + timedelta(seconds=31)
    assert breaker(budget, later) is BreakerState.HALF_OPEN
    probing = taken(budget, LACNIC, later)
    assert may_ask_at(probing, LACNIC, later) > later
    again = failed(probing, later, "503", retry_after=None, throttled=False)
    assert again.open_until == later + timedelta(seconds=60)
    assert breaker(succeeded(probing), later) is BreakerState.CLOSED


def test_a_probe_that_never_came_back_doesn_t_hold_the_breaker_for_ever() -> None:
    """The process may have been killed meanwhile."""
    later = NOON + timedelta(seconds=31)
    probing = taken(opened(), LACNIC, later)
    assert may_ask_at(probing, LACNIC, later + timedelta(minutes=2)) <= later + timedelta(minutes=2)


def test_pauses_end_somewhere() -> None:
    """However long a registry is away, it is tried once an hour."""
    budget, now = opened(), NOON
    for _ in range(20):
        assert budget.open_until is not None
        now = budget.open_until
        budget = failed(taken(budget, LACNIC, now), now, "503", retry_after=None, throttled=False)
    assert budget.open_until == now + timedelta(hours=1)
