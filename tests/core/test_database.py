"""The database's floor: aware times, writers that queue instead of failing, one view for readers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import StatementError

from core.database import chunks, database_url, insert_new, open_engine, reading, upsert, writing
from tracker.tables import buffer_offsets, sites

AT = datetime(2026, 11, 20, 23, 59, 59, 999000, tzinfo=UTC)


def add(engine: Engine, name: str, at: datetime) -> None:
    with writing(engine) as connection:
        connection.execute(sites.insert().values(id=name, created_at=at, secret="x", is_demo=False))


def test_a_moment_comes_back_as_it_was(any_engine: Engine) -> None:
    """To the millisecond, aware and in UTC, whatever zone it was given in; None stays None."""
    zones = (UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11)))
    for number, zone in enumerate(zones):
        add(any_engine, f"site-{number}", AT.astimezone(zone))
    with reading(any_engine) as connection:
        rows = connection.execute(select(sites.c.created_at, sites.c.snippet_seen_at)).all()
    assert [tuple(row) for row in rows] == [(AT, None)] * 3
    assert {row.created_at.utcoffset() for row in rows} == {timedelta(0)}


def test_a_naive_moment_is_refused(any_engine: Engine) -> None:
    """A time without a zone is a mistake wherever it comes from, in rows and in conditions."""
    with pytest.raises(StatementError, match="naive time"):
        add(any_engine, "site", AT.replace(tzinfo=None))
    with reading(any_engine) as connection, pytest.raises(StatementError, match="naive time"):
        connection.execute(select(sites).where(sites.c.created_at < AT.replace(tzinfo=None)))


def test_moments_sort_as_time_does(any_engine: Engine) -> None:
    """Comparisons and `max` mean time, at the turn of a second and of a year too."""
    moments = [AT + timedelta(milliseconds=n) for n in (-999, 0, 1, 1001)] + [datetime(2027, 1, 1, tzinfo=UTC)]
    for number, at in enumerate(reversed(moments)):
        add(any_engine, f"site-{number}", at)
    with reading(any_engine) as connection:
        found = connection.execute(select(sites.c.created_at).order_by(sites.c.created_at)).scalars().all()
        newest = connection.execute(select(func.max(sites.c.created_at, type_=sites.c.created_at.type))).scalar_one()
        before = connection.execute(select(func.count()).where(sites.c.created_at < moments[2])).scalar_one()
    assert found == moments
    assert (newest, before) == (moments[-1], 2)


def test_writers_queue_and_none_fails(any_engine: Engine) -> None:
    """Each reads before it writes, as the line does: on SQLite that fails unless the lock is taken at the start."""
    with writing(any_engine) as connection:
        connection.execute(buffer_offsets.insert().values(segment="s", offset=0))
    failed: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(25):
                with writing(any_engine) as connection:
                    mine = select(buffer_offsets.c.offset).where(buffer_offsets.c.segment == "s").with_for_update()
                    offset = connection.execute(mine).scalar_one()
                    connection.execute(buffer_offsets.update().values(offset=offset + 1))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(any_engine) as connection:
        assert (failed, connection.execute(select(buffer_offsets.c.offset)).scalar_one()) == ([], 100)


def test_a_reader_sees_one_moment(any_engine: Engine) -> None:
    """What is written while somebody reads is not half there."""
    with reading(any_engine) as connection:
        assert connection.execute(select(func.count()).select_from(sites)).scalar_one() == 0
        add(any_engine, "new", AT)
        assert connection.execute(select(func.count()).select_from(sites)).scalar_one() == 0
    with reading(any_engine) as connection:
        assert connection.execute(select(func.count()).select_from(sites)).scalar_one() == 1


def test_what_fails_in_a_transaction_leaves_nothing(any_engine: Engine) -> None:
    """A transaction is whole or not at all."""
    with pytest.raises(RuntimeError), writing(any_engine) as connection:
        connection.execute(buffer_offsets.insert().values(segment="s", offset=0))
        raise RuntimeError
    with reading(any_engine) as connection:
        assert connection.execute(select(buffer_offsets)).all() == []


def test_upsert_overwrites_what_it_names_and_nothing_else(any_engine: Engine) -> None:
    """The other columns stay as they were."""
    add(any_engine, "site", AT)
    row = {"id": "site", "created_at": AT + timedelta(days=1), "secret": "new", "is_demo": True}
    with writing(any_engine) as connection:
        connection.execute(upsert(connection, sites, ("id",), ("secret",)), row)
        found = connection.execute(select(sites.c.created_at, sites.c.secret, sites.c.is_demo)).all()
    assert [tuple(one) for one in found] == [(AT, "new", False)]


def test_insert_new_leaves_what_is_there(any_engine: Engine) -> None:
    """A replay changes nothing."""
    with writing(any_engine) as connection:
        for offset in (1, 2):
            connection.execute(insert_new(connection, buffer_offsets).values(segment="s", offset=offset))
        assert connection.execute(select(buffer_offsets.c.offset)).scalars().all() == [1]


def test_chunks_hold_everything_once() -> None:
    """Long lists become short ones; an empty list becomes none."""
    assert [list(part) for part in chunks(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([])) == []
    assert [len(part) for part in chunks(range(1001))] == [500, 500, 1]


def test_postgresql_means_the_driver_we_ship() -> None:
    """As operators write it, with and without the driver's name."""
    written = ("postgresql://db/x", "postgres://db/x", "postgresql+psycopg://db/x", "sqlite:////tmp/x.db")
    assert [database_url(text).drivername for text in written] == ["postgresql+psycopg"] * 3 + ["sqlite"]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'a' / 'b' / 'x.db'}")
    yield engine
    engine.dispose()


def test_sqlite_is_opened_for_many_processes(fresh: Engine) -> None:
    """Write-ahead log, foreign keys, patience, and what is removed is overwritten; its folder is made."""
    with reading(fresh) as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "secure_delete", "synchronous")
        }
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "secure_delete": 1,
        "synchronous": 1,
    }


def test_sqlite_knows_lower_case_beyond_ascii(fresh: Engine) -> None:
    """So "österreich" finds "Österreich"; on PostgreSQL that is the cluster's locale."""
    with reading(fresh) as connection:
        found = connection.execute(select(func.lower("ÖSTERREICH Żabka"), func.lower(None))).one()
    assert tuple(found) == ("österreich żabka", None)


def test_errors_tell_no_values(any_engine: Engine) -> None:
    """What a failing statement was to store may be a name or an address: the statement is named without it."""
    with pytest.raises(StatementError) as failure, writing(any_engine) as connection:
        connection.execute(sites.insert().values(id="someone@example.com", created_at=AT, secret=None, is_demo=False))
    assert "someone@example.com" not in str(failure.value).partition("DETAIL")[0]


@pytest.mark.postgres
def test_no_plan_outlives_the_tables_that_it_was_made_for(postgres_engine: Engine) -> None:
    """A statement that runs again and again is planned anew: a plan for an empty table would scan it when it is full.

    One connection, as a worker's, after a transaction that was rolled back.
    """
    with postgres_engine.connect() as connection:
        connection.execute(select(sites)).all()
        connection.rollback()
    for number in range(20):
        with reading(postgres_engine) as connection:
            connection.execute(select(sites).where(sites.c.id.in_([f"{number}-{n}" for n in range(3)]))).all()
    with reading(postgres_engine) as connection:
        of_sites = text("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%sites%'")
        kept = connection.execute(of_sites).all()
    assert [(row.custom_plans > 10, row.generic_plans) for row in kept] == [(True, 0)]
