"""How fast 50,000 accounts come in as CSV and XLSX, how long others wait meanwhile, and how much memory it takes.

    .venv/bin/python -m bench.accounts [--rows 50000] [--url postgresql://…]

Another connection writes every 10 ms all the while, as a running worker does; its longest wait is printed.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from app.schema import metadata
from app.store import set_fact
from core.database import open_engine, writing
from enrichment.account.importer.headers import What
from enrichment.account.importer.registry import IMPORTERS

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEADERS = ("Customer no", "Company", "Website", "Country", "City", "Owner", "Last order", "Amount", "Parent", "VAT")
_WORDS = (
    "Nord",
    "Alpen",
    "Hart",
    "Kel",
    "Zeta",
    "Brook",
    "Lind",
    "Vara",
    "Tor",
    "Mira",
    "Quell",
    "Sand",
    "Berg",
    "Ost",
)
_FORMS = ("GmbH", "AG", "Ltd", "Inc", "S.p.A.", "SARL", "B.V.", "Oy")


def make_rows(count: int, seed: int = 7) -> list[tuple[object, ...]]:
    """Return made-up accounts, one in ten below another."""
    chance = random.Random(seed)
    found: list[tuple[object, ...]] = []
    for number in range(count):
        name = "".join(chance.choice(_WORDS) for _ in range(3)).capitalize() + f" {chance.choice(_WORDS)}{number % 977}"
        day = NOW - timedelta(days=chance.randint(1, 2000))
        parent = f"K{chance.randrange(number):06}" if number and number % 10 == 0 else ""
        found.append(
            (
                *(
                    f"K{number:06}",
                    f"{name} {chance.choice(_FORMS)}",
                    f"https://www.firm{number}.example{number % 50}.com/",
                ),
                *("DE", "Kiel", f"rep{number % 40}@example.com"),
                *(day.replace(tzinfo=None), round(chance.random() * 90_000, 2), parent, f"DE{number:09}"),
            )
        )
    return found


def write_csv(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write the rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADERS)
        out.writerows([cell.date() if isinstance(cell, datetime) else cell for cell in row] for row in rows)
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write the rows as a workbook."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Accounts")
    sheet.append(HEADERS)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


class OtherWriter(threading.Thread):
    """Writes a fact every 10 ms and keeps its longest wait, in seconds."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(daemon=True)
        self._engine = engine
        self._over = threading.Event()
        self.waits: list[float] = []

    def run(self) -> None:
        while not self._over.wait(0.01):
            started = time.perf_counter()
            with writing(self._engine) as connection:
                set_fact(connection, "bench", str(started))
            self.waits.append(time.perf_counter() - started)

    def stop(self) -> None:
        self._over.set()
        self.join()


def measure(engine: Engine, path: Path, what: What, *, dry_run: bool = False) -> str:
    """Import a file beside another writer; return what it took."""
    other = OtherWriter(open_engine(engine.url.render_as_string(hide_password=False)))
    other.start()
    started, busy = time.perf_counter(), time.process_time()
    report = IMPORTERS[what](engine, path, NOW, dry_run=dry_run)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    other.stop()
    waits = sorted(other.waits)
    p99 = waits[int(len(waits) * 0.99)]
    return (
        f"{seconds:5.1f} s ({busy:.1f} s of this process)  {report.rows:,} rows: "
        f"{report.added:,} added, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged, {report.skipped:,} left out; others waited at most {1000 * waits[-1]:.0f} ms "
        f"(p99 {1000 * p99:.0f} ms, n={len(waits)})"
    )


def main() -> None:
    """Measure; one process per format, so that memory is its own."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=50_000)
    arguments.add_argument("--url", default="", help="a database to fill; else SQLite in a temporary folder")
    arguments.add_argument("--only", choices=("csv", "xlsx"))
    given = arguments.parse_args()
    if not given.only:
        for kind in ("csv", "xlsx"):
            subprocess.run(
                [sys.executable, "-m", "bench.accounts", "--only", kind, "--rows", str(given.rows), "--url", given.url],
                check=True,
            )
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(given.url or f"sqlite:///{folder}/bench.db")
        metadata.create_all(engine)
        made = subprocess.run(
            [
                sys.executable,
                "-c",
                f"from bench.accounts import *; write_{given.only}(Path({folder!r})/'a.{given.only}', "
                f"make_rows({given.rows}))",
            ],
            check=True,
        )
        assert made.returncode == 0
        path = Path(folder) / f"a.{given.only}"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{given.only} {path.stat().st_size / 1e6:.1f} MB on {engine.dialect.name}")
        print("  dry run  ", measure(engine, path, "accounts", dry_run=True))
        print("  import   ", measure(engine, path, "accounts"))
        print("  again    ", measure(engine, path, "accounts"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  memory    {peak:.0f} MB at most, {before:.0f} MB before")


if __name__ == "__main__":
    main()
