"""Planted uplift: does the comparison of alerted and held out tell the truth? `make bench-uplift`.

Each run is a made installation: accounts with alerts over two years, a held-out share drawn by the real draw, orders by
chance, and a manager who looks every month. Asked of 1,000 runs each:
- does the interval shown at the end cover the truth (aim: in 93 to 97 of 100)?
- under the null, where alerts bring nothing: is nothing claimed, at any of the looks (aim: in at least 95 of 100)?
- with real uplift: how often is it claimed at all?
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.worth.holdout import is_held_out
from alerts.worth.outcomes import WINDOW, Order, Told, worth
from core.domain import AccountId

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One kind of installation."""

    accounts: int
    share: float
    base: float
    """Share of accounts that order within 90 days without an alert."""
    uplift: float
    """What alerts add to it."""
    expected: float = 0.1
    """What the operator thought `base` to be."""


WORLDS = (
    World(accounts=400, share=0.1, base=0.1, uplift=0.0),
    World(accounts=1_500, share=0.1, base=0.1, uplift=0.0),
    World(accounts=1_500, share=0.2, base=0.05, uplift=0.0),
    World(accounts=400, share=0.1, base=0.1, uplift=0.1),
    World(accounts=1_500, share=0.1, base=0.1, uplift=0.1),
    World(accounts=1_500, share=0.2, base=0.05, uplift=0.05),
    World(accounts=1_500, share=0.5, base=0.15, uplift=0.03),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one installation's manager was shown."""

    covers: bool
    claimed: bool
    """At any of the looks."""


def run(world: World, seed: int, looks: int = 22) -> Run:
    """Make one installation and look at it `looks` times, a month apart."""
    chance = random.Random(seed)
    told: list[Told] = []
    orders: list[Order] = []
    for number in range(world.accounts):
        account = AccountId(f"account {number}")
        at = BEGIN + timedelta(days=chance.uniform(0, 360))
        held = is_held_out(account, world.share, f"seed {seed}", at)
        told.append(Told(account=account, at=at, is_held_out=held, was_told=not held))
        if chance.random() < world.base + (0.0 if held else world.uplift):
            orders.append(Order(account=account, at=at + WINDOW * chance.uniform(0.01, 0.99)))
    seen = [
        worth(told, orders, BEGIN + MONTH * month, share=world.share, expected=world.expected).compared
        for month in range(24 - looks, 24)
    ]
    last = seen[-1]
    return Run(covers=last.low <= world.uplift <= last.high, claimed=any(one.is_proven for one in seen))


def main(runs: int = 1_000) -> int:
    """Print one line for each world; return 1 when an aim is missed."""
    missed = 0
    print("accounts held  base  uplift   covered  claimed")
    for world in WORLDS:
        all_runs = [run(world, seed) for seed in range(runs)]
        covered = sum(one.covers for one in all_runs) / runs
        claimed = sum(one.claimed for one in all_runs) / runs
        wrong = not 0.93 <= covered <= 0.97 or (world.uplift == 0 and claimed > 0.05)
        missed |= wrong
        print(
            f"{world.accounts:8} {world.share:4.0%} {world.base:5.0%} {world.uplift:+7.0%}"
            f"   {covered:7.1%}  {claimed:7.1%}{'   MISSED' if wrong else ''}"
        )
    print(f"{runs} runs each; the null must be claimed in at most 5 of 100, over all monthly looks")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
