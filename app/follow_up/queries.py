"""The alerts of the last weeks as tasks: what they are about, and what people did with them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

import alerts.store
from alerts.tables import alerts as told
from app.follow_up.work import Task
from core.alerting import Hold
from core.database import chunks
from core.domain import AccountId, AlertId, SiteId
from enrichment.tables import accounts, activities

MOST = 5_000
"""The newest alerts are looked at; more than these open is no list any more."""


def tasks(connection: Connection, since: datetime, site_left_out: SiteId | None = None) -> tuple[Task, ...]:
    """Return the alerts that were told from `since` on, newest first; those found in history or never told left out."""
    is_told = or_(told.c.hold == "", told.c.released_at.is_not(None))
    query = (
        select(*told.c["id", "account", "site", "to", "created_at", "released_at", "score", "message"], accounts.c.name)
        .join_from(told, accounts, accounts.c.id == told.c.account, isouter=True)
        .where(told.c.created_at >= since, told.c.backfill.is_(False), is_told, told.c.hold != Hold.SHADOW.value)
        .order_by(told.c.created_at.desc(), told.c.id)
        .limit(MOST)
    )
    if site_left_out is not None:
        query = query.where(told.c.site != site_left_out)
    rows = connection.execute(query).all()
    said = alerts.store.feedback_of(connection, [AlertId(row.id) for row in rows])
    ordered = _last_orders(connection, sorted({row.account for row in rows}))
    return tuple(
        Task(
            alert=AlertId(row.id),
            account=AccountId(row.account),
            name=row.name or row.account,
            site=SiteId(row.site),
            to=row.to.strip().lower(),
            told_at=row.released_at or row.created_at,
            score=row.score,
            facts=" · ".join(str(each) for each in (row.message or {}).get("facts", ())),
            said=tuple(each for each in said.get(AlertId(row.id), ()) if each.undone_at is None),
            ordered_at=ordered.get(row.account),
        )
        for row in rows
    )


def _last_orders(connection: Connection, ids: list[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = defaultdict()
    for some in chunks(ids):
        query = (
            select(activities.c.account, func.max(activities.c.at, type_=activities.c.at.type).label("last"))
            .where(activities.c.account.in_(some), activities.c.kind == "purchase")
            .group_by(activities.c.account)
        )
        found.update({row.account: row.last for row in connection.execute(query)})
    return found
