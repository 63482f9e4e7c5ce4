"""Moves accounts from state to state: all of them as time goes by, and at once those of which something is new."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from app.locks import visit_builder
from app.outlook import fitted
from app.state_queries import last_claims, last_intent
from core.database import chunks, reading, writing
from core.domain import Account, AccountId, Activity, Dormancy
from enrichment.account import store as account_store
from enrichment.account import touched_queries
from enrichment.account.activity_queries import MOST
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy import value_queries
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.outlook import outlook
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.states import WebHistory
from enrichment.dormancy.usage import USES
from enrichment.dormancy.usage_queries import count_weeks, usage_of

_AT_ONCE = 250
"""Accounts judged in one transaction: few enough that a page view need not wait for them."""

_MARKS = 5_000
"""How many marks of new facts are read in one go."""


def refresh_states(engine: Engine, rules: DormancyRules, now: datetime) -> int:
    """Judge every account as of `now` and keep where it stands; return how many changed their state."""
    with reading(engine) as connection:
        accounts = account_store.accounts(connection)
    return sum(_refresh(engine, part, rules, now) for part in chunks(accounts, _AT_ONCE))


def refresh_due(engine: Engine, rules: DormancyRules, now: datetime) -> int:
    """Judge the accounts of which something was imported or sent since; return how many changed their state.

    An order thus ends an account's dormancy within a minute. What comes in while we judge leaves a mark of its own, and
    is judged the next time.
    """
    with reading(engine) as connection:
        marks = touched_queries.due(connection, _MARKS)
        accounts = account_store.accounts_by_id(connection, marks)
    changed = sum(_refresh(engine, part, rules, now) for part in chunks(list(accounts.values()), _AT_ONCE))
    if marks:
        with writing(engine) as connection:
            touched_queries.done(connection, [mark for of in marks.values() for mark in of])
    return changed


def refresh_values(engine: Engine, now: datetime) -> int:
    """Sum up anew what every account is worth; return how many were."""
    with reading(engine) as connection:
        facts = value_queries.order_facts(connection)
    with writing(engine) as connection:
        return value_queries.save_values(connection, facts, now)


def _refresh(engine: Engine, part: Sequence[Account], rules: DormancyRules, now: datetime) -> int:
    # Nobody may wake or claim an account between our looking and our writing: it would be put to sleep again.
    with visit_builder(engine), writing(engine) as connection:
        return len(dormancy_store.save_states(connection, _judged(connection, part, rules, now), now))


def _judged(connection: Connection, accounts: Sequence[Account], rules: DormancyRules, now: datetime) -> list[Dormancy]:
    ids = [account.id for account in accounts]
    activities = account_store.activities_of(connection, ids, until=now)
    count_weeks(connection, _heavy_users(activities), now)
    usage = usage_of(connection, ids)
    standings = dormancy_store.states(connection, ids)
    intent = last_intent(connection, ids)
    claimed = last_claims(connection, ids)
    learnt = fitted(connection)
    expected = outlook(learnt) if learnt is not None else None
    judged: list[Dormancy] = []
    for account in accounts:
        history = None
        if standing := standings.get(account.id):
            history = WebHistory(
                state=standing.state,
                since=standing.since,
                intent_at=intent.get(account.id),
                claimed_at=claimed.get(account.id),
            )
        known, weeks = activities.get(account.id, ()), usage.get(account.id)
        judged.append(judge_dormancy(account, known, rules, now, history, weeks=weeks, outlook=expected))
    return judged


def _heavy_users(activities: Mapping[AccountId, Sequence[Activity]]) -> Collection[AccountId]:
    """Accounts that used the product more often than is read: their weeks are counted instead."""
    return [
        account
        for account, of in activities.items()
        if any(sum(one.kind == kind for one in of) >= MOST[kind] for kind in USES)
    ]
