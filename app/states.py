"""Moves accounts from state to state as time goes by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from app.locks import visit_builder
from app.state_queries import last_claims, last_intent
from core.database import chunks, reading, writing
from core.domain import Account, Dormancy
from enrichment.account import store as account_store
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.states import WebHistory

_AT_ONCE = 250
"""Accounts judged in one transaction: few enough that a page view need not wait for them."""


def refresh_states(engine: Engine, rules: DormancyRules, now: datetime) -> int:
    """Judge every account as of `now` and keep where it stands; return how many changed their state."""
    with reading(engine) as connection:
        accounts = account_store.accounts(connection)
    changed = 0
    for part in chunks(accounts, _AT_ONCE):
        # Nobody may wake or claim an account between our looking and our writing: it would be put to sleep again.
        with visit_builder(engine), writing(engine) as connection:
            changed += len(dormancy_store.save_states(connection, _judged(connection, part, rules, now), now))
    return changed


def _judged(connection: Connection, accounts: Sequence[Account], rules: DormancyRules, now: datetime) -> list[Dormancy]:
    ids = [account.id for account in accounts]
    activities = account_store.activities_of(connection, ids)
    standings = dormancy_store.states(connection, ids)
    intent = last_intent(connection, ids)
    claimed = last_claims(connection, ids)
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
        judged.append(judge_dormancy(account, activities.get(account.id, ()), rules, now, history))
    return judged
