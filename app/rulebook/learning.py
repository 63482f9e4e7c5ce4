"""Which page-class weights feedback asks for, and whether weeks that weren't looked at agree (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""What a class's points may be multiplied by."""
HELD_OUT = 0.35
"""The share of the judged alerts, the newest, on which a proposal must prove itself."""
LEAST_TRAINING, LEAST_HELD_OUT = 40, 24
LEAST_OF_CLASS = 8
"""Judged alerts with and without a page of a class, below which nothing is said of it."""
MOST_CHANGED = 3
LEAST_GAIN = 0.025
"""What a changed class must bring on the earlier weeks, as area under the curve."""
PENALTY = 0.004
SURE = 2.0
"""So many standard errors must lie between the improvement and nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAlert:
    """An alert that people said something of, and what its points came from."""

    at: datetime
    account: str
    useful: bool
    by_class: Mapping[str, float]
    """Page class → points of its pages."""
    other: float
    """All other points."""

    def score(self, factors: Mapping[str, float]) -> float:
        """Return the points with each class's multiplied by its factor."""
        return self.other + sum(points * factors.get(name, 1.0) for name, points in self.by_class.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """New factors, and how they did on the held-out weeks; `is_better` says whether they may be proposed."""

    factors: Mapping[str, float]
    """Only the classes that change."""
    trained_on: int
    held_out: int
    since: datetime
    """From when on alerts were held out."""
    k: int
    before: float
    """Share of useful ones among the k best of the held-out alerts, by the points as they are."""
    after: float
    error: float
    """The standard error of the difference."""

    @property
    def gain(self) -> float:
        return self.after - self.before

    @property
    def at_least(self) -> float:
        """The lower end of the gain."""
        return self.gain - SURE * self.error

    @property
    def is_better(self) -> bool:
        return bool(self.factors) and self.at_least > 0


def learn(judged: Sequence[JudgedAlert]) -> Learned | str:
    """Return what the earlier weeks ask for, measured on the later ones; or why nothing can be said, as a sentence.

    Of an account's alerts in one week the last one counts: they say the same thing.
    """
    alerts = _one_a_week(judged)
    needed = LEAST_TRAINING + LEAST_HELD_OUT
    cut = len(alerts) - max(LEAST_HELD_OUT, round(len(alerts) * HELD_OUT))
    cut = _start_of_week(alerts, cut) if cut > 0 else cut
    training, held_out = alerts[: max(cut, 0)], alerts[max(cut, 0) :]
    if len(training) < LEAST_TRAINING or len(held_out) < LEAST_HELD_OUT:
        return f"Too little feedback: {len(alerts)} judged alerts over whole weeks, at least {needed} are needed."
    if len({one.useful for one in training}) < 2 or len({one.useful for one in held_out}) < 2:
        return "All feedback says the same, so nothing tells good alerts from others."
    factors = _fit(training)
    k = max(1, round(sum(one.useful for one in held_out)))
    k = min(k, len(held_out) // 2)
    before, after, error = _compare(held_out, factors, k)
    return Learned(
        factors=factors,
        trained_on=len(training),
        held_out=len(held_out),
        since=held_out[0].at,
        k=k,
        before=before,
        after=after,
        error=error,
    )


def _one_a_week(judged: Sequence[JudgedAlert]) -> list[JudgedAlert]:
    last = {(one.account, *one.at.isocalendar()[:2]): one for one in sorted(judged, key=lambda one: one.at)}
    return sorted(last.values(), key=lambda one: (one.at, one.account))


def _start_of_week(alerts: Sequence[JudgedAlert], cut: int) -> int:
    """Move the cut back to the first alert of its week: no week is on both sides."""
    week = alerts[cut].at.isocalendar()[:2]
    while cut > 0 and alerts[cut - 1].at.isocalendar()[:2] == week:
        cut -= 1
    return cut


def _fit(training: Sequence[JudgedAlert]) -> dict[str, float]:
    """Return the few factors that part useful alerts from others best, the most telling class first."""
    names = sorted({name for one in training for name in one.by_class})
    fit = [
        name
        for name in names
        if LEAST_OF_CLASS <= sum(name in one.by_class for one in training) <= len(training) - LEAST_OF_CLASS
    ]
    factors: dict[str, float] = {}
    best = _worth(training, factors)
    while len(factors) < MOST_CHANGED:
        tried = [{**factors, name: factor} for name in fit if name not in factors for factor in FACTORS]
        worths = [(_worth(training, one), -place) for place, one in enumerate(tried)]
        worth, place = max(worths, default=(0.0, 0))
        if worth < best + LEAST_GAIN:
            break
        best, factors = worth, tried[-place]
    return factors


def _worth(alerts: Sequence[JudgedAlert], factors: Mapping[str, float]) -> float:
    """Return the area under the curve, less what the changes cost: of two that do alike, the smaller one counts."""
    cost = PENALTY * sum(abs(factor - 1.0) for factor in factors.values())
    return _area(sorted((one.score(factors), one.useful) for one in alerts)) - cost


def _area(ranked: Sequence[tuple[float, bool]]) -> float:
    """Return how often a useful alert stands above another one; ties count half. `ranked` rises."""
    below = above = 0
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        good = sum(useful for _, useful in ranked[place:end])
        bad = end - place - good
        total += good * (below + bad / 2)
        below += bad
        above += good
        place = end
    return total / (below * above) if below and above else 0.5


def _compare(held_out: Sequence[JudgedAlert], factors: Mapping[str, float], k: int) -> tuple[float, float, float]:
    """Return (precision of the k best before, after, the standard error of the difference).

    Only alerts that leave the best or come into them tell before and after apart.
    """
    old, new = _best(held_out, {}, k), _best(held_out, factors, k)
    left, came = sorted(old - new), sorted(new - old)
    swapped = len(left)
    if not swapped:
        return _share(held_out, old), _share(held_out, new), 0.0
    variance = 0.0
    for some in (left, came):
        useful = sum(held_out[at].useful for at in some)
        share = (useful + 1) / (swapped + 2)
        variance += share * (1 - share) * swapped
    return _share(held_out, old), _share(held_out, new), sqrt(variance) / k


def _best(alerts: Sequence[JudgedAlert], factors: Mapping[str, float], k: int) -> set[int]:
    order = sorted(range(len(alerts)), key=lambda at: (-alerts[at].score(factors), alerts[at].at, alerts[at].account))
    return set(order[:k])


def _share(alerts: Sequence[JudgedAlert], chosen: set[int]) -> float:
    return sum(alerts[at].useful for at in chosen) / len(chosen)
