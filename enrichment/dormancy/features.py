"""What a history of orders looks like from a moment: the numbers from which the future is predicted (pure)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, log1p


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The orders of one customer up to a moment, a day's orders as one; days are ordinals, with a fraction for now."""

    days: tuple[int, ...]
    """Days with an order, ascending, each once."""
    amounts: tuple[float, ...]
    """What was ordered on each of them; 0 where it isn't known."""
    now: float

    def gaps(self) -> list[float]:
        return [float(later - earlier) for earlier, later in pairwise(self.days)]

    @property
    def silent(self) -> float:
        return max(0.0, self.now - self.days[-1])

    @property
    def age(self) -> float:
        return max(0.0, self.now - self.days[0])

    def until(self, moment: float) -> Orders | None:
        """Return what was known before `moment`; None where that was nothing."""
        known = bisect_left(self.days, moment)
        return Orders(days=self.days[:known], amounts=self.amounts[:known], now=moment) if known else None

    def any_between(self, start: float, end: float) -> bool:
        """Return whether there is an order from `start` up to, but without, `end`."""
        return bisect_left(self.days, start) < bisect_left(self.days, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knots:
    """Where the curves of silence and age may bend: in log days, at shares of the customers."""

    silent: tuple[float, ...]
    age: tuple[float, ...]


def knots(known: Sequence[Orders]) -> Knots:
    """Return the bends at every fifth of these histories."""
    return Knots(
        silent=_fifths([log1p(one.silent) for one in known]),
        age=_fifths([log1p(one.age) for one in known]),
    )


def _fifths(values: list[float]) -> tuple[float, ...]:
    values.sort()
    return tuple(values[len(values) * part // 5] for part in range(1, 5))


_BENDS_OF_COUNT = tuple(log(count) for count in (1.5, 3, 6, 12))


def features(known: Orders, window: float, bends: Knots) -> list[float]:
    """Return the features of one history, all of them numbers; see the names beside them."""
    gaps = known.gaps()
    count, silent = len(known.days), known.silent
    quiet, many = log1p(silent), log(count)
    mean = sum(gaps) / len(gaps) if gaps else 0.0
    longest = max(gaps, default=0.0)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5 if gaps else 0.0
    last_of = [len(known.days) - bisect_left(known.days, known.now - window * part) for part in (1 / 3, 1, 2, 4)]
    total = sum(known.amounts)
    return [
        *_bent(quiet, bends.silent),
        *_bent(many, _BENDS_OF_COUNT),
        *_bent(log1p(known.age), bends.age),
        1.0 if count == 1 else 0.0,
        quiet if count == 1 else 0.0,
        1.0 if count == 2 else 0.0,
        log1p(mean),
        log1p(gaps[0]) if gaps else 0.0,
        log1p(gaps[-1]) if gaps else 0.0,
        log1p(longest),
        log1p(spread),
        log1p(silent / mean) if gaps else 0.0,
        log1p(silent / longest) if gaps else 0.0,
        *(log1p(orders) for orders in last_of),
        log1p(max(0.0, total / count)),
        log1p(max(0.0, known.amounts[-1])),
        log1p(max(0.0, total)),
    ]


def _bent(value: float, bends: Sequence[float]) -> list[float]:
    """Return the value, and by how much it lies beyond each bend."""
    return [value, *(max(0.0, value - bend) for bend in bends)]
