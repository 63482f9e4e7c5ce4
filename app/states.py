"""Moves accounts from state to state as time goes by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from app.state_queries import last_claims, last_intent
from core.database import chunks, reading, writing
from enrichment.account import store as account_store
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.states import WebHistory


def refresh_states(engine: Engine, rules: DormancyRules, now: datetime) -> int:
    """Judge every account as of `now` and keep where it stands; return how many changed their state."""
    with reading(engine) as connection:
        accounts = account_store.accounts(connection)
    changed = 0
    for part in chunks(accounts, 1000):
        ids = [account.id for account in part]
        with reading(engine) as connection:
            activities = account_store.activities_of(connection, ids)
            standings = dormancy_store.states(connection, ids)
            intent = last_intent(connection, ids)
            claimed = last_claims(connection, ids)
        judged = []
        for account in part:
            history = None
            if standing := standings.get(account.id):
                history = WebHistory(
                    state=standing.state,
                    since=standing.since,
                    intent_at=intent.get(account.id),
                    claimed_at=claimed.get(account.id),
                )
            judged.append(judge_dormancy(account, activities.get(account.id, ()), rules, now, history))
        with writing(engine) as connection:
            changed += len(dormancy_store.save_states(connection, judged, now))
    return changed
