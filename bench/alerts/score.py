"""Counts what was named rightly and wrongly, with intervals by drawing owners anew (pure)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One visit: whose it is, whom it was given to, and how surely."""

    owner: str
    truth: str
    named: str
    confidence: float
    group: str

    @property
    def right(self) -> bool:
        return bool(self.named) and self.named == self.truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.n}"


def precision(rows: Sequence[Outcome], point: float) -> tuple[float, int]:
    """Return the share of right names among the visits named at `point` or more, and how many those are."""
    named = [row for row in rows if row.named and row.confidence >= point]
    return (sum(row.right for row in named) / len(named) if named else 1.0), len(named)


def recall(rows: Sequence[Outcome], point: float) -> tuple[float, int]:
    """Return the share of customers' visits rightly named at `point` or more, and how many visits there were."""
    there = [row for row in rows if row.truth]
    return (sum(row.right and row.confidence >= point for row in there) / len(there) if there else 1.0), len(there)


def wrong_per_thousand(rows: Sequence[Outcome], point: float) -> tuple[float, int]:
    """Return wrong names per 1,000 visits."""
    wrong = sum(bool(row.named) and not row.right and row.confidence >= point for row in rows)
    return (1000 * wrong / len(rows) if rows else 0.0), len(rows)


def expected_calibration_error(rows: Sequence[Outcome], bands: int) -> tuple[float, int]:
    """Return the mean distance of confidence and share of right names, over equally filled bands, and the n."""
    named = sorted((row for row in rows if row.named), key=lambda row: row.confidence)
    if not named:
        return 0.0, 0
    total = 0.0
    for band in banded(named, bands):
        total += abs(sum(row.confidence for row in band) - sum(row.right for row in band))
    return total / len(named), len(named)


def banded(named: Sequence[Outcome], bands: int) -> list[Sequence[Outcome]]:
    """Cut rows, sorted by confidence, into `bands` of equal size."""
    edges = [round(number * len(named) / bands) for number in range(bands + 1)]
    return [named[a:b] for a, b in pairwise(edges) if b > a]


def with_interval(
    rows: Sequence[Outcome], measure: Callable[[Sequence[Outcome]], tuple[float, int]], draws: int = 500
) -> Figure:
    """Return a measure with its bootstrap interval; owners are drawn, not visits, so that repeats don't count twice."""
    by_owner: dict[str, list[Outcome]] = {}
    for row in rows:
        by_owner.setdefault(row.owner, []).append(row)
    groups, dice = list(by_owner.values()), random.Random(7)
    seen = sorted(
        measure([row for group in dice.choices(groups, k=len(groups)) for row in group])[0] for _ in range(draws)
    )
    value, n = measure(rows)
    return Figure(value=value, low=seen[round(0.025 * draws)], high=seen[round(0.975 * draws) - 1], n=n)
