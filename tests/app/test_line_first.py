"""The line goes first: chores work in slices and let it in, and it asks nothing that only a message needs."""

from __future__ import annotations

import contextvars
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from line_world import ACCOUNTS, NOON, STRANGER_IP, fill, line, page, purchases, rules
from sqlalchemy import Engine, event

from app import states
from app.jobs import Job, run_due
from app.locks import STOPPING, StoppedError, giving_way, visit_builder
from app.pipeline import Batch
from app.states import refresh_due, refresh_states, refresh_values
from core.clock import at
from core.database import reading, writing
from core.ids import derived
from enrichment.account.importer.store import write_accounts, write_activities
from enrichment.dormancy.store import states as states_of
from enrichment.dormancy.value_queries import values_of
from enrichment.tables import accounts, activities

_ASKED_FOR_A_MESSAGE = {
    *("contacts", "reps", "shadow_runs", "demotions", "feedback", "usage_weeks", "account_values"),
}


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    fill(any_engine)
    return any_engine


@contextmanager
def tables_asked(engine: Engine) -> Iterator[set[str]]:
    """The tables that are read while this is open."""
    found: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            found.update(re.findall(r"\b(?:FROM|JOIN) (\w+)", statement))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_strangers_first_view_asks_nothing_of_customers(world: Engine, tmp_path: Path) -> None:
    """Nor of alerts: nothing was said of a visit that wasn't stored before."""
    known = line(world, tmp_path, at(NOON + timedelta(minutes=1)))
    with tables_asked(world) as asked:
        known.run(Batch(views=[page(ip=STRANGER_IP)]))
    customers = {"activities", "account_states", "alerts", "notices"}
    assert asked & (customers | _ASKED_FOR_A_MESSAGE) == set()
    assert "judgements" in asked


def test_a_customers_glance_asks_nothing_that_only_a_message_needs(world: Engine, tmp_path: Path) -> None:
    """Reps, contacts, snoozes and the like are asked when somebody is to be told, and then they are."""
    known = line(world, tmp_path, at(NOON + timedelta(minutes=1)))
    with tables_asked(world) as asked:
        result = known.run(Batch(views=[page("/blog", seconds=1)]))
    assert result.alerts == ()
    assert "activities" in asked
    assert asked & _ASKED_FOR_A_MESSAGE == set()
    with tables_asked(world) as asked:
        result = known.run(Batch(views=[page(seconds=60)]))
    assert len(result.alerts) == 1
    assert asked >= {"contacts", "reps", "shadow_runs", "demotions"}


def test_whoever_waits_comes_in_between_two_slices(world: Engine) -> None:
    """A file's lock knows no queue: without a rest, who lets go of it takes it again before anybody else wakes."""
    over, came_in = threading.Event(), 0

    def chore() -> None:
        for _ in range(30):
            with giving_way(), visit_builder(world):
                threading.Event().wait(0.01)
        over.set()

    thread = threading.Thread(target=chore)
    thread.start()
    while not over.is_set():
        with visit_builder(world):
            came_in += 1
        threading.Event().wait(0.002)
    thread.join()
    assert came_in >= 15


def test_an_end_comes_between_two_slices_and_the_chore_again(world: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is to stop doesn't go on to the last of many accounts; a chore cut short isn't done."""
    monkeypatch.setattr(states, "_AT_ONCE", 1)
    ends = threading.Event()
    ends.set()
    job = Job(name="states", every=timedelta(hours=6), run=lambda now: refresh_states(world, rules().dormancy, now))

    def stopped() -> None:
        STOPPING.set(ends)
        assert run_due(world, (job,), NOON) == []
        with pytest.raises(StoppedError, match="next start"):
            refresh_states(world, rules().dormancy, NOON)

    contextvars.copy_context().run(stopped)
    with reading(world) as connection:
        assert len(states_of(connection, [account.id for account in ACCOUNTS])) == 1
    assert run_due(world, (job,), NOON) == ["states"]
    with reading(world) as connection:
        assert len(states_of(connection, [account.id for account in ACCOUNTS])) == 4


def test_however_many_accounts_wait_all_are_judged_within_the_minute(
    any_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import marks them all: a call goes on until no mark is left."""
    monkeypatch.setattr(states, "_MARKS", 1)
    with writing(any_engine) as connection:
        write_accounts(connection, ACCOUNTS, NOON)
        write_activities(
            connection,
            {
                derived("o", account.id, number): item
                for account in ACCOUNTS
                for number, item in enumerate(purchases(account.id, NOON - timedelta(days=400)))
            },
        )
    refresh_due(any_engine, rules().dormancy, NOON)
    with reading(any_engine) as connection:
        found = states_of(connection, [account.id for account in ACCOUNTS])
    assert {one.state.value for one in found.values()} == {"dormant"}
    assert len(found) == 4


def test_what_is_worth_something_is_kept_in_slices_and_what_is_gone_is_forgotten(world: Engine) -> None:
    """An account whose orders went has no value; one that was removed meanwhile doesn't come back."""
    ids = [account.id for account in ACCOUNTS]
    assert refresh_values(world, NOON) == 4
    with writing(world) as connection:
        connection.execute(activities.delete().where(activities.c.account == ids[0]))
        connection.execute(accounts.update().where(accounts.c.id == ids[1]).values(name="Renamed"))
    assert refresh_values(world, NOON + timedelta(hours=6)) == 3
    with reading(world) as connection:
        assert sorted(values_of(connection, ids)) == ids[1:]
