"""Nothing that was acknowledged is lost or counted twice when processes are killed."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres import PostgresServer

from bench.chaos import torment
from bench.instance import Instance


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killed_at_random_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """Two kills of the whole process group and one of the parent alone: every acknowledged view is there, once."""
    outcome = torment(Instance(tmp_path), hits=400, group_kills=2, parent_kills=1, seed=7)

    assert outcome.acknowledged >= 400
    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert outcome.in_visits == outcome.stored


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(240)
def test_killed_on_postgresql_nothing_is_lost_or_doubled(tmp_path: Path, postgres_server: PostgresServer) -> None:
    """The same promise holds with PostgreSQL as the database."""
    instance = Instance(tmp_path, env={"DORMOUSE_DATABASE_URL": postgres_server.fresh(with_tables=False)})

    outcome = torment(instance, hits=300, group_kills=1, parent_kills=1, seed=11)

    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert outcome.in_visits == outcome.stored
