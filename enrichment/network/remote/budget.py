"""Says whether a registry may be asked now: how often, and not while it is out of order (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FAILURES = 3
"""Failures in a row after which a registry is left alone."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
LEAST_AFTER_429 = timedelta(minutes=1)
LONGEST_RETRY_AFTER = timedelta(hours=24)
PROBE = timedelta(minutes=1)
"""How long a probe may be under way before another is allowed."""
_WHOLE = 1 - 1e-6


class BreakerState(StrEnum):
    """Whether a registry is asked: closed (yes), open (no), half-open (one call, to see)."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often a source may be asked."""

    per_minute: int
    per_day: int

    @property
    def burst(self) -> int:
        """Calls that may come at once after a rest: with the refill they stay under the limit in any minute."""
        return max(1, self.per_minute // 5)

    @property
    def refill(self) -> float:
        """Calls that may come for each second that passes."""
        return (self.per_minute - self.burst) / 60 if self.per_minute > self.burst else self.per_minute / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Where a source stands: calls left, and its circuit breaker. Made anew at each step; kept across restarts."""

    name: str
    tokens: float
    filled_at: datetime
    day: str = ""
    day_used: int = 0
    failures: int = 0
    """In a row."""
    opened: int = 0
    """How often in a row the breaker has opened: each pause is twice as long."""
    open_until: datetime | None = None
    probed_at: datetime | None = None
    last_error: str = ""
    asked: int = 0
    """Calls ever."""
    answered: int = 0


def fresh(name: str, limits: Limits, now: datetime) -> Budget:
    """Return the budget of a source that was never asked."""
    return Budget(name=name, tokens=float(limits.burst), filled_at=now)


def breaker(budget: Budget, now: datetime) -> BreakerState:
    """Return the state of the breaker at a moment."""
    if budget.open_until is None:
        return BreakerState.CLOSED
    return BreakerState.OPEN if now < budget.open_until else BreakerState.HALF_OPEN


def may_ask_at(budget: Budget, limits: Limits, now: datetime) -> datetime:
    """Return when the source may next be asked; `now` or earlier means at once."""
    state = breaker(budget, now)
    if state is BreakerState.OPEN and budget.open_until:
        return budget.open_until
    if state is BreakerState.HALF_OPEN and budget.probed_at and now < budget.probed_at + PROBE:
        return budget.probed_at + PROBE
    if budget.day == _day(now) and budget.day_used >= limits.per_day:
        return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    tokens = _tokens(budget, limits, now)
    if tokens >= _WHOLE:
        return now
    return now + timedelta(seconds=(1 - tokens) / limits.refill)


def taken(budget: Budget, limits: Limits, now: datetime) -> Budget:
    """Return the budget after one call that begins now; the caller has seen that it may."""
    day = _day(now)
    return replace(
        budget,
        tokens=_tokens(budget, limits, now) - 1,
        filled_at=max(now, budget.filled_at),
        day=day,
        day_used=(budget.day_used if budget.day == day else 0) + 1,
        asked=budget.asked + 1,
        probed_at=now if breaker(budget, now) is BreakerState.HALF_OPEN else None,
    )


def succeeded(budget: Budget) -> Budget:
    """Return the budget after an answer, be it "no such network": the breaker closes."""
    return replace(
        budget, failures=0, opened=0, open_until=None, probed_at=None, last_error="", answered=budget.answered + 1
    )


def failed(budget: Budget, now: datetime, why: str, *, retry_after: timedelta | None, throttled: bool) -> Budget:
    """Return the budget after a call that came to nothing.

    The breaker opens after some failures in a row, at once when the source asks for a rest or fails its probe.
    """
    failures = budget.failures + 1
    noted = replace(budget, failures=failures, probed_at=None, last_error=why[:300])
    if not throttled and failures < FAILURES and budget.open_until is None:
        return noted
    pause = min(FIRST_PAUSE * 2 ** min(budget.opened, 10), LONGEST_PAUSE)
    if throttled:
        pause = max(pause, LEAST_AFTER_429, min(retry_after or timedelta(0), LONGEST_RETRY_AFTER))
    return replace(noted, opened=budget.opened + 1, open_until=now + pause, tokens=min(budget.tokens, 1.0))


def _tokens(budget: Budget, limits: Limits, now: datetime) -> float:
    passed = max(0.0, (now - budget.filled_at).total_seconds())
    return min(float(limits.burst), budget.tokens + passed * limits.refill)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
