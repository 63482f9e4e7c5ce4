"""Puts what was found into words: how sure, what would be normal, the sentence at the end (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import exp

from alerts.wording import days
from app.tryout.findings import Band, Customer, Money, Normal, Period
from core.domain import ALERT_POINT

SURE = 0.9
"""From this confidence on we say "sure"."""
PROBABLE = ALERT_POINT
"""From this confidence on we say "probable"; it is also where a rep is told (`alerts.decide`)."""

NO_ORDERS = "Nobody can be dormant without orders: add ACTIVITIES=orders.csv, or a column “last order” to the accounts."

_TAIL = 0.05


def band(confidence: float) -> Band:
    """Return the word for a confidence from 0 to 1."""
    if confidence >= SURE:
        return "sure"
    return "probable" if confidence >= PROBABLE else "unsure"


def count(bands: Iterable[Band], wanted: Band) -> int:
    """Return how many are in a band."""
    return sum(one == wanted for one in bands)


def total_worth(customers: Iterable[Customer]) -> tuple[Money, ...]:
    """Return what these customers bought, one sum per currency, the largest first."""
    sums: dict[str, Decimal] = {}
    for customer in customers:
        if customer.worth is not None:
            sums[customer.worth.currency] = sums.get(customer.worth.currency, Decimal(0)) + customer.worth.amount
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Money(amount=amount, currency=currency) for currency, amount in ordered if amount > 0)


def normal(dormant_accounts: int, others: int, others_seen: int) -> Normal | None:
    """Return how many of the dormant customers would be on the site if they came as often as the others did.

    `others` are the customers that weren't dormant, `others_seen` those of them who were on the site. None where
    there is nothing to go by. The range leaves out 1 in 20 at each end (Poisson).
    """
    if not (dormant_accounts and others and others_seen):
        return None
    low, high = _poisson_range(dormant_accounts * others_seen / others)
    return Normal(
        low=low,
        high=min(high, dormant_accounts),
        assumption=f"if dormant customers came as often as your others did: {others_seen:,} of {others:,} "
        f"were recognised in this log",
    )


def _poisson_range(mean: float) -> tuple[int, int]:
    if mean > 500:
        spread = 1.645 * mean**0.5
        return round(mean - spread), round(mean + spread)
    low, number, chance, below = 0, 0, exp(-mean), 0.0
    while True:
        if below < _TAIL:
            low = number
        below += chance
        if below >= 1 - _TAIL:
            return low, number
        number += 1
        chance *= mean / number


def headline(sure: int, probable: int, unsure: int, worth: str, period: Period | None) -> str:
    """Return the sentence that the report opens with; `worth` is that of the customers it speaks of."""
    span = f" in {days(period.days)}" if period else ""
    value = f", worth {worth}" if worth else ""
    if sure:
        return f"{_customers(sure)} {_were(sure)} on your site{span}{value}"
    if probable:
        return f"{_customers(probable)} {_were(probable)} probably on your site{span}{value}"
    if unsure:
        return f"{_customers(unsure)} may have been on your site{span}{value}"
    return f"No dormant customer was recognised on your site{span}"


def spoken_of(customers: Sequence[Customer]) -> tuple[Customer, ...]:
    """Return the customers that the headline speaks of: those of the surest band that anybody is in."""
    best = next((one for one in ("sure", "probable", "unsure") if any(c.band == one for c in customers)), "")
    return tuple(customer for customer in customers if customer.band == best)


def beside(sure: int, probable: int, unsure: int) -> tuple[str, ...]:
    """Return what must be said of the customers that the headline leaves out."""
    if sure and (probable or unsure):
        rest = [f"{probable:,} more probably" if probable else "", f"{unsure:,} unsure" if unsure else ""]
        return (f"Beside them: {', '.join(filter(None, rest))}.",)
    if probable and not sure and unsure:
        return (f"{unsure:,} more may have been: unsure.",)
    return ()


def none_found(dormant_accounts: int, accounts: int, with_orders: int, expected: Normal | None) -> tuple[str, ...]:
    """Return the honest sentences for a log in which no dormant customer was recognised."""
    if not with_orders:
        return (NO_ORDERS,)
    if not dormant_accounts:
        return (f"None of the {accounts:,} customers was dormant at the end of the log.",)
    sentences = [f"0 of {dormant_accounts:,} dormant customers."]
    if expected is not None:
        sentences.append(f"Normal at this traffic: {expected.low}-{expected.high}, {expected.assumption}.")
    else:
        sentences.append("No other customer was recognised either, so this log can't tell what would be normal.")
    sentences.append("Surest next step: signed links in your next mailing.")
    return tuple(sentences)


def _customers(number: int) -> str:
    return "1 dormant customer" if number == 1 else f"{number:,} dormant customers"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
