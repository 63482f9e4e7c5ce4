"""Whether an account's use of the product has fallen below its own measure: not for a holiday, but for weeks (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median

from core.domain import Activity, ActivityKind, UsageDecline

USES: tuple[ActivityKind, ...] = ("usage", "login")
"""Kinds of activity that are use of the product."""

BASELINE_WEEKS = 8
LOOK_BACK_WEEKS = 34
"""How many complete weeks are looked at: longer than that, and it is no decline any more but silence."""

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageWeek:
    """How often an account used the product in one week."""

    monday: date
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRule:
    """When use counts as fallen."""

    share: float = 0.6
    """The part of the baseline that must be gone."""
    weeks: int = 3
    """For how many complete weeks on end."""
    least: float = 5
    """Below this baseline (uses a week) chance alone moves the figures."""


def monday(moment: datetime | date) -> date:
    """Return the Monday (UTC) of the week of a moment."""
    day = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    return day - timedelta(days=day.weekday())


def weekly(activities: Iterable[Activity]) -> tuple[UsageWeek, ...]:
    """Return the weeks with use among `activities`, oldest first."""
    counts = Counter(monday(one.at) for one in activities if one.kind in USES)
    return tuple(UsageWeek(monday=week, uses=counts[week]) for week in sorted(counts))


def usage_decline(weeks: Sequence[UsageWeek], as_of: datetime, rule: DeclineRule) -> UsageDecline | None:
    """Return how far use had fallen at `as_of`; None while it hasn't, or where too little is known to say.

    Only complete weeks count, and a week without use counts as 0. The baseline is the median of the 8 weeks before the
    decline. The week under way can only end a decline: once it alone reaches the measure, use has recovered.
    """
    known = {one.monday: one.uses for one in weeks}
    this = monday(as_of)
    first = min((week for week, uses in known.items() if uses), default=this)
    last_weeks = [known.get(this - n * _WEEK, 0) for n in range(1, LOOK_BACK_WEEKS + 1) if this - n * _WEEK >= first]
    found: UsageDecline | None = None
    for length in range(rule.weeks, len(last_weeks) - BASELINE_WEEKS + 1):
        fallen, before = last_weeks[:length], last_weeks[length : length + BASELINE_WEEKS]
        baseline = float(median(before))
        limit = (1 - rule.share) * baseline
        if baseline >= rule.least and max(fallen) <= limit and known.get(this, 0) <= limit:
            found = UsageDecline(baseline=baseline, now=sum(fallen) / length, weeks=length)
    return found


def decline_text(decline: UsageDecline) -> str:
    """Return a decline as a sentence."""
    return (
        f"Use of the product is down {round(decline.share * 100)} % for {decline.weeks} weeks "
        f"({_number(decline.now)} instead of {_number(decline.baseline)} a week)."
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
