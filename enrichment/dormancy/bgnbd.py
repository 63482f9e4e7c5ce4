"""BG/NBD, the customer-base model of Fader, Hardie and Lee (2005): fitted on counts, answers in closed form (pure).

While alive, a customer orders by chance at a rate of its own (gamma distributed: r, alpha); after each order it leaves
for good with a probability of its own (beta distributed: a, b). All that it needs of a history is how many repeat
orders there were, when the last one was and how long the customer has been known, all from the first order on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import exp, inf, lgamma, log
from typing import NamedTuple

from enrichment.dormancy.simplex import Point, minimise


class Customer(NamedTuple):
    """A history in three numbers, of which the last two are in one unit of time, any."""

    frequency: int
    """Repeat orders: all but the first."""
    recency: float
    """From the first order to the last; 0 for one-time buyers."""
    age: float
    """From the first order to now: T of the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BgNbd:
    """The four parameters; `alpha` is in the unit of time of the customers."""

    r: float
    alpha: float
    a: float
    b: float

    def p_alive(self, customer: Customer) -> float:
        """Return the probability that the customer hasn't left for good; 1 for one-time buyers, by construction."""
        x, recency, age = customer
        if x == 0:
            return 1.0
        odds = log(self.a / (self.b + x - 1)) + (self.r + x) * (log(self.alpha + age) - log(self.alpha + recency))
        return 1 / (1 + exp(min(odds, 700.0)))

    def p_no_order(self, customer: Customer, window: float) -> float:
        """Return the probability that no order comes within `window` from now: left, or alive and quiet."""
        now = self.alpha + customer.age
        quiet = exp((self.r + customer.frequency) * log(now / (now + window)))
        return 1 - self.p_alive(customer) * (1 - quiet)

    def log_likelihood(self, customers: Mapping[Customer, float]) -> float:
        """Return the log likelihood of all `customers`: history → how many have it."""
        if not all(1e-12 < value < 1e9 for value in (self.r, self.alpha, self.a, self.b)):
            return -inf
        constant = cache(self._constant)
        total = 0.0
        for (x, recency, age), count in customers.items():
            power = self.r + x
            alive = -power * log(self.alpha + age)
            if x > 0:
                left = log(self.a / (self.b + x - 1)) - power * log(self.alpha + recency)
                alive, least = (alive, left) if alive > left else (left, alive)
                alive += log(1 + exp(least - alive))
            total += count * (constant(x) + alive)
        return total

    def _constant(self, x: int) -> float:
        """Return what depends on the number of repeat orders alone."""
        purchases = lgamma(self.r + x) - lgamma(self.r) + self.r * log(self.alpha)
        stayed = lgamma(self.a + self.b) + lgamma(self.b + x) - lgamma(self.b) - lgamma(self.a + self.b + x)
        return purchases + stayed


def fit_bgnbd(customers: Iterable[Customer] | Mapping[Customer, float], *, tolerance: float = 1e-13) -> BgNbd | None:
    """Return the parameters of the largest likelihood; None where nothing can be learnt: fewer than 2 repeat buyers.

    Equal histories may be given once, with their number. Time is scaled inside, so any unit does.
    """
    counted = customers if isinstance(customers, Mapping) else Counter(customers)
    if sum(count for (x, _, _), count in counted.items() if x > 0) < 2:
        return None
    unit = max(age for _, _, age in counted) / 40 or 1.0
    scaled: Counter[Customer] = Counter()
    for (x, recency, age), count in counted.items():
        scaled[Customer(x, recency / unit, age / unit)] += count  # type: ignore[assignment]
    size = sum(scaled.values())

    def cost(point: Point) -> float:
        if any(abs(value) > 12 for value in point):
            return inf
        r, alpha, a, b = map(exp, point)
        return -BgNbd(r=r, alpha=alpha, a=a, b=b).log_likelihood(scaled) / size

    best, _ = minimise(cost, (log(0.5), log(5.0), log(0.8), log(2.5)), tolerance=tolerance)
    r, alpha, a, b = map(exp, best)
    return BgNbd(r=r, alpha=alpha * unit, a=a, b=b)
