"""What an account bought, as far as it was known at a moment (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from core.alerting import PurchaseFacts
from core.domain import Activity


def purchase_facts(activities: Iterable[Activity], as_of: datetime) -> PurchaseFacts:
    """Return the purchases among `activities` before `as_of`, summed in the currency used most.

    Amounts in other currencies are left out of the sum: adding them up would name a figure that nobody paid.
    """
    bought = sorted(
        (activity for activity in activities if activity.kind == "purchase" and activity.at < as_of),
        key=lambda activity: activity.at,
    )
    if not bought:
        return PurchaseFacts()
    paid = [activity for activity in bought if activity.amount is not None]
    currency = Counter(activity.currency for activity in paid).most_common(1)[0][0] if paid else ""
    amounts = [activity.amount for activity in paid if activity.currency == currency and activity.amount is not None]
    last = bought[-1]
    return PurchaseFacts(
        lifetime=sum(amounts, Decimal(0)) if amounts else None,
        currency=currency,
        last_at=last.at,
        last_product=last.product,
        last_amount=last.amount,
        orders=len(bought),
    )
