"""Measures what scoring a visit costs for an account with 100 past visits and for one with 100,000.

    python -m bench.scoring_cost [postgresql://…]      without a URL: a new SQLite file

Timed is what the line does for one visit: reading the past and scoring with it. The account has come evenly for two
years; 200 others stand beside it. Rounds alternate between the two, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine, insert, text

from app.schema import metadata
from core import clock
from core.database import chunks, open_engine, reading, writing
from core.domain import AccountId, Dormancy, PageView, PageViewId, SiteId, State, Visit, VisitId, VisitorId
from enrichment.intent.rules import load_scoring
from enrichment.intent.scoring import score
from enrichment.intent.store import Asked, past_visits
from enrichment.tables import judgements

NOW = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
SITE = SiteId("shop.example.com")
SIZES = (100, 100_000)
_YEARS = timedelta(days=729)
_RULES = load_scoring()


def fill(engine: Engine, sizes: Iterable[int] = SIZES, others: int = 200) -> None:
    """Give one account as many visits as each of `sizes`, and `others` fifty each."""
    dice = Random(1)
    metadata.create_all(engine)
    for size, name in [*((size, f"A-{size}") for size in sizes), *((50, f"O-{number}") for number in range(others))]:
        rows = [
            {
                "visit": f"{name}-{number:06}",
                "site": SITE,
                "visitor": f"v{dice.randrange(1_000)}",
                "at": NOW - _YEARS * ((number + dice.random()) / size),
                "candidates": [],
                "why": {"score": [{"text": "Pricing read for 0:31", "points": 30.0, "code": "page:pricing"}]},
                "account": name,
                "own_points": dice.choice([0.0, 2.0, 5.0, 15.0, 30.0]),
            }
            for number in range(size)
        ]
        with writing(engine) as connection:
            for some in chunks(rows, 5_000):
                connection.execute(insert(judgements), list(some))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def seconds(engine: Engine, size: int) -> float:
    """Read the past of the account of that size and score a visit of now; return the seconds that took."""
    visit = _visit()
    asked = [Asked(account=AccountId(f"A-{size}"), visit=visit.id, at=visit.last_at)]
    with reading(engine) as connection:
        started = clock.monotonic()
        past = past_visits(connection, asked, timedelta(days=_RULES.horizon_days))[visit.id]
        score(visit, past, _dormancy(), _RULES, NOW)
        return clock.monotonic() - started


def ratio(engine: Engine, rounds: int) -> tuple[float, float, float]:
    """Return the median milliseconds of the small account and of the large one, and how many times more that is."""
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    for number in range(rounds + 5):
        for size in SIZES:
            took = seconds(engine, size)
            if number >= 5:  # the first rounds compile statements
                found[size].append(took)
    small, large = (statistics.median(found[size]) * 1000 for size in SIZES)
    return small, large, large / small


def _visit() -> Visit:
    view = PageView(
        id=PageViewId("p"),
        site=SITE,
        at=NOW,
        received_at=NOW,
        visitor=VisitorId("me"),
        ip=None,
        path="/pricing",
        engaged_ms=31_000,
    )
    return Visit(
        id=VisitId("now"),
        site=SITE,
        visitor=view.visitor,
        ip=None,
        user_agent="",
        started_at=NOW,
        last_at=NOW,
        received_at=NOW,
        views=(view,),
    )


def _dormancy() -> Dormancy:
    return Dormancy(
        account=AccountId("A"),
        as_of=NOW,
        state=State.DORMANT,
        tier="1_year",
        dormant=True,
        silent_days=412,
        usual_gap_days=90.0,
        p_no_purchase=None,
        rule="default",
        left_over="",
        why=(),
    )


def main() -> int:
    """Print the figures; 1 when the large account costs more than twice as much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", nargs="?")
    parser.add_argument("--rounds", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(given.database or f"sqlite:///{Path(folder) / 'cost.db'}")
        fill(engine)
        small, large, times = ratio(engine, given.rounds)
        name = engine.dialect.name
        print(f"{name}: {small:.2f} ms with 100 past visits, {large:.2f} ms with 100,000: {times:.2f} times")
        engine.dispose()
    return 0 if times <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
