"""Reads what moves accounts from state to state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from alerts.tables import alerts, feedback
from core.database import chunks
from core.domain import AccountId
from enrichment.tables import judgements


def last_intent(connection: Connection, accounts: Sequence[AccountId]) -> dict[AccountId, datetime]:
    """Return the moment of each account's last visit that qualified; those without one are left out."""
    found: dict[AccountId, datetime] = {}
    for ids in chunks(accounts):
        query = (
            select(judgements.c.account, func.max(judgements.c.at, type_=judgements.c.at.type))
            .where(judgements.c.account.in_(ids), judgements.c.qualified)
            .group_by(judgements.c.account)
        )
        found.update({AccountId(account): at for account, at in connection.execute(query)})
    return found


def last_claims(connection: Connection, accounts: Sequence[AccountId]) -> dict[AccountId, datetime]:
    """Return when a rep last took each account on, by any of its alerts; claims that were undone don't count."""
    found: dict[AccountId, datetime] = {}
    for ids in chunks(accounts):
        query = (
            select(alerts.c.account, func.max(feedback.c.at, type_=feedback.c.at.type))
            .select_from(feedback.join(alerts, feedback.c.alert == alerts.c.id))
            .where(alerts.c.account.in_(ids), feedback.c.kind == "claimed", feedback.c.undone_at.is_(None))
            .group_by(alerts.c.account)
        )
        found.update({AccountId(account): at for account, at in connection.execute(query)})
    return found
