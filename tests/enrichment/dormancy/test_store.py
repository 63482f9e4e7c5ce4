"""Where accounts stand, kept in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import AccountId, Dormancy, Reason, State
from enrichment.dormancy.store import save_states, states, transitions

NOW = datetime(2026, 11, 22, tzinfo=UTC)
A = AccountId("A-1")


def judged(state: State, days: float, account: AccountId = A) -> Dormancy:
    return Dormancy(
        account=account,
        as_of=NOW + timedelta(days=days),
        state=state,
        tier="1_year",
        dormant=True,
        silent_days=400,
        usual_gap_days=None,
        p_no_purchase=None,
        rule="default",
        left_over="",
        why=(Reason(text="No order for 400 days.", code="dormancy:silence"),),
    )


def save(engine: Engine, *given: Dormancy) -> int:
    with writing(engine) as connection:
        return len(save_states(connection, given, NOW + timedelta(days=1000)))


def crossings(engine: Engine) -> list[tuple[State, State]]:
    with reading(engine) as connection:
        return [(one.from_state, one.to_state) for one in transitions(connection, A)]


def test_a_crossing_is_one_row_however_often_it_is_saved(engine: Engine) -> None:
    """Active, then dormant: one crossing, also when both are judged again."""
    assert save(engine, judged(State.ACTIVE, 0)) == 0
    assert save(engine, judged(State.DORMANT, 1)) == 1
    assert save(engine, judged(State.DORMANT, 1)) == 0
    assert save(engine, judged(State.DORMANT, 2)) == 0
    assert save(engine, judged(State.ACTIVE, 0)) == 0  # a replay of history moves nothing
    assert crossings(engine) == [(State.ACTIVE, State.DORMANT)]


def test_the_state_keeps_its_beginning(engine: Engine) -> None:
    """`since` is the crossing, `judged_at` the last look."""
    for days, state in ((0, State.ACTIVE), (1, State.DORMANT), (5, State.DORMANT)):
        save(engine, judged(state, days))
    with reading(engine) as connection:
        actual = states(connection, [A, AccountId("never seen")])
    assert list(actual) == [A]
    assert (actual[A].state, actual[A].since, actual[A].judged_at) == (
        State.DORMANT,
        NOW + timedelta(days=1),
        NOW + timedelta(days=5),
    )


def test_the_first_judgement_is_no_crossing_unless_something_happened(engine: Engine) -> None:
    """An import of dormant accounts makes no rows; an account first seen awake makes one."""
    assert save(engine, judged(State.DORMANT, 0)) == 0
    assert save(engine, judged(State.AWAKE, 0, AccountId("A-2"))) == 1


def test_the_latest_judgement_of_a_batch_counts(engine: Engine) -> None:
    """Several judgements of one account in one call: the latest one stands; what is yet to come is refused."""
    save(engine, judged(State.DORMANT, 3), judged(State.ACTIVE, 1), judged(State.REACTIVATED, 2000))
    with reading(engine) as connection:
        assert states(connection, [A])[A].state is State.DORMANT


def test_thousands_at_once(engine: Engine) -> None:
    """1,200 accounts are saved and read in chunks."""
    ids = [AccountId(f"A-{number}") for number in range(1200)]
    save(engine, *(judged(State.ACTIVE, 0, one) for one in ids))
    assert save(engine, *(judged(State.DORMANT, 1, one) for one in ids)) == 1200
    with reading(engine) as connection:
        assert len(states(connection, ids)) == 1200
