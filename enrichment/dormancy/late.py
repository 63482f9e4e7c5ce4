"""Whether an order is missing by an account's own rhythm: when it was due, and how late it is (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.domain import LateOrder
from enrichment.dormancy.cadence import Cadence, cadence
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.states import day


def late_order(orders: Sequence[datetime], as_of: datetime, rules: DormancyRules) -> LateOrder | None:
    """Return the order that was missing at `as_of`; None while none was, or the account has no rhythm."""
    return late_by(max(orders, default=None), cadence(orders, as_of), rules)


def late_by(ordered_at: datetime | None, rhythm: Cadence | None, rules: DormancyRules) -> LateOrder | None:
    """Return the order that is missing by this rhythm, the last one having come at `ordered_at`."""
    if ordered_at is None or rhythm is None or rhythm.usual_gap_days is None or rhythm.spread_days is None:
        return None
    if rhythm.overdue is None or rhythm.overdue <= rules.rhythm.overdue:
        return None
    return LateOrder(
        due_at=ordered_at + timedelta(days=rhythm.usual_gap_days),
        days_late=rhythm.silent_days - round(rhythm.usual_gap_days),
        usual_gap_days=rhythm.usual_gap_days,
        spread_days=rhythm.spread_days,
    )


def late_text(late: LateOrder) -> str:
    """Return a missing order as a sentence, such as `Order was due 2 Nov 2025, 23 days late (every 30 ±6 days).`"""
    every = f"every {round(late.usual_gap_days)} ±{round(late.spread_days)} days"
    return f"Order was due {day(late.due_at)}, {late.days_late} days late ({every})."
