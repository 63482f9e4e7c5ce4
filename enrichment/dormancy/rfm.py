"""Recency, frequency and monetary value of accounts, each in five classes of equal size (pure)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain import AccountId

CLASSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What an account's orders come to."""

    last_at: datetime
    orders: int
    """Days on which something was ordered."""
    total_hundredths: int
    """All its orders in the currency it used most, times 100."""
    year_hundredths: int
    """What it was worth a year: its orders of the 365 days up to and with the last one, times 100."""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rfm:
    """Scores from 1 (lowest fifth) to 5 (highest); the higher the better, recency too."""

    recency: int
    frequency: int
    monetary: int

    @property
    def text(self) -> str:
        """The scores as people write them, such as `155`."""
        return f"{self.recency}{self.frequency}{self.monetary}"


def rfm(facts: Mapping[AccountId, OrderFacts]) -> dict[AccountId, Rfm]:
    """Return the scores of each account among all of `facts`.

    A score says in which fifth of the accounts the share of those strictly below falls, so equal values get equal
    scores and the order of the input changes nothing. Amounts of different currencies are compared as they are.
    """
    recency = _scorer([one.last_at.timestamp() for one in facts.values()])
    frequency = _scorer([one.orders for one in facts.values()])
    monetary = _scorer([one.total_hundredths for one in facts.values()])
    return {
        account: Rfm(
            recency=recency(one.last_at.timestamp()),
            frequency=frequency(one.orders),
            monetary=monetary(one.total_hundredths),
        )
        for account, one in facts.items()
    }


def _scorer(values: Sequence[float]) -> Callable[[float], int]:
    ordered = sorted(values)
    return lambda value: 1 + bisect_left(ordered, value) * CLASSES // len(ordered)
