"""Prints the figures of the alert bench: precision and recall at the alert and the digest point, with intervals.

python -m bench.alerts.run [--seeds N] [--half 0|1] [--wrong] [--out FOLDER]

Half 0 of the labelled ranges (by a hash of the registered name) was used to fit the confidence, half 1 is reported. The
shipped weights of the ranges' kinds were fitted on both halves; the bench judges each half by weights of the other.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from app.dashboard.measured import FILE
from app.dashboard.reliability_plot import Band, svg
from bench.alerts import score
from bench.alerts.kinds import not_fitted_on
from bench.alerts.line import Named, run_world
from bench.alerts.owners import DATA, Owner, owners
from bench.alerts.registries import ask_registries
from bench.alerts.score import Outcome, with_interval
from bench.alerts.world import Customer, World, make_world
from core import clock
from core.domain import ALERT_POINT, DIGEST_POINT
from core.log import set_up


def background() -> list[Customer]:
    """Read the listed companies of the shared customer list: names to be confused with."""
    with (DATA / "crm" / "accounts.csv").open(encoding="utf-8") as file:
        return [
            Customer(id=f"B-{row['account_id']}", name=row["name"], domain=row["domain"], country=row["country"])
            for row in csv.DictReader(file)
            if not row["account_id"].startswith(("C-", "D-"))
        ]


def outcomes(world: World, named: Sequence[Named]) -> list[Outcome]:
    """Hold what was named against the truth."""
    return [
        Outcome(
            owner=visit.owner.registered,
            truth=visit.account,
            named="" if found.drop else found.account,
            confidence=found.confidence,
            group=visit.group,
        )
        for visit, found in zip(world.visits, named, strict=True)
    ]


def one_world(
    rows: Sequence[Owner], around: Sequence[Customer], seed: int, *, natural: bool
) -> tuple[World, list[Named]]:
    """Make one world and send its visits through the line."""
    world = make_world(rows, around, seed, natural=natural)
    with tempfile.TemporaryDirectory() as home:
        return world, run_world(world, Path(home), {}, ask_registries)


def report(rows: Sequence[Outcome]) -> dict[str, score.Figure]:
    """Return the figures of the issue's table."""
    return {
        "alert point: precision": with_interval(rows, partial(score.precision, point=ALERT_POINT)),
        "alert point: recall": with_interval(rows, partial(score.recall, point=ALERT_POINT)),
        "digest point: precision": with_interval(rows, partial(score.precision, point=DIGEST_POINT)),
        "digest point: recall": with_interval(rows, partial(score.recall, point=DIGEST_POINT)),
        "expected calibration error": with_interval(rows, partial(score.expected_calibration_error, bands=5)),
    }


def publish(rows: Sequence[Outcome]) -> None:
    """Write how said confidence and share of right names compare: for the dashboard, and as a picture."""
    error = with_interval(rows, partial(score.expected_calibration_error, bands=5))
    named = sorted((row for row in rows if row.named), key=lambda row: row.confidence)
    bands = [
        Band(
            said=sum(row.confidence for row in part) / len(part),
            right=sum(row.right for row in part) / len(part),
            n=len(part),
        )
        for part in score.banded(named, 5)
    ]
    stored = {
        "made_at": clock.now().date().isoformat(),
        "n": error.n,
        "ece": round(error.value, 4),
        "low": round(error.low, 4),
        "high": round(error.high, 4),
        "bands": [{"said": round(band.said, 4), "right": round(band.right, 4), "n": band.n} for band in bands],
    }
    FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    picture = Path(tempfile.gettempdir()) / "reliability.svg"
    picture.write_text(svg(bands, "How sure we said, and how often we were right", alone=True), encoding="utf-8")
    print(f"  the reliability plot is {picture}")


def show_wrong(world: World, named: Sequence[Named]) -> None:
    """Print each wrong name, for reading."""
    name_of = {each.id: f"{each.name} ({each.country or '?'})" for each in world.customers}
    for visit, found in zip(world.visits, named, strict=True):
        if found.account and not found.drop and found.account != visit.account:
            truth = name_of.get(visit.account, "nobody")
            print(
                f"  {found.confidence:.2f}  {visit.owner.registered} ({visit.owner.country}) was taken for "
                f"{name_of[found.account]}; it is {truth}"
            )


def main() -> int:
    """Print the figures; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--half", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="print each wrong name of the first world")
    parser.add_argument("--publish", action="store_true", help="write what the dashboard shows of the calibration")
    parser.add_argument("--out", type=Path, help="write the outcomes there as JSON lines")
    given = parser.parse_args()
    if not DATA.is_dir():
        print("the folder of real data is not at shared/data beside the checkout", file=sys.stderr)
        return 2
    set_up("warning", "bench")
    rows, around = [row for row in owners() if row.half == given.half], background()
    everything: list[Outcome] = []
    drops: Counter[str] = Counter()
    alerts = 0
    started = time.monotonic()
    with not_fitted_on(given.half):
        for seed in range(101, 101 + given.seeds):
            world, named = one_world(rows, around, seed, natural=False)
            everything += outcomes(world, named)
            ends = zip(world.visits, named, strict=True)
            drops.update(found.drop or "named" for visit, found in ends if visit.account)
            alerts += sum(found.alerted for found in named)
            if given.wrong and seed == 101:
                show_wrong(world, named)
        world, named = one_world(rows, around, 99, natural=True)
        mixed = outcomes(world, named)
    figures = report(everything)
    figures["wrong names per 1,000 human visits (alert point)"] = with_interval(
        mixed, partial(score.wrong_per_thousand, point=ALERT_POINT)
    )
    groups = Counter(row.group for row in everything)
    seconds = time.monotonic() - started
    print(f"half {given.half}: {len(everything)} visits ({dict(groups)}), {alerts} alerts, {seconds:.0f} s")
    for what, figure in figures.items():
        print(f"  {what:50} {figure}")
    print("  customers' visits ended as", ", ".join(f"{drop} {count}" for drop, count in drops.most_common()))
    if given.publish:
        publish(everything)
    if given.out:
        given.out.write_text("".join(json.dumps(asdict(row)) + "\n" for row in everything), encoding="utf-8")
    missed = (
        figures["alert point: precision"].value < 0.98
        or figures["alert point: precision"].low < 0.95
        or figures["alert point: recall"].value < 0.5
        or figures["digest point: precision"].value < 0.85
        or figures["digest point: recall"].value < 0.75
        or figures["wrong names per 1,000 human visits (alert point)"].value > 1
    )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
