"""What alerts bring: orders of the alerted against orders of the held out, and what may honestly be said (pure).

Two shares are compared by the interval of Miettinen and Nurminen (Statistics in Medicine 4, 1985, 213-226): it keeps
its promise with few held out and few orders, where the textbook's interval doesn't. What is *claimed* is stricter than
the interval shown: people look every day, and who looks often enough sees something sooner or later. So a claim is
looked for only when the planned number of held-out accounts is complete, and again at each doubling, every time with
half the allowance for error of the time before.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, ceil, copysign, cos, log2, pi, sqrt
from statistics import NormalDist

LEVEL = 0.95
"""Of the interval shown: over many installations it covers the truth in 95 of 100."""

LEAST_HELD = 20
"""No claim rests on fewer held-out accounts than this."""

_POWER = 0.8
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Accounts of one side whose 90 days are over, and how many of them ordered within these."""

    accounts: int
    ordered: int

    @property
    def share(self) -> float:
        return self.ordered / self.accounts if self.accounts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """Both sides at one moment."""

    alerted: Arm
    held: Arm


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """The difference that alerts make, in shares of accounts that order."""

    alerted: Arm
    held: Arm
    difference: float
    """Share that ordered when alerted, less the share when held out."""
    low: float
    high: float
    """The interval of LEVEL around the difference; -1 and 1 while a side is empty."""
    is_proven: bool
    """Whether "alerts bring orders" may be claimed."""
    planned: int
    """Held-out accounts needed before a claim is looked for."""


def uplift(sides: Arms, planned: int, look: Arms | None = None) -> Uplift:
    """Compare the two sides; `planned` is the number of `held_planned`.

    `look`: the sides as they were when the last planned number of held-out accounts was complete (see `planned_look`);
    None while none was. A claim rests on it alone.
    """
    low, high = interval(sides.alerted, sides.held, LEVEL)
    return Uplift(
        alerted=sides.alerted,
        held=sides.held,
        difference=sides.alerted.share - sides.held.share,
        low=low,
        high=high,
        is_proven=look is not None and _is_proven(look, planned),
        planned=planned,
    )


def planned_look(held: int, planned: int) -> int | None:
    """Return at how many held-out accounts the last planned look was: planned, twice, four times …; None: not yet."""
    if held < planned:
        return None
    return planned << int(log2(held / planned))


def _is_proven(look: Arms, planned: int) -> bool:
    number = int(log2(max(1.0, look.held.accounts / planned)))  # 0 for the first look
    allowed = (1 - LEVEL) / 2 ** (number + 1)
    low, _ = interval(look.alerted, look.held, 1 - allowed)
    return look.held.accounts >= LEAST_HELD and low > 0


def held_planned(share: float, expected: float) -> int:
    """Return how many accounts must be held out before anybody should look.

    So many that alerts which double the orders would be seen in 8 of 10 installations, where `expected` (0 to 1) of
    the accounts order without any alert and `share` (0 to 1) is held out. It depends on no data: a plan that follows
    what it sees would stop when it likes what it sees.
    """
    base = min(0.45, max(0.01, expected))
    doubled = base * 2
    alerted_for_each = max(1.0, (1 - share) / share) if 0 < share < 1 else 1.0
    z = _NORMAL.inv_cdf(1 - (1 - LEVEL) / 4) + _NORMAL.inv_cdf(_POWER)
    spread = base * (1 - base) + doubled * (1 - doubled) / alerted_for_each
    return max(LEAST_HELD, ceil(z * z * spread / (doubled - base) ** 2))


def interval(one: Arm, other: Arm, level: float) -> tuple[float, float]:
    """Return the interval of `level` (0 to 1) around the difference of two shares, by Miettinen and Nurminen."""
    if not one.accounts or not other.accounts:
        return -1.0, 1.0
    z = _NORMAL.inv_cdf(0.5 + level / 2)
    seen = one.share - other.share
    return _bound(one, other, seen, -1.0, z), _bound(one, other, seen, 1.0, z)


def _bound(one: Arm, other: Arm, inside: float, outside: float, z: float) -> float:
    """Return where the score reaches z, between a difference inside the interval and one at the end of the scale."""
    if _score(one, other, outside) <= z:
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2
        if _score(one, other, middle) <= z:
            inside = middle
        else:
            outside = middle
    return inside


def _score(one: Arm, other: Arm, difference: float) -> float:
    """Return how many standard errors the difference seen is from `difference`, were that the truth."""
    first, second = _restricted(one, other, difference)
    total = one.accounts + other.accounts
    variance = first * (1 - first) / one.accounts + second * (1 - second) / other.accounts
    variance *= total / (total - 1)
    away = abs(one.share - other.share - difference)
    if variance <= 1e-15:
        return 0.0 if away < 1e-12 else float("inf")
    return away / sqrt(variance)


def _restricted(one: Arm, other: Arm, difference: float) -> tuple[float, float]:
    """Return the likeliest two shares that differ by exactly `difference`: a cubic equation, solved in closed form."""
    n1, n2 = one.accounts, other.accounts
    total, ordered = n1 + n2, one.ordered + other.ordered
    a = float(total)
    b = (n1 + 2 * n2) * difference - total - ordered
    c = (n2 * difference - total - 2 * other.ordered) * difference + ordered
    d = other.ordered * difference * (1 - difference)
    return _solved(a, b, c, d, difference)


def _solved(a: float, b: float, c: float, d: float, difference: float) -> tuple[float, float]:
    q = b**3 / (3 * a) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    p = copysign(sqrt(max(0.0, b * b / (3 * a) ** 2 - c / (3 * a))), q)
    angle = (pi + acos(max(-1.0, min(1.0, q / p**3)))) / 3 if p else 0.0
    second = 2 * p * cos(angle) - b / (3 * a)
    second = min(1.0, max(0.0, second))
    return min(1.0, max(0.0, second + difference)), second
