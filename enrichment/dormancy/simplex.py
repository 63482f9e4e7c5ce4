"""Finds the smallest value of a function of a few numbers without its slope: Nelder and Mead's simplex (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Point = tuple[float, ...]


def minimise(
    cost: Callable[[Point], float],
    start: Sequence[float],
    *,
    step: float = 0.5,
    steps: int = 500,
    tolerance: float = 1e-10,
) -> tuple[Point, float]:
    """Return where `cost` is smallest near `start`, and its value there.

    Ends after `steps` moves, or when all corners of the simplex lie within `tolerance` (relative) of the best value.
    """
    first = tuple(start)
    corners = [first] + [tuple(v + step * (i == j) for j, v in enumerate(first)) for i in range(len(first))]
    scored = sorted((cost(point), point) for point in corners)
    for _ in range(steps):
        if scored[-1][0] - scored[0][0] <= tolerance * (abs(scored[0][0]) + tolerance):
            break
        scored = _moved(scored, cost)
    value, best = scored[0]
    return best, value


def _moved(scored: list[tuple[float, Point]], cost: Callable[[Point], float]) -> list[tuple[float, Point]]:
    """Return the corners after one move: the worst one is reflected, stretched or drawn in, or all shrink."""
    worst_cost, worst = scored[-1]
    others = scored[:-1]
    centre = [sum(point[i] for _, point in others) / len(others) for i in range(len(worst))]

    def along(factor: float) -> tuple[float, Point]:
        point = tuple(c + factor * (c - w) for c, w in zip(centre, worst, strict=True))
        return cost(point), point

    reflected = along(1.0)
    if reflected < scored[0]:
        return sorted([*others, min(reflected, along(2.0))])
    if reflected < scored[-2]:
        return sorted([*others, reflected])
    drawn_in = along(0.5 if reflected[0] < worst_cost else -0.5)
    if drawn_in[0] < min(worst_cost, reflected[0]):
        return sorted([*others, drawn_in])
    best = scored[0][1]
    shrunk = [tuple((b + v) / 2 for b, v in zip(best, point, strict=True)) for _, point in scored[1:]]
    return sorted([scored[0], *((cost(point), point) for point in shrunk)])
