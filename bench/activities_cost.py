"""Measures what judging one account costs when it has 100, 10,000 or 100,000 past activities, on both databases.

`python -m bench.activities_cost`: median milliseconds to read and judge it, on SQLite and on a private PostgreSQL. Also
what the chore pays that counts its weeks: once, and when nothing but this week is new.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import postgres
from sqlalchemy import Engine, text

from app.schema import metadata
from core.database import open_engine, reading, writing
from core.domain import Account, AccountId
from enrichment.account import store
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.rules import read_rules
from enrichment.dormancy.usage_queries import count_weeks, usage_of
from enrichment.tables import activities, usage_weeks

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SIZES = (100, 1_000, 10_000, 100_000)
KINDS = ("usage", "usage", "usage", "usage", "login", "login", "email_open", "email_click", "contact", "ticket")
RULES = read_rules('combine = "any"\n[criteria]\npurchase = 182\nengagement = 91\n[[group]]\nlogin = 90\nusage = 90')
ROUNDS = 40


def fill(engine: Engine) -> None:
    """Give one account per size its activities of the last two years, a tenth of them each of KINDS, and 40 orders."""
    with writing(engine) as connection:
        for size in SIZES:
            step = timedelta(days=730) / size
            rows = [row(size, f"{size}-{n}", KINDS[n % len(KINDS)], NOW - step * (n + 1)) for n in range(size)]
            rows += [row(size, f"{size}-o{n}", "purchase", NOW - timedelta(days=18 * n + 9)) for n in range(40)]
            for start in range(0, len(rows), 5_000):
                connection.execute(activities.insert(), rows[start : start + 5_000])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def row(size: int, key: str, kind: str, at: datetime) -> dict[str, object]:
    """Return an activity as a row."""
    return {"id": key, "account": f"A{size}", "kind": kind, "at": at, "product": "X" if kind == "purchase" else ""}


def milliseconds(step: Callable[[], object]) -> float:
    """Return the median time of a step, after a first round that fills caches."""
    step()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        step()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def measure(engine: Engine) -> None:
    """Print the table of one database."""
    metadata.create_all(engine)
    fill(engine)
    print(f"{engine.dialect.name}: past activities, ms to judge, ms to count the weeks the first time, ms later")
    for size in SIZES:
        account = Account(id=AccountId(f"A{size}"), name="x")

        def judge(account: Account = account) -> None:
            with reading(engine) as connection:
                did = store.activities_of(connection, [account.id], until=NOW)[account.id]
                weeks = usage_of(connection, [account.id]).get(account.id)
            judge_dormancy(account, did, RULES, NOW, weeks=weeks)

        def count(account: Account = account) -> None:
            with writing(engine) as connection:
                count_weeks(connection, [account.id], NOW)

        with writing(engine) as connection:
            connection.execute(usage_weeks.delete())
        started = time.perf_counter()
        count()
        first = (time.perf_counter() - started) * 1000
        print(f"{size:>8,} {milliseconds(judge):8.2f} {first:8.1f} {milliseconds(count):8.2f}")


def main() -> None:
    """Measure SQLite, then PostgreSQL where its programs are there."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        measure(engine)
        engine.dispose()
    if postgres.programs() is None:
        return
    server = postgres.start()
    try:
        engine = server.open_fresh()
        measure(engine)
        engine.dispose()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
