"""Keeps where accounts stand, and exactly one row for each crossing from one state to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from core.database import chunks, insert_new, upsert
from core.domain import AccountId, Dormancy, State
from core.ids import derived
from enrichment.dormancy.states import Standing
from enrichment.tables import account_states, dormancy_transitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One crossing of an account from one state to another."""

    id: str
    account: AccountId
    at: datetime
    from_state: State
    to_state: State
    why: str


def states(connection: Connection, accounts: Iterable[AccountId]) -> dict[AccountId, Standing]:
    """Return where each of `accounts` stands; those never judged are left out."""
    wanted = sorted(set(accounts))
    found: dict[AccountId, Standing] = {}
    for part in chunks(wanted):
        query = select(account_states).where(account_states.c.account.in_(part))
        for row in connection.execute(query):
            account = AccountId(row.account)
            found[account] = Standing(
                account=account,
                state=State(row.state),
                tier=row.tier,
                since=row.since,
                judged_at=row.judged_at,
            )
    return found


def save_states(connection: Connection, judged: Iterable[Dormancy], now: datetime) -> tuple[Transition, ...]:
    """Save the latest judgement of each account, and return the crossings that were written by this call.

    A judgement as of earlier than the stored one changes nothing: history doesn't move an account. The first judgement
    of an account is where it stands, not a crossing; only a first sight awake, in contact or reactivated is one. A
    crossing is one row however often it is saved: its id is made from account, state and day. Nothing is judged as of
    later than `now`. A visit that was judged before a rep took its account doesn't wake it again.
    """
    latest: dict[AccountId, Dormancy] = {}
    for one in judged:
        if one.as_of <= now and (one.account not in latest or one.as_of >= latest[one.account].as_of):
            latest[one.account] = one
    before = _held(connection, latest)
    standings, crossings = [], []
    for account, one in latest.items():
        old = before.get(account)
        if old is not None and (one.as_of < old.judged_at or _is_in_hand(old, one)):
            continue
        changed = old is None or old.state is not one.state
        standings.append(_row(one, one.as_of if old is None or changed else old.since))
        if changed and (old is not None or one.state not in _AT_REST):
            crossings.append(_crossing(old.state if old else State.UNKNOWN, one))
    _write_standings(connection, standings)
    return _write_crossings(connection, crossings)


def crossing_id(account: AccountId, to: State, at: datetime) -> str:
    """Return the id of a crossing, by whomever: one of a kind a day (UTC)."""
    return derived("dormancy_transition", account, to.value, at.astimezone(UTC).date().isoformat())


def _held(connection: Connection, accounts: Iterable[AccountId]) -> dict[AccountId, Standing]:
    """Where the accounts stand; their rows are ours until the caller commits (on SQLite the whole database is)."""
    wanted = sorted(set(accounts))
    for part in chunks(wanted):
        table = account_states.c
        connection.execute(
            select(table.account).where(table.account.in_(part)).order_by(table.account).with_for_update()
        )
    return states(connection, wanted)


def _is_in_hand(old: Standing, one: Dormancy) -> bool:
    """Whether a visit would wake an account that a rep has in hand: nothing leads from in contact back to awake."""
    return old.state is State.IN_CONTACT and one.state is State.AWAKE


_AT_REST = frozenset({State.UNKNOWN, State.ACTIVE, State.GOING_QUIET, State.DORMANT})


def transitions(connection: Connection, account: AccountId) -> tuple[Transition, ...]:
    """Return all crossings of an account, oldest first."""
    query = (
        select(dormancy_transitions)
        .where(dormancy_transitions.c.account == account)
        .order_by(dormancy_transitions.c.at, dormancy_transitions.c.id)
    )
    return tuple(
        Transition(
            id=row.id,
            account=AccountId(row.account),
            at=row.at,
            from_state=State(row.from_state),
            to_state=State(row.to_state),
            why=row.why,
        )
        for row in connection.execute(query)
    )


def _row(one: Dormancy, since: datetime) -> dict[str, object]:
    return {
        "account": one.account,
        "state": one.state.value,
        "tier": one.tier,
        "since": since,
        "judged_at": one.as_of,
    }


def _crossing(old: State, one: Dormancy) -> Transition:
    return Transition(
        id=crossing_id(one.account, one.state, one.as_of),
        account=one.account,
        at=one.as_of,
        from_state=old,
        to_state=one.state,
        why=_sentence(one),
    )


def _sentence(one: Dormancy) -> str:
    """Return what moved the account: the last sentence about its state."""
    told = [reason.text for reason in one.why if reason.code in ("dormancy:silence", "dormancy:state")]
    return told[-1] if told else ""


def _write_standings(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        statement = upsert(connection, account_states, ("account",), ("state", "tier", "since", "judged_at"))
        connection.execute(statement, list(rows))


def _write_crossings(connection: Connection, crossings: Sequence[Transition]) -> tuple[Transition, ...]:
    known: set[str] = set()
    for ids in chunks([one.id for one in crossings]):
        query = select(dormancy_transitions.c.id).where(dormancy_transitions.c.id.in_(ids))
        known.update(connection.execute(query).scalars())
    new = tuple(one for one in crossings if one.id not in known)
    if new:
        rows = [
            {
                "id": one.id,
                "account": one.account,
                "at": one.at,
                "from_state": one.from_state.value,
                "to_state": one.to_state.value,
                "why": one.why,
            }
            for one in new
        ]
        connection.execute(insert_new(connection, dormancy_transitions), rows)
    return new
