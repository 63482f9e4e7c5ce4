"""Measures `p_no_purchase` on real orders against a plain recency baseline, and fits its prior (`--fit`).

Customers are split in two by a hash of their id. The prior and the baseline are fitted on one half and judged on the
other, on rolling dates: what is known before the date predicts whether an order comes in the 90 days after it.

    python -m bench.dormancy ../shared/data/purchases/online_retail_orders_train.csv [--fit]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from math import exp, log
from pathlib import Path

from enrichment.dormancy.cadence import DEFAULT_PRIOR, Prior, p_no_purchase

WINDOW = 90
History = tuple[list[float], float]
"""Gaps between orders, and days since the last one."""


def read_orders(path: Path) -> dict[str, list[int]]:
    """Return customer → days with an order, ascending."""
    days: dict[str, set[int]] = {}
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in csv.DictReader(lines):
            stamp = row.get("order_time") or row["order_date"]
            days.setdefault(row["customer_id"], set()).add(datetime.fromisoformat(stamp).toordinal())
    return {customer: sorted(found) for customer, found in days.items()}


def split(customer: str) -> int:
    return zlib.crc32(customer.encode()) % 2


def history(days: Sequence[int], as_of: int) -> History | None:
    before = [day for day in days if day < as_of]
    if not before:
        return None
    gaps = [float(later - earlier) for earlier, later in pairwise(before)]
    return gaps, float(as_of - before[-1])


def examples(orders: dict[str, list[int]], half: int, dates: Sequence[int]) -> Iterator[tuple[History, bool]]:
    """Yield each history of one half with whether no order followed within the window."""
    for customer, days in orders.items():
        if split(customer) != half:
            continue
        for as_of in dates:
            known = history(days, as_of)
            if known:
                yield known, not any(as_of <= day < as_of + WINDOW for day in days)


def auc(scores: Sequence[float], truths: Sequence[bool]) -> float:
    """Return the probability that a random positive has the higher score; ties count half."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks, position = [0.0] * len(scores), 0
    while position < len(order):
        end = position
        while end < len(order) and scores[order[end]] == scores[order[position]]:
            end += 1
        for index in order[position:end]:
            ranks[index] = (position + end + 1) / 2
        position = end
    positives = sum(truths)
    return (sum(rank for rank, truth in zip(ranks, truths, strict=True) if truth) - positives * (positives + 1) / 2) / (
        positives * (len(truths) - positives)
    )


def brier(scores: Sequence[float], truths: Sequence[bool]) -> float:
    return sum((score - truth) ** 2 for score, truth in zip(scores, truths, strict=True)) / len(truths)


def calibration_error(scores: Sequence[float], truths: Sequence[bool], bins: int = 10) -> float:
    """Return the mean gap between what was said and what came, over bins of equal size."""
    pairs = sorted(zip(scores, truths, strict=True))
    size = len(pairs)
    total = 0.0
    for number in range(bins):
        part = pairs[number * size // bins : (number + 1) * size // bins]
        total += abs(sum(score for score, _ in part) - sum(truth for _, truth in part))
    return total / size


def recency_baseline(training: Sequence[tuple[History, bool]], bins: int = 20) -> Callable[[float], float]:
    """Return days since the last order → share without an order, as seen in the training half."""
    pairs = sorted((known[1], truth) for known, truth in training)
    size = len(pairs)
    parts = [pairs[number * size // bins : (number + 1) * size // bins] for number in range(bins)]
    steps = [(part[-1][0], sum(truth for _, truth in part) / len(part)) for part in parts if part]
    return lambda silent: next((share for limit, share in steps if silent <= limit), steps[-1][1])


def f1(scores: Sequence[float], truths: Sequence[bool], limit: float = 0.5) -> float:
    hits = sum(truth for score, truth in zip(scores, truths, strict=True) if score >= limit)
    said = sum(score >= limit for score in scores)
    return 2 * hits / (said + sum(truths))


def unpack(values: Sequence[float]) -> Prior:
    shares = [1.0, exp(values[4]), exp(values[5])]
    total = sum(shares)
    return Prior(
        shape=exp(values[0]),
        scale_days=exp(values[1]),
        leave=exp(values[2]),
        stay=exp(values[3]),
        regular=tuple((k, share / total) for k, share in zip((1, 2, 4), shares, strict=True)),
    )


def log_loss(scores: Sequence[float], truths: Sequence[bool]) -> float:
    kept = [min(max(score, 1e-6), 1 - 1e-6) for score in scores]
    return -sum(log(score if truth else 1 - score) for score, truth in zip(kept, truths, strict=True)) / len(truths)


def fit(training: Sequence[tuple[History, bool]], steps: int) -> Prior:
    """Return the prior of the smallest log loss of its predictions, found by Nelder and Mead's simplex."""
    truths = [truth for _, truth in training]

    def cost(values: Sequence[float]) -> float:
        if any(abs(value) > 8 for value in values):
            return 1e12
        prior = unpack(values)
        return 1000 * log_loss([p_no_purchase(*known, WINDOW, prior) for known, _ in training], truths)

    start = [log(1.1), log(80), log(0.6), log(3), -1.0, -2.0]
    simplex = [start] + [[v + 0.5 * (i == j) for j, v in enumerate(start)] for i in range(len(start))]
    scored = sorted((cost(point), point) for point in simplex)
    for _ in range(steps):
        worst_cost, worst = scored[-1]
        centre = [sum(point[i] for _, point in scored[:-1]) / (len(scored) - 1) for i in range(len(worst))]
        along = [[c + f * (c - w) for c, w in zip(centre, worst, strict=True)] for f in (1.0, 2.0, 0.5, -0.5)]
        reflected = (cost(along[0]), along[0])
        if reflected < scored[0]:
            scored[-1] = min(reflected, (cost(along[1]), along[1]))
        elif reflected < scored[-2]:
            scored[-1] = reflected
        else:
            inner = along[2] if reflected[0] < worst_cost else along[3]
            tried = (cost(inner), inner)
            if tried[0] < min(worst_cost, reflected[0]):
                scored[-1] = tried
            else:
                best = scored[0][1]
                shrunk = [[(b + v) / 2 for b, v in zip(best, point, strict=True)] for _, point in scored[1:]]
                scored = [scored[0]] + [(cost(point), point) for point in shrunk]
        scored.sort()
        if scored[-1][0] - scored[0][0] < 0.01:
            break
    return unpack(scored[0][1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--fit", action="store_true", help="fit the prior on one half before judging the other")
    parser.add_argument("--all", action="store_true", help="with --fit: also fit on all customers, to ship")
    parser.add_argument("--steps", type=int, default=250)
    options = parser.parse_args()
    orders = read_orders(options.orders)
    first, last = min(days[0] for days in orders.values()), max(days[-1] for days in orders.values())
    dates = list(range(last + 1 - WINDOW, first + 2 * WINDOW - 1, -WINDOW))
    print("as of", ", ".join(date.fromordinal(day).isoformat() for day in reversed(dates)), "window", WINDOW, "days")
    prior = DEFAULT_PRIOR
    if options.fit:
        for customers in ("one half", "all") if options.all else ("one half",):
            known = [
                one for half in ((0,) if customers == "one half" else (0, 1)) for one in examples(orders, half, dates)
            ]
            fitted = fit(known, options.steps)
            print(f"fitted on {customers} ({len(known)} examples): {fitted}")
            prior = fitted if customers == "one half" else prior
    training, judged = list(examples(orders, 0, dates)), list(examples(orders, 1, dates))
    truths = [truth for _, truth in judged]
    baseline = recency_baseline(training)
    print(f"n = {len(truths)} judged, {sum(truths) / len(truths):.2f} without an order")
    rows: dict[str, list[float]] = {
        "recency": [baseline(known[1]) for known, _ in judged],
        "p_no_purchase": [p_no_purchase(gaps, silent, WINDOW, prior) for (gaps, silent), _ in judged],
    }
    print(f"{'':16}{'Brier':>8}{'AUC':>8}{'ECE':>8}{'F1':>8}")
    for name, scores in rows.items():
        figures = (brier(scores, truths), auc(scores, truths), calibration_error(scores, truths), f1(scores, truths))
        print(f"{name:16}" + "".join(f"{figure:8.3f}" for figure in figures))


if __name__ == "__main__":
    main()
