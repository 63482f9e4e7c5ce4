"""Members of saved segments follow what happens within a minute, each change once; rules and routes see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import ACCOUNTS, FREIGHT, NOON, PUMPS, TWIN_A, fill, line, page, purchases
from sqlalchemy import Engine, update

from alerts.policy import read_policy
from app import segments as members
from app.pipeline import Batch
from app.segments import EVERY, refresh_segments
from app.states import refresh_due, refresh_states
from core.clock import at
from core.database import reading, writing
from core.domain import AccountId, Signal
from core.ids import derived
from enrichment.account import store as account_store
from enrichment.account.event_store import add_activities
from enrichment.account.importer.store import write_accounts
from enrichment.dormancy.rules import load_rules, read_rules
from enrichment.dormancy.thresholds import thresholds_for
from enrichment.segments import store
from enrichment.segments.definitions import read_segments
from enrichment.tables import accounts

SECOND = timedelta(seconds=1)
FILE = read_segments("""
[[segment]]
name = "Pumps people"
all = [{ name = "hartmann*" }]
[[segment]]
name = "Here this week"
all = [{ visits = { within_days = 7 } }]
[[segment]]
name = "Asleep"
all = [{ state = "dormant" }]
[[segment]]
name = "Bought lately"
all = [{ orders = { within_days = 30 } }]
""")


def now_in(engine: Engine, name: str) -> list[str]:
    with reading(engine) as connection:
        return sorted(account for account, _name, _since in store.members(connection, name))


def moves(engine: Engine, name: str) -> list[tuple[str, bool, bool]]:
    with reading(engine) as connection:
        return sorted((one.account, one.entered, one.by_definition) for one in store.log(connection, name))


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    fill(any_engine)
    refresh_states(any_engine, load_rules(), NOON)
    refresh_segments(any_engine, FILE, NOON)
    return any_engine


def buy(engine: Engine, account: AccountId, when: datetime) -> None:
    (order,) = purchases(PUMPS, when, orders=1)
    with writing(engine) as connection:
        add_activities(connection, {derived("bought", account, when): replace(order, account=account)})


def test_an_order_moves_an_account_within_a_minute_and_once(world: Engine) -> None:
    """The next look after an order sees it, though all accounts aren't looked at yet; a second look changes nothing."""
    assert (len(now_in(world, "Asleep")), now_in(world, "Bought lately")) == (4, [])
    buy(world, FREIGHT, NOON + 10 * SECOND)
    for seconds in (30, 60, 90):
        refresh_due(world, load_rules(), NOON + seconds * SECOND)
        refresh_segments(world, FILE, NOON + seconds * SECOND)
    assert (now_in(world, "Bought lately"), len(now_in(world, "Asleep"))) == ([FREIGHT], 3)
    assert moves(world, "Bought lately") == [(FREIGHT, True, False)]
    with reading(world) as connection:
        week = store.figures(connection, NOON - timedelta(days=7))
        assert (week["Asleep"].members, week["Asleep"].left, week["Asleep"].entered) == (3, 1, 0)


def test_a_visit_and_an_import_move_accounts_at_the_next_look(world: Engine, tmp_path: Path) -> None:
    """Visits are seen by their judgement, imported accounts by their import."""
    when = NOON + 5 * SECOND
    line(world, tmp_path, at(when)).run(Batch(views=(page(at=when),)))
    with writing(world) as connection:
        write_accounts(connection, [replace(ACCOUNTS[1], name="Hartmann Nord GmbH")], when)
    refresh_segments(world, FILE, NOON + 30 * SECOND)
    assert now_in(world, "Here this week") == [PUMPS]
    assert now_in(world, "Pumps people") == [PUMPS, FREIGHT]


def test_days_go_by_and_members_leave(world: Engine) -> None:
    """What only time changes is seen when all accounts are looked at, every few minutes."""
    buy(world, FREIGHT, NOON)
    refresh_segments(world, FILE, NOON + EVERY)
    assert now_in(world, "Bought lately") == [FREIGHT]
    refresh_segments(world, FILE, NOON + timedelta(days=30) - SECOND)
    assert now_in(world, "Bought lately") == [FREIGHT]
    refresh_segments(world, FILE, NOON + timedelta(days=30) + EVERY)
    assert now_in(world, "Bought lately") == []
    assert moves(world, "Bought lately") == [(FREIGHT, False, False), (FREIGHT, True, False)]


def test_another_definition_acts_at_once_and_is_no_news_of_accounts(world: Engine) -> None:
    """Members follow the definition at the next look; the log tells it apart; a segment that is gone lets all go."""
    changed = read_segments('[[segment]]\nname = "Pumps people"\nall = [{ name = "alpen*" }]')
    refresh_segments(world, changed, NOON + SECOND)
    assert now_in(world, "Pumps people") == sorted(one.id for one in ACCOUNTS[2:])
    assert [now_in(world, name) for name in ("Asleep", "Here this week")] == [[], []]
    assert all(by_definition for _, _, by_definition in moves(world, "Pumps people"))
    with reading(world) as connection:
        assert store.figures(connection, NOON)["Pumps people"].entered == 0
        assert set(store.evaluations(connection)) == {"Pumps people"}


def test_many_touched_accounts_are_one_question_and_time_is_bounded(
    world: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond so many, all accounts are looked at instead; what doesn't fit the time comes at the next call."""
    monkeypatch.setattr(members, "MOST_TOUCHED", 0)
    buy(world, FREIGHT, NOON + SECOND)
    refresh_due(world, load_rules(), NOON + 2 * SECOND)
    for _ in FILE.segment:
        refresh_segments(world, FILE, NOON + 30 * SECOND, most_seconds=-1)
    assert now_in(world, "Bought lately") == [FREIGHT]


def test_rules_and_routes_see_the_segments(world: Engine, tmp_path: Path) -> None:
    """A visit's account carries the segments that it is in now, for overrides of dormancy and for routing."""
    policy = read_policy('[[route]]\nsegment = "Pumps people"\nto = "desk@example.com"\n')
    with writing(world) as connection:
        connection.execute(update(accounts).values(owner_email=""))
    result = line(world, tmp_path, at(NOON), policy=policy).run(Batch(views=(page(seconds=60),)))
    (judgement,), (alert,) = result.visits, result.alerts
    assert alert.to == "desk@example.com"
    assert isinstance(judgement.outcome, Signal)
    assert judgement.outcome.account.segments == ("Asleep", "Pumps people")
    with reading(world) as connection:
        known = {one.id: one.segments for one in account_store.accounts(connection)}
        plain = account_store.accounts(connection, segments=False)
        assert account_store.accounts_by_id(connection, [PUMPS])[PUMPS].segments == known[PUMPS]
    assert known[PUMPS] == ("Asleep", "Pumps people")
    assert known[TWIN_A] == ("Asleep",)
    assert {one.segments for one in plain} == {()}
    rules = read_rules('[criteria]\npurchase = 182\n[[override]]\nname = "pumps"\nsegment = "Pumps*"\npurchase = 10\n')
    account = judgement.outcome.account
    assert thresholds_for(account, frozenset(), rules).days("purchase") == 10
    assert thresholds_for(replace(account, segments=()), frozenset(), rules).days("purchase") == 182
