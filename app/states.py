"""Moves accounts from state to state: all of them as time goes by, and at once those of which something is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from app.locks import giving_way, visit_builder
from app.outlook import fitted
from app.state_queries import last_claims, last_intent
from core.database import chunks, reading, writing
from core.domain import Account, AccountId, Activity, Dormancy
from enrichment.account import store as account_store
from enrichment.account import touched_queries
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy import value_queries
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.outlook import Outlook, outlook
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.states import WebHistory
from enrichment.dormancy.usage import UsageWeek
from enrichment.dormancy.usage_queries import count_weeks, heavy_users, usage_of

_AT_ONCE = 50
"""Accounts judged in one transaction: few enough that a page view need not wait for them."""

_WHILE_WE_JUDGE = timedelta(hours=1)
"""Who presses a button while all are judged moves an account as of later than our `now`: what is new of it counts
nonetheless, as of then. What was judged yet later is another clock's, and stays."""

_MARKS = 500
"""How many marks of new facts are read in one go."""

_MOST_MARKS = 200_000
"""How many are worked off before the other chores have their turn."""


def refresh_states(engine: Engine, rules: DormancyRules, now: datetime) -> int:
    """Judge every account as of `now` and keep where it stands; return how many changed their state."""
    with reading(engine) as connection:
        accounts = account_store.accounts(connection)
    return _refresh_all(engine, accounts, rules, now)


def refresh_due(engine: Engine, rules: DormancyRules, now: datetime) -> int:
    """Judge the accounts of which something was imported or sent since; return how many changed their state.

    An order thus ends an account's dormancy within a minute. What comes in while we judge leaves a mark of its own, and
    is judged then or the next time.
    """
    changed = 0
    for _ in range(_MOST_MARKS // _MARKS):
        with reading(engine) as connection:
            marks = touched_queries.due(connection, _MARKS)
            accounts = account_store.accounts_by_id(connection, marks)
        if not marks:
            break
        changed += _refresh_all(engine, list(accounts.values()), rules, now)
        with writing(engine) as connection:
            touched_queries.done(connection, [mark for of in marks.values() for mark in of])
    return changed


def refresh_values(engine: Engine, now: datetime) -> int:
    """Sum up anew what every account is worth; return how many were."""
    with reading(engine) as connection:
        facts = value_queries.order_facts(connection)
    for part in chunks(value_queries.rows(facts, now)):
        with giving_way(), writing(engine) as connection:
            value_queries.save(connection, part)
    with writing(engine) as connection:
        value_queries.forget_before(connection, now)
    return len(facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is read before anybody has to wait: what changes of it meanwhile leaves a mark, and is judged again."""

    activities: Mapping[AccountId, Sequence[Activity]]
    usage: Mapping[AccountId, Sequence[UsageWeek]]


def _refresh_all(engine: Engine, accounts: Sequence[Account], rules: DormancyRules, now: datetime) -> int:
    with reading(engine) as connection:
        learnt = fitted(connection)
    expected = outlook(learnt) if learnt is not None else None
    changed = 0
    for part in chunks(accounts, _AT_ONCE):
        with giving_way():
            known = _read(engine, [account.id for account in part], now)
            # Nobody may wake or claim one between our looking and our writing: it would be put to sleep again.
            with visit_builder(engine), writing(engine) as connection:
                judged = _judged(connection, part, known, rules, expected, now)
                at = max((one.as_of for one in judged), default=now)
                changed += len(dormancy_store.save_states(connection, judged, at))
    return changed


def _read(engine: Engine, ids: Sequence[AccountId], now: datetime) -> _Known:
    with reading(engine) as connection:
        activities = account_store.activities_of(connection, ids, until=now)
    if many := heavy_users(activities):
        with writing(engine) as connection:
            count_weeks(connection, many, now)
    with reading(engine) as connection:
        return _Known(activities=activities, usage=usage_of(connection, ids))


def _judged(
    connection: Connection,
    accounts: Sequence[Account],
    known: _Known,
    rules: DormancyRules,
    expected: Outlook | None,
    now: datetime,
) -> list[Dormancy]:
    ids = [account.id for account in accounts]
    standings = dormancy_store.states(connection, ids)
    intent = last_intent(connection, ids)
    claimed = last_claims(connection, ids)
    judged: list[Dormancy] = []
    for account in accounts:
        history, at = None, now
        if standing := standings.get(account.id):
            if now < standing.judged_at <= now + _WHILE_WE_JUDGE:
                at = standing.judged_at
            history = WebHistory(
                state=standing.state,
                since=standing.since,
                intent_at=intent.get(account.id),
                claimed_at=claimed.get(account.id),
            )
        did, weeks = known.activities.get(account.id, ()), known.usage.get(account.id)
        judged.append(judge_dormancy(account, did, rules, at, history, weeks=weeks, outlook=expected))
    return judged
