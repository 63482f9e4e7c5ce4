"""A ridge logistic regression on a few thousand rows, by Newton's method (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from operator import mul

Row = list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A fitted regression: what comes in is first scaled as the training rows were, and kept within their range."""

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    weight: tuple[float, ...]
    constant: float
    reach: float

    def log_odds(self, row: Sequence[float]) -> float:
        """Return the log odds of a yes; each feature counts as at most `reach` spreads from its mean."""
        total = self.constant
        for value, mean, spread, weight in zip(row, self.mean, self.spread, self.weight, strict=True):
            total += weight * max(-self.reach, min(self.reach, (value - mean) / spread))
        return total


def fit_logistic(
    rows: Sequence[Sequence[float]], truths: Sequence[bool], *, ridge: float, reach: float = 4.0, steps: int = 12
) -> Logistic:
    """Return the regression of the least loss plus `ridge` / 2 × the squared weights, on scaled features.

    The constant isn't held back. Features that never vary get no weight.
    """
    size = len(rows)
    columns = list(zip(*rows, strict=True))
    mean = [sum(column) / size for column in columns]
    spread = [
        (sum((value - m) ** 2 for value in column) / size) ** 0.5 or 1.0
        for column, m in zip(columns, mean, strict=True)
    ]
    scaled = [
        [1.0, *(max(-reach, min(reach, (v - m) / s)) for v, m, s in zip(row, mean, spread, strict=True))]
        for row in rows
    ]
    width = len(columns) + 1
    beta = [0.0] * width
    for _ in range(steps):
        slope, bend = _derivatives(scaled, truths, beta)
        for j in range(1, width):
            slope[j] -= ridge * beta[j]
            bend[j][j] += ridge
        bend[0][0] += 1e-9
        move = _solve(bend, slope)
        longest = max(map(abs, move))
        beta = [b + m * min(1.0, 2.0 / longest if longest else 1.0) for b, m in zip(beta, move, strict=True)]
        if longest < 1e-4:
            break
    return Logistic(mean=tuple(mean), spread=tuple(spread), weight=tuple(beta[1:]), constant=beta[0], reach=reach)


def _derivatives(scaled: Sequence[Row], truths: Sequence[bool], beta: Row) -> tuple[Row, list[Row]]:
    """Return the slope of the log likelihood, and its bend (negative second derivatives), upper triangle mirrored."""
    errors: Row = []
    pulls: Row = []
    for row, truth in zip(scaled, truths, strict=True):
        p = chance(sum(map(mul, row, beta)))
        errors.append(truth - p)
        pulls.append(p * (1 - p))
    columns = list(zip(*scaled, strict=True))
    slope = [sum(map(mul, column, errors)) for column in columns]
    bend = [[0.0] * len(columns) for _ in columns]
    for i, column in enumerate(columns):
        pulled = list(map(mul, column, pulls))
        for j in range(i, len(columns)):
            bend[i][j] = bend[j][i] = sum(map(mul, pulled, columns[j]))
    return slope, bend


def _solve(matrix: list[Row], right: Row) -> Row:
    """Return x of matrix · x = right, for a symmetric positive definite matrix (Cholesky)."""
    size = len(right)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(map(mul, lower[i][:j], lower[j][:j]))
            lower[i][j] = max(rest, 1e-12) ** 0.5 if i == j else rest / lower[j][j]
    half: Row = []
    for i in range(size):
        half.append((right[i] - sum(map(mul, lower[i][:i], half))) / lower[i][i])
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (half[i] - sum(lower[k][i] * found[k] for k in range(i + 1, size))) / lower[i][i]
    return found


def chance(log_odds: float) -> float:
    """Return the probability of these log odds."""
    return 1 / (1 + exp(-max(-40.0, min(40.0, log_odds))))
