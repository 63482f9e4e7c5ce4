"""Accounts of which something is new are judged at once; crossings are told once; who slips, and why they left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_world import ACCOUNTS, NOON, PUMPS, fill, line, page, purchases
from sqlalchemy import Engine, func, select

from app.pipeline import Batch
from app.schema import metadata
from app.states import refresh_due, refresh_states, refresh_values
from core.clock import at
from core.database import open_engine, reading, writing
from core.domain import Activity, ActivityKind, State
from core.errors import InputError
from core.ids import derived
from enrichment.account.event_store import add_activities
from enrichment.account.importer.store import write_accounts, write_activities
from enrichment.dormancy import reason_queries, slipping_queries
from enrichment.dormancy.rules import DormancyRules, load_rules, read_rules
from enrichment.dormancy.store import Transition, states, transitions
from enrichment.dormancy.usage_queries import usage_of
from enrichment.tables import states_due

DEFAULT = load_rules()


def after(days: float) -> datetime:
    return NOON + timedelta(days=days)


def buy(engine: Engine, day: float, *, orders: int = 1) -> None:
    with writing(engine) as connection:
        items = purchases(PUMPS, after(day), orders=orders)
        write_activities(connection, {derived("order", day, number): item for number, item in enumerate(items)})


def event(engine: Engine, day: float, kind: ActivityKind) -> None:
    did = Activity(account=PUMPS, kind=kind, at=after(day))
    with writing(engine) as connection:
        add_activities(connection, {derived("event", day, kind): did})


def way(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [one.to_state.value for one in transitions(connection, PUMPS)]


@pytest.fixture
def customer(any_engine: Engine) -> Engine:
    """One customer who ordered every 60 days, the last time at NOON."""
    with writing(any_engine) as connection:
        write_accounts(connection, ACCOUNTS[:1], NOON)
    buy(any_engine, 0, orders=8)
    return any_engine


def test_an_order_ends_dormancy_at_the_next_look(customer: Engine) -> None:
    """The event leaves a mark; judging the marked accounts flips the state once, and then has nothing more to do."""
    refresh_states(customer, DEFAULT, after(1))
    refresh_states(customer, DEFAULT, after(400))
    assert refresh_due(customer, DEFAULT, after(400)) == 0
    event(customer, 400.5, "purchase")
    assert [refresh_due(customer, DEFAULT, after(400.5 + minutes / 1440)) for minutes in (1, 2, 3)] == [1, 0, 0]
    assert way(customer) == ["dormant", "reactivated"]
    with reading(customer) as connection:
        assert connection.execute(select(func.count()).select_from(states_due)).scalar_one() == 0


@pytest.mark.parametrize(("kind", "expected"), [("login", ["dormant", "reactivated"]), ("contact", ["dormant"])])
def test_use_that_returns_reactivates_but_our_call_does_not(
    customer: Engine, kind: ActivityKind, expected: list[str]
) -> None:
    """Where the rule counts sign-ins, one ends dormancy; an outbound contact never does."""
    rules = read_rules("[criteria]\nlogin = 182\ncontact = 90")
    event(customer, 0, "login")
    event(customer, 0, "contact")
    refresh_states(customer, rules, after(1))
    refresh_states(customer, rules, after(200))
    event(customer, 210, kind)
    refresh_due(customer, rules, after(210.1))
    assert way(customer) == expected


def test_an_account_that_leaves_its_rhythm_is_told_until_somebody_says_why_not(customer: Engine) -> None:
    """Exactly one crossing, with the date that the order was due; "not so" holds until the next order."""
    for day in (1, 70, 95, 96, 97):
        refresh_states(customer, DEFAULT, after(day))
    refresh_values(customer, after(97))
    assert way(customer) == ["going_quiet"]

    def told(day: float, since: float | None = None) -> list[str]:
        with reading(customer) as connection:
            moment = after(since) if since is not None else None
            return [one.text for one in slipping_queries.slipping(connection, moment, after(day), DEFAULT)]

    with reading(customer) as connection:
        (one,) = slipping_queries.slipping(connection, after(90), after(97), DEFAULT)
        crossing = transitions(connection, PUMPS)[0]
    assert (one.late.due_at, one.late.days_late, one.owner) == (after(60), 37, ACCOUNTS[0].owner_email)
    assert one.last_year is not None and one.last_year > Decimal(0)
    assert crossing.why == one.text.replace("37 days late", "35 days late")
    assert told(97, since=96) == []
    with writing(customer) as connection:
        slipping_queries.say_not_slipping(connection, PUMPS, "seasonal", "anna@example.com", after(97))
        with pytest.raises(InputError, match="choose from ordered, seasonal, agreed"):
            slipping_queries.say_not_slipping(connection, PUMPS, "whatever", "anna@example.com", after(97))
    assert told(98) == []
    buy(customer, 100)
    refresh_due(customer, DEFAULT, after(101))
    refresh_states(customer, DEFAULT, after(230))
    assert len(told(230)) == 1


def test_one_tap_says_why_they_left_and_who_came_back_is_counted(customer: Engine) -> None:
    """A reason is kept once, shown as what is left over, found by filter, and counted by reason."""
    refresh_states(customer, DEFAULT, after(1))
    with writing(customer) as connection:
        said = (connection, PUMPS, "price", "anna@example.com", "rep", after(399))
        assert [reason_queries.say_reason(*said, note="10 % above") for _ in range(2)] == [True, False]
        with pytest.raises(InputError, match="choose from need_met"):
            reason_queries.say_reason(connection, PUMPS, "weather", "anna@example.com", "rep", after(399))
    refresh_due(customer, DEFAULT, after(400))
    with reading(customer) as connection:
        left = reason_queries.reasons_of(connection, [PUMPS])[PUMPS]
        assert (left.reason, left.text, left.source, left.by) == (
            "price",
            "Price: 10 % above",
            "rep",
            "anna@example.com",
        )
        assert reason_queries.accounts_that_left(connection, "price") == {PUMPS}
        (one,) = reason_queries.comebacks(connection)
    assert (one.reason, one.accounts, one.rate) == ("price", 1, 0.0)
    event(customer, 410, "purchase")
    refresh_due(customer, DEFAULT, after(411))
    with reading(customer) as connection:
        assert reason_queries.comebacks(connection)[0].rate == 1.0


NESTED = read_rules('combine = "any"\n[criteria]\npurchase = 200\n[[group]]\nlogin = 90\ncontact = 60')
_DAYS = st.lists(st.integers(0, 900), min_size=1, max_size=12)


@settings(max_examples=10, deadline=None)
@given(
    did=st.lists(st.tuples(st.integers(0, 900), st.sampled_from(["purchase", "login", "contact"])), max_size=8),
    looks=_DAYS,
    rules=st.sampled_from([DEFAULT, NESTED]),
)
def test_each_crossing_is_one_event_whenever_one_looks(
    did: list[tuple[int, ActivityKind]], looks: list[int], rules: DormancyRules
) -> None:
    """Looking at any moments, in any order, twice: the crossings are those of looking forward once."""
    forward = [look for number, look in enumerate(looks) if look >= max(looks[: number + 1])]
    told, now = _told(did, [look for look in looks for _ in range(2)], rules)
    assert [one.to_state for one in told] == [one.to_state for one in _told(did, forward, rules)[0]]
    assert all(later.from_state is earlier.to_state for earlier, later in pairwise(told))
    assert all(one.from_state is not one.to_state for one in told)
    assert not told or told[-1].to_state is now


def _told(
    did: list[tuple[int, ActivityKind]], looks: list[int], rules: DormancyRules
) -> tuple[tuple[Transition, ...], State]:
    """The crossings of an account that did this, judged on these days; and where it stands."""
    engine = open_engine("sqlite://")
    tables = "accounts account_domains account_aliases account_merges activities account_states dormancy_transitions"
    tables += " states_due usage_weeks judgements alerts feedback facts segment_members"
    metadata.create_all(engine, [metadata.tables[name] for name in tables.split()])
    past = {
        derived("a", number): Activity(account=PUMPS, kind=kind, at=after(day))
        for number, (day, kind) in enumerate(did)
    }
    with writing(engine) as connection:
        write_accounts(connection, ACCOUNTS[:1], NOON)
        add_activities(connection, past)
    for day in looks:
        refresh_states(engine, rules, after(day))
    with reading(engine) as connection:
        found = transitions(connection, PUMPS), states(connection, [PUMPS])[PUMPS].state
    engine.dispose()
    return found


def test_a_customer_about_to_leave_is_told_of_at_once(any_engine: Engine, tmp_path: Path) -> None:
    """Thousands of uses counted by the chore, a live contract, and the page on cancelling: one alert, by the line."""
    fill(any_engine, silent_days=20)
    monday = (NOON - timedelta(days=NOON.weekday())).replace(hour=0)
    weeks = [(number, 300) for number in range(4, 13)] + [(number, 10) for number in (1, 2, 3)]
    used = {
        derived("use", number, n): Activity(
            account=PUMPS, kind="usage", at=monday - timedelta(weeks=number) + timedelta(minutes=n)
        )
        for number, many in weeks
        for n in range(many)
    }
    with writing(any_engine) as connection:
        write_accounts(connection, [replace(ACCOUNTS[0], contract="SaaS", contract_until=after(90))], NOON)
        add_activities(connection, used)
    refresh_due(any_engine, DEFAULT, after(0))
    with reading(any_engine) as connection:
        assert [one.uses for one in usage_of(connection, [PUMPS])[PUMPS]][-12:] == [300] * 9 + [10] * 3
    (alert,) = line(any_engine, tmp_path, at(after(0.01))).run(Batch(views=[page("/cancel", seconds=5)])).alerts
    assert (alert.kind, alert.rule, alert.to) == ("rescue", "rescue:cancel", ACCOUNTS[0].owner_email)
    with reading(any_engine) as connection:
        assert states(connection, [PUMPS])[PUMPS].state is State.ACTIVE
