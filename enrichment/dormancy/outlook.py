"""Asks a fitted model about activities: from orders as they are recorded to days and amounts (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from core.domain import Activity
from enrichment.dormancy.criteria import is_order
from enrichment.dormancy.features import Orders
from enrichment.dormancy.fit import FittedCadence

Outlook = Callable[[Sequence[Activity], datetime, float], float]
"""Orders, the moment, days ahead → the probability of no order in them."""


def orders_before(activities: Sequence[Activity], as_of: datetime) -> Orders | None:
    """Return the orders before `as_of`, a day's as one; None where there was none."""
    by_day: dict[int, float] = {}
    for one in activities:
        if one.at < as_of and is_order(one):
            day = date.toordinal(one.at)
            by_day[day] = by_day.get(day, 0.0) + float(one.amount or 0)
    if not by_day:
        return None
    days = tuple(sorted(by_day))
    midnight = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    now = as_of.toordinal() + (as_of - midnight).total_seconds() / 86_400
    return Orders(days=days, amounts=tuple(by_day[day] for day in days), now=now)


def outlook(fitted: FittedCadence) -> Outlook:
    """Return the fitted model as judge_dormancy asks it."""

    def answer(orders: Sequence[Activity], as_of: datetime, window_days: float) -> float:
        known = orders_before(orders, as_of)
        return 1.0 if known is None else fitted.p_no_order(known, window_days)

    return answer
