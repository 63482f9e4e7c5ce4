"""Measures what is learnt from histories of orders: who orders nothing next, and how much earlier silence is told.

    python -m bench.cadence [--data ../shared/data/purchases]

Table: for each moment, all customers' histories up to it are learnt from, and what came after it judges the answers;
no customer's later orders are ever seen by what is judged. Intervals are of 200 bootstrap samples of customers.

Earlier: customers are split in two by a hash. One half is learnt from; in the other each silence that ended in an
order, and each that did not end for half a year, is walked through week by week. A rule flags a silence when it has
gone on for so many days (fixed), or when the probability of no order in the next 30 days is so high (ours). Both are
set to flag the same share of the silences that ended in an order; then the days count until the silences that did not
end are told.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import time
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from statistics import median

from bench.dormancy import auc, brier, calibration_error, f1, split
from enrichment.dormancy.bgnbd import fit_bgnbd
from enrichment.dormancy.features import Orders
from enrichment.dormancy.fit import FittedCadence, customer, fit_histories

FILES = {"Online Retail II": "online_retail_orders_train.csv", "CDNOW": "cdnow_orders_train.csv.gz"}
CASES = (
    ("Online Retail II", "2011-03-12", 90),
    ("Online Retail II", "2011-03-12", 180),
    ("Online Retail II", "2011-06-12", 90),
    ("Online Retail II", "2011-06-12", 180),
    ("Online Retail II", "2011-09-10", 90),
    ("CDNOW", "1997-10-01", 90),
    ("CDNOW", "1997-10-01", 180),
    ("CDNOW", "1997-10-01", 273),
    ("CDNOW", "1998-01-01", 180),
    ("CDNOW", "1998-04-01", 90),
)
AHEAD = 30
"""Days in which an order is awaited when a silence is judged: short, so that frequent buyers are told early."""
LOST = 180
"""A silence of so many days that did not end before the data did is a lost customer's."""
STEP = 7


def read(path: Path) -> dict[str, tuple[tuple[int, ...], tuple[float, ...]]]:
    """Return customer → days with an order, and what was ordered on each."""
    found: dict[str, dict[int, float]] = {}
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in csv.DictReader(lines):
            day = datetime.fromisoformat(row.get("order_time") or row["order_date"]).toordinal()
            days = found.setdefault(row["customer_id"], {})
            days[day] = days.get(day, 0.0) + float(row["amount"])
    return {one: (tuple(sorted(days)), tuple(days[day] for day in sorted(days))) for one, days in found.items()}


def interval(scores: Sequence[float], truths: Sequence[bool], rounds: int = 200) -> tuple[float, float, float, float]:
    """Return the middle 95 % of AUC and of F1 over bootstrap samples."""
    rng, size = random.Random(1), len(scores)
    figures = []
    for _ in range(rounds):
        drawn = rng.choices(range(size), k=size)
        sample, outcome = [scores[i] for i in drawn], [truths[i] for i in drawn]
        figures.append((auc(sample, outcome), f1(sample, outcome)))
    low, high = int(rounds * 0.025), int(rounds * 0.975)
    areas, fs = sorted(a for a, _ in figures), sorted(f for _, f in figures)
    return areas[low], areas[high], fs[low], fs[high]


def table(data: Path, rounds: int) -> None:
    """Print how well each case is answered, beside BG/NBD and half a year of silence."""
    for name, moment, window in CASES:
        as_of = date.fromisoformat(moment).toordinal()
        known, truths = [], []
        for days, amounts in read(data / FILES[name]).values():
            whole = Orders(days=days, amounts=amounts, now=float(as_of))
            before = whole.until(as_of)
            if before is not None:
                known.append(before)
                truths.append(not whole.any_between(as_of, as_of + window))
        began = time.process_time()
        model = fit_histories(known, window)
        ours = [model.p_no_order(one) for one in known]
        took = time.process_time() - began
        peer = fit_bgnbd([customer(one) for one in known], tolerance=1e-8)
        assert peer is not None
        print(f"\n{name}, {moment}, {window} days: n = {len(known)}, {sum(truths) / len(truths):.2f} without an order")
        print(f"{'':20}{'AUC':>8}{'F1':>8}{'Brier':>8}{'ECE':>8}")
        rows = {
            "silent > 180 days": [float(one.silent > 180) for one in known],
            "BG/NBD": [peer.p_no_order(customer(one), window) for one in known],
            "--fit": ours,
        }
        for title, scores in rows.items():
            figures = (auc(scores, truths), f1(scores, truths), brier(scores, truths))
            print(
                f"{title:20}" + "".join(f"{one:8.3f}" for one in (*figures, calibration_error(scores, truths))),
                flush=True,
            )
        if rounds:
            a, b, c, d = interval(ours, truths, rounds)
            print(f"{'  95 % interval':20} AUC {a:.3f}-{b:.3f}, F1 {c:.3f}-{d:.3f}; {took:.1f} s of CPU")


def flag_days(model: FittedCadence, orders: Orders, last: int, until: int) -> list[tuple[float, int]]:
    """Return probability and days of silence, week by week, from the order number `last` on."""
    days, amounts = orders.days[: last + 1], orders.amounts[: last + 1]
    return [
        (model.p_no_order(Orders(days=days, amounts=amounts, now=float(days[-1] + silent))), silent)
        for silent in range(STEP, until + 1, STEP)
    ]


def earlier(data: Path, name: str = "Online Retail II") -> None:
    """Print how many days before the fixed rule ours flags the customers who were lost."""
    orders = read(data / FILES[name])
    end = max(days[-1] for days, _ in orders.values())
    moment = end - LOST
    learnt = []
    ended: list[list[tuple[float, int]]] = []
    lost: list[list[tuple[float, int]]] = []
    for one, (days, amounts) in orders.items():
        if split(one) == 0:
            before = Orders(days=days, amounts=amounts, now=float(moment)).until(moment)
            learnt += [before] if before else []
    model = fit_histories(learnt, AHEAD)
    for one, (days, amounts) in orders.items():
        if split(one) == 0:
            continue
        whole = Orders(days=days, amounts=amounts, now=float(end))
        for number, gap in enumerate(whole.gaps()):
            ended.append(flag_days(model, whole, number, int(gap) - 1))
        if end - days[-1] >= LOST:
            lost.append(flag_days(model, whole, len(days) - 1, end - days[-1]))
    print(f"\n{name}: {len(ended)} silences that ended in an order, {len(lost)} customers lost")
    peaks = sorted((max((p for p, _ in walk), default=0.0) for walk in ended), reverse=True)
    lengths = sorted((len(walk) * STEP for walk in ended), reverse=True)
    for fixed in (90, 120, 150, 180, 240, 300):
        wrong = bisect_left([-length for length in lengths], -fixed + 1)
        limit = peaks[min(wrong, len(peaks) - 1)]
        gained, ours_told, fixed_told = [], 0, 0
        for walk in lost:
            told = next((silent for p, silent in walk if p > limit), None)
            by_fixed = fixed if walk[-1][1] >= fixed else None
            ours_told += told is not None
            fixed_told += by_fixed is not None
            last = walk[-1][1] + STEP
            gained.append((by_fixed or last) - (told or last))
        share = wrong / len(ended)
        print(
            f"silent {fixed} days = P > {limit:.3f} ({share:.1%} false): told {fixed_told} and {ours_told}; "
            f"days earlier: median {median(gained):.0f}, mean {sum(gained) / len(gained):.0f}, "
            f"earlier for {sum(one > 0 for one in gained) / len(gained):.0%}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/purchases"))
    parser.add_argument("--rounds", type=int, default=200, help="bootstrap samples; 0: no intervals")
    parser.add_argument("--only", choices=("table", "earlier"))
    options = parser.parse_args()
    if options.only != "earlier":
        table(options.data, options.rounds)
    if options.only != "table":
        earlier(options.data)


if __name__ == "__main__":
    main()
