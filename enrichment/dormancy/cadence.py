"""An account's own rhythm of orders, and how likely it is that no order comes soon (pure).

The probability is that of a customer-base model (BG/NBD's family, with gamma gaps: MBG/CNBD-k). Behind each account:
- orders come at a rate of its own; rates differ between accounts by a gamma distribution (`shape`, `scale_days`);
- gaps between orders are gamma distributed with regularity k: k = 1 is pure chance, larger k is a steady rhythm.
  Which k an account has is learnt from its own gaps, starting from the shares `regular`;
- after each order the account leaves for good with a chance of its own (beta distributed: `leave`, `stay`).
All of it integrates in closed form, so an answer costs microseconds and needs no fitting at run time. The prior was
fitted for the smallest log loss on Online Retail II (`python -m bench.dormancy --fit`): trade customers of
a wholesaler. An account's own orders outweigh it after a few gaps; for one-time buyers it is nearly all there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import exp, lgamma, log
from statistics import median

WINDOW_DAYS = 90
"""How far ahead `p_no_purchase` looks, unless told otherwise."""

MIN_ORDERS = 3
"""Below this many days with an order, there is no rhythm to speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed about an account before its orders are known."""

    shape: float
    scale_days: float
    leave: float
    stay: float
    regular: tuple[tuple[int, float], ...]
    """Regularity k → share of accounts."""


DEFAULT_PRIOR = Prior(
    shape=1.0847, scale_days=164.83, leave=0.1803, stay=1.5699, regular=((1, 0.6879), (2, 0.155), (4, 0.1571))
)
"""Fitted by `python -m bench.dormancy ../shared/data/purchases/online_retail_orders_train.csv --fit --all`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """The rhythm of an account's orders before a moment."""

    orders: int
    """Days on which something was ordered."""
    silent_days: int
    """Whole days since the last order."""
    usual_gap_days: float | None
    """Median gap between orders; None below MIN_ORDERS."""
    spread_days: float | None
    """How much gaps differ from the usual one: their median distance from it; None below MIN_ORDERS."""
    p_no_purchase: float
    """Probability that no order comes within the window."""

    @property
    def overdue(self) -> float | None:
        """The present silence in usual gaps; None without a rhythm."""
        return self.silent_days / self.usual_gap_days if self.usual_gap_days else None


def cadence(
    orders: Sequence[datetime], as_of: datetime, *, window_days: int = WINDOW_DAYS, prior: Prior = DEFAULT_PRIOR
) -> Cadence | None:
    """Return the rhythm of the orders before `as_of`; None when there was none. Several orders a day count once."""
    before = [at for at in orders if at < as_of]
    if not before:
        return None
    days = order_days(before)
    gaps = [later - earlier for earlier, later in pairwise(days)]
    silent = (as_of - max(before)).total_seconds() / 86_400
    usual = float(median(gaps)) if len(days) >= MIN_ORDERS else None
    return Cadence(
        orders=len(days),
        silent_days=int(silent),
        usual_gap_days=usual,
        spread_days=float(median(abs(gap - usual) for gap in gaps)) if usual is not None else None,
        p_no_purchase=p_no_purchase(gaps, silent, window_days, prior),
    )


def order_days(orders: Sequence[datetime]) -> list[int]:
    """Return the days with an order, as ordinals, in order, each once."""
    return sorted({date.toordinal(at) for at in orders})


def p_no_purchase(
    gaps: Sequence[float], silent: float, window_days: float = WINDOW_DAYS, prior: Prior = DEFAULT_PRIOR
) -> float:
    """Return the probability of no order in the next `window_days`.

    `gaps`: days between successive orders, none of them 0; `silent`: days since the last order.
    """
    now: list[float] = []
    later: list[float] = []
    span = sum(gaps)
    logs = sum(map(log, gaps))
    for k, share in prior.regular:
        if share > 0:
            weight = log(share) + len(gaps) * (k * log(k) - lgamma(k)) + (k - 1) * logs
            left = weight + _log_left(len(gaps), span, k, prior)
            now += (left, *(weight + term for term in _log_stays(len(gaps), span, silent, k, prior)))
            later += (left, *(weight + term for term in _log_stays(len(gaps), span, silent + window_days, k, prior)))
    return min(1.0, exp(_log_sum(later) - _log_sum(now)))


def _log_left(orders: int, span: float, k: int, prior: Prior) -> float:
    """Return the log weight of the case that the account left after its last order."""
    power = prior.shape + k * orders
    chance = prior.leave / (prior.stay + orders)  # leaving now against staying, after having stayed so often
    return log(chance) + lgamma(power) - power * log(prior.scale_days + k * span)


def _log_stays(orders: int, span: float, silent: float, k: int, prior: Prior) -> list[float]:
    """Return the log weights of the cases that it still buys and the gap under way is in its j-th of k stages."""
    power = prior.shape + k * orders
    rate = log(prior.scale_days + k * (span + silent))
    terms = [lgamma(power) - power * rate]
    if silent > 0:
        waited = log(k * silent)
        terms += [j * waited - lgamma(j + 1) + lgamma(power + j) - (power + j) * rate for j in range(1, k)]
    return terms


def _log_sum(terms: Sequence[float]) -> float:
    top = max(terms)
    return top + log(sum(exp(term - top) for term in terms))
