"""Keeps in "wrong company" who it was, once somebody said so: the message tells it instead of asking."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from alerts.store import edit_now
from alerts.tables import alerts, feedback
from core.database import chunks
from core.domain import AccountId


def name(connection: Connection, visits: Collection[str], account: AccountId, called: str, now: datetime) -> None:
    """Note that these visits were by `account`, `called` so, in "wrong company" of alerts about other accounts."""
    _put(connection, visits, account, called[:200], now)


def unname(connection: Connection, visits: Collection[str], account: AccountId, now: datetime) -> None:
    """Note that nobody knows any more whose these visits were: `account` it was not."""
    _put(connection, visits, account, "", now)


def _put(connection: Connection, visits: Collection[str], account: AccountId, called: str, now: datetime) -> None:
    for some in chunks(sorted(set(visits))):
        query = (
            select(feedback.c.id, feedback.c.alert)
            .join_from(feedback, alerts, alerts.c.id == feedback.c.alert)
            .where(alerts.c.visit.in_(some), alerts.c.account != account)
            .where(feedback.c.kind == "wrong_company", feedback.c.undone_at.is_(None), feedback.c.detail != called)
        )
        for row in connection.execute(query).all():
            connection.execute(update(feedback).where(feedback.c.id == row.id).values(detail=called))
            connection.execute(update(alerts).where(alerts.c.id == row.alert).values(version=alerts.c.version + 1))
            edit_now(connection, row.alert, now)
