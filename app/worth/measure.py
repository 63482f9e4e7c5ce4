"""What alerts brought, and whether it was the alerts: for the command, the page and the figures above the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from alerts.wording import money
from alerts.worth.outcomes import WINDOW, WonBack, Worth, worth
from alerts.worth.uplift import Uplift
from app.worth import queries
from core.domain import AccountId

LOOK_BACK = timedelta(days=730)
_USUAL_SHARE = 0.1
"""What the plan reckons with while nothing is held out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What alerts brought, ready to be shown."""

    worth: Worth
    recent: tuple[WonBack, ...]
    """Won back with an order in the last 90 days."""
    names: Mapping[AccountId, str]
    share: float
    """Held out now, 0 to 1."""

    @property
    def recent_sums(self) -> tuple[str, ...]:
        """What those ordered, in short form, the largest first; sums of several currencies aren't added up."""
        sums: Counter[str] = Counter()
        for one in self.recent:
            for currency, amount in one.amounts.items():
                sums[currency] += int(amount * 100)
        return tuple(money(Decimal(cents).scaleb(-2), currency) for currency, cents in sums.most_common())

    @property
    def verdict(self) -> str:
        """In a few words whether orders are due to the alerts, such as `not proven: 9 of ~60 held out`."""
        return verdict(self.worth.compared, self.share)


def brought(connection: Connection, now: datetime, *, share: float, expected: float) -> Brought:
    """Return what alerts of the last two years brought until `now`; see `alerts.worth.outcomes.worth`."""
    since = now - LOOK_BACK
    told = queries.told(connection, since)
    orders = queries.orders(connection, sorted({one.account for one in told}), since)
    found = worth(
        told, [order for order in orders if order.at <= now], now, share=share or _USUAL_SHARE, expected=expected
    )
    recent = tuple(one for one in found.won if one.ordered_at >= now - WINDOW)
    names = queries.names(connection, [one.account for one in found.won])
    return Brought(worth=found, recent=recent, names=names, share=share)


def verdict(found: Uplift, share: float) -> str:
    """Return in a few words whether orders are due to the alerts."""
    if found.is_proven:
        return f"proven: {found.difference * 100:+.0f} in 100 accounts order"
    held = found.held.accounts
    if not share and not held:
        return "not measured: nothing is held out"
    if held < found.planned:
        return f"not proven: {held} of ~{found.planned} held out"
    return "not proven: the difference may be chance"


def explained(found: Uplift) -> str:
    """Return the comparison as one sentence, with its interval and what it leaves open."""
    if not found.held.accounts or not found.alerted.accounts:
        return "There is nothing to compare yet: one of the two sides has no account whose 90 days are over."
    return (
        f"Of {found.alerted.accounts} accounts that were told of, {found.alerted.share:.0%} ordered within 90 days; of "
        f"{found.held.accounts} held out, {found.held.share:.0%}: a difference of {found.difference * 100:+.1f} in "
        f"100, somewhere between {found.low * 100:+.1f} and {found.high * 100:+.1f}. Held-out accounts are told of "
        "later, within the 90 days, so the true difference is rather larger than the one seen."
    )
