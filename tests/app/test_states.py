"""Chores: accounts move from state to state as time goes by, and each chore comes when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import ACCOUNTS, NOON, PUMPS, fill, line, page, purchases, rules
from sqlalchemy import Engine

from app import actions
from app.jobs import Job, run_due
from app.pipeline import Batch
from app.states import refresh_states
from core.clock import at
from core.database import reading, writing
from core.domain import AccountId
from core.ids import derived
from enrichment.account.importer.store import write_accounts, write_activities
from enrichment.dormancy.store import states, transitions
from enrichment.network import store as network_store


def state(engine: Engine, account: AccountId = PUMPS) -> str:
    with reading(engine) as connection:
        return states(connection, [account])[account].state.value


def bought(engine: Engine, last: datetime, orders: int = 8) -> None:
    with writing(engine) as connection:
        items = purchases(PUMPS, last, orders=orders)
        write_activities(connection, {derived("order", last, number): item for number, item in enumerate(items)})


def refresh(engine: Engine, day: float) -> int:
    return refresh_states(engine, rules().dormancy, NOON + timedelta(days=day))


@pytest.fixture
def customer(any_engine: Engine) -> Engine:
    """One customer who ordered every 60 days, the last time at NOON."""
    with writing(any_engine) as connection:
        write_accounts(connection, ACCOUNTS[:1], NOON)
    bought(any_engine, NOON)
    return any_engine


def test_the_whole_way_of_an_account(customer: Engine, tmp_path: Path) -> None:
    """Active, going quiet, dormant, awake by a visit, in contact by a claim, asleep again, awake, ordering again."""
    way: list[tuple[int, str]] = []

    def on(day: int) -> None:
        refresh(customer, day)
        way.append((day, state(customer)))

    def visit(day: int) -> str:
        moment = NOON + timedelta(days=day)
        known = line(customer, tmp_path, at(moment + timedelta(minutes=2)))
        views = [
            page(path, seconds=60, at=moment, visitor=f"v{day}") for path in ("/pricing", "/contact", "/products/x")
        ]
        (alert,) = known.run(Batch(views=views)).alerts
        way.append((day, state(customer)))
        return alert.id

    with writing(customer) as connection:
        network_store.declare(connection, "203.0.113.0/28", PUMPS, ACCOUNTS[0].name, now=NOON)
    on(1)
    on(100)
    on(370)
    alert = visit(380)
    on(390)
    with writing(customer) as connection:
        assert actions.claim(connection, alert, "anna@example.com", NOON + timedelta(days=391)) is not None
    on(392)
    on(460)
    visit(470)
    on(471)
    bought(customer, NOON + timedelta(days=475), orders=1)
    on(476)
    on(600)
    assert way == [
        *((1, "active"), (100, "going_quiet"), (370, "dormant"), (380, "awake"), (390, "awake")),
        *((392, "in_contact"), (460, "asleep_again"), (470, "awake"), (471, "awake"), (476, "reactivated")),
        (600, "going_quiet"),
    ]
    with reading(customer) as connection:
        told = transitions(connection, PUMPS)
    assert [one.to_state.value for one in told] == [
        *("going_quiet", "dormant", "awake", "in_contact", "asleep_again", "awake", "reactivated", "going_quiet"),
    ]
    assert all(one.why for one in told)


def test_judging_again_changes_nothing(customer: Engine) -> None:
    """The chore may run as often as one likes, and says how many accounts it moved."""
    assert [refresh(customer, day) for day in (1, 1, 2, 100, 101, 370, 371)] == [0, 0, 0, 1, 0, 1, 0]


def test_many_accounts_are_judged_in_slices(any_engine: Engine) -> None:
    """More than one transaction's worth; each ends up judged."""
    many = [replace(ACCOUNTS[0], id=AccountId(f"A-{number:04}"), domains=()) for number in range(600)]
    with writing(any_engine) as connection:
        write_accounts(connection, many, NOON)
        for number, account in enumerate(many):
            if number % 100 == 0:
                write_activities(
                    connection, {derived("o", account.id, n): i for n, i in enumerate(purchases(account.id, NOON))}
                )
    refresh(any_engine, 1)
    with reading(any_engine) as connection:
        found = states(connection, [account.id for account in many])
    assert len(found) == 600
    assert sum(one.state.value == "active" for one in found.values()) == 6
    assert refresh(any_engine, 370) == 6


def test_a_visit_during_the_chore_is_not_put_to_sleep(any_engine: Engine, tmp_path: Path) -> None:
    """What was judged before the visit must not overwrite what the visit led to."""
    fill(any_engine)
    refresh_states(any_engine, rules().dormancy, NOON - timedelta(hours=6))
    line(any_engine, tmp_path, at(NOON + timedelta(minutes=2))).run(Batch(views=[page(seconds=60)]))
    assert state(any_engine) == "awake"
    refresh_states(any_engine, rules().dormancy, NOON + timedelta(minutes=1, seconds=30))
    refresh_states(any_engine, rules().dormancy, NOON + timedelta(minutes=3))
    assert state(any_engine) == "awake"


def job(name: str, ran: list[str], minutes: int = 10, fails: bool = False) -> Job:
    def run(_now: datetime) -> int:
        ran.append(name)
        if fails:
            raise OSError("the disk is full")
        return 1

    return Job(name=name, every=timedelta(minutes=minutes), run=run)


def test_a_chore_comes_when_it_is_due(any_engine: Engine) -> None:
    """Each by its own clock, which the database keeps: a restart neither repeats nor delays it."""
    ran: list[str] = []
    jobs = (job("often", ran, 10), job("seldom", ran, 60))
    said = [run_due(any_engine, jobs, NOON + timedelta(minutes=minutes)) for minutes in (0, 5, 10, 19, 60)]
    assert said == [["often", "seldom"], [], ["often"], [], ["often", "seldom"]]
    assert ran == ["often", "seldom", "often", "often", "seldom"]


def test_a_failing_chore_comes_again_and_stops_no_other(any_engine: Engine) -> None:
    """A chore that fails every time must not keep addresses from expiring."""
    ran: list[str] = []
    jobs = (job("broken", ran, fails=True), job("well", ran))
    assert run_due(any_engine, jobs, NOON) == ["well"]
    assert run_due(any_engine, jobs, NOON + timedelta(seconds=30)) == []
    assert ran == ["broken", "well", "broken"]
