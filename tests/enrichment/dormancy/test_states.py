"""The states of an account and what moves it on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.domain import State
from enrichment.dormancy.rules import StateDays
from enrichment.dormancy.states import ASLEEP, StateFacts, next_state

SINCE = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = StateDays()


def after(days: float) -> datetime:
    return SINCE + timedelta(days=days)


def move(previous: State, days: float, silence: State = State.DORMANT, **facts: datetime) -> State:
    told = StateFacts(as_of=after(days), silence=silence, why="Because.", **facts)
    return next_state(previous, SINCE, told, DAYS)[0]


def test_the_silence_alone_leads_down_to_dormant() -> None:
    """Active, going quiet and dormant follow the rule."""
    for silence in (State.ACTIVE, State.GOING_QUIET, State.DORMANT):
        assert move(State.ACTIVE, 1, silence) is silence


def test_the_way_back() -> None:
    """A visit with intent wakes, a claim puts in contact, an order reactivates, and time makes it active."""
    assert move(State.DORMANT, 5, intent_at=after(5)) is State.AWAKE
    assert move(State.AWAKE, 1, claimed_at=after(1)) is State.IN_CONTACT
    assert move(State.IN_CONTACT, 9, State.ACTIVE, ordered_at=after(8)) is State.REACTIVATED
    assert move(State.REACTIVATED, 89, State.ACTIVE) is State.REACTIVATED
    assert move(State.REACTIVATED, 90, State.ACTIVE) is State.ACTIVE


def test_asleep_again() -> None:
    """30 days awake without a claim or visit, or 60 in contact without an order; and it can wake again."""
    assert [move(State.AWAKE, days) for days in (29, 30)] == [State.AWAKE, State.ASLEEP_AGAIN]
    assert move(State.AWAKE, 31, intent_at=after(20)) is State.AWAKE
    assert [move(State.IN_CONTACT, days) for days in (59, 60)] == [State.IN_CONTACT, State.ASLEEP_AGAIN]
    assert move(State.ASLEEP_AGAIN, 3, intent_at=after(3)) is State.AWAKE


@pytest.mark.parametrize("previous", sorted(ASLEEP))
def test_neither_a_visit_nor_a_claim_ends_dormancy(previous: State) -> None:
    """Whatever happens on the website or by the rep, the account stays in a dormant state."""
    for days in (0.5, 15, 45, 90):
        assert move(previous, days) in ASLEEP
        assert move(previous, days, intent_at=after(days)) in ASLEEP
        assert move(previous, days, claimed_at=after(days)) in ASLEEP


@pytest.mark.parametrize("previous", sorted(ASLEEP))
def test_an_order_always_reactivates(previous: State) -> None:
    """From every dormant state, the order is what ends it."""
    assert move(previous, 10, State.ACTIVE, ordered_at=after(9)) is State.REACTIVATED


def test_only_a_visit_made_while_dormant_and_lately_wakes() -> None:
    """A visit before the account fell dormant, or too long ago, is no awakening."""
    assert move(State.DORMANT, 5, intent_at=after(-2), dormant_since=after(-1)) is State.DORMANT
    assert move(State.ACTIVE, 5, intent_at=after(-2), dormant_since=after(-1)) is State.DORMANT
    assert move(State.DORMANT, 50, intent_at=after(5), dormant_since=after(-1)) is State.DORMANT
    assert move(State.ASLEEP_AGAIN, 5, intent_at=after(-2), dormant_since=after(-90)) is State.ASLEEP_AGAIN


def test_states_judged_long_after_the_events_are_the_same() -> None:
    """Visit, claim and order within a day, each judged only at the end of it."""
    assert move(State.DORMANT, 0.5, intent_at=after(-0.2), dormant_since=after(-90)) is State.AWAKE
    assert move(State.UNKNOWN, 0.5, intent_at=after(-0.2), dormant_since=after(-90)) is State.AWAKE
    assert move(State.AWAKE, 1, intent_at=after(-0.2), claimed_at=after(-0.1)) is State.IN_CONTACT
    assert move(State.AWAKE, 1, State.ACTIVE, intent_at=after(-0.2), ordered_at=after(-0.3)) is State.REACTIVATED


def test_an_order_imported_late_corrects_instead_of_reactivating() -> None:
    """An order from before the account was taken for dormant shows that it never was."""
    assert move(State.DORMANT, 5, State.ACTIVE, ordered_at=after(-20)) is State.ACTIVE


@pytest.mark.parametrize("previous", sorted(State))
def test_every_state_has_a_next_one_with_a_reason(previous: State) -> None:
    """No state is a dead end, and each step says why."""
    for silence in (State.UNKNOWN, State.ACTIVE, State.GOING_QUIET, State.DORMANT):
        state, why = next_state(previous, SINCE, StateFacts(as_of=after(1), silence=silence, why="So."), DAYS)
        assert isinstance(state, State)
        assert why
