"""An alert doesn't wait for an import, nor for the worker's taking up what was imported; with real processes."""

from __future__ import annotations

import pytest
from postgres import PostgresServer

from bench.beside import Beside, measure

SOON = 2.0
"""Seconds; an alert takes 0.05 by itself and at most 0.8 beside an import, and this machine has other work too."""


def check(found: Beside) -> None:
    """Every alert arrived, soon."""
    assert found.missing == 0
    assert len(found.during) > 1
    late = [wait for wait in (*found.before, *found.during, *found.after) if wait > SOON]
    assert late == []


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_alerts_go_on_beside_an_import() -> None:
    """8,000 accounts come in meanwhile, enough that the worker's index is made beside the line."""
    check(measure(rows=8_000, before=3, after=15, per_second=4, most=80))


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(180)
def test_alerts_go_on_beside_an_import_on_postgresql(postgres_server: PostgresServer) -> None:
    """The same with PostgreSQL as the database."""
    url = postgres_server.fresh(with_tables=False)
    check(measure(rows=8_000, before=3, after=15, per_second=4, most=80, url=url))
