"""The alerts of the last weeks as tasks: what they are about, and what people did with them; and what was escalated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, or_, select

import alerts.store
from alerts.notices.notice import from_data
from alerts.tables import alerts as told
from alerts.tables import deliveries, feedback, notices
from app.follow_up.work import Task
from core.alerting import Feedback, Hold
from core.database import chunks
from core.domain import AccountId, AlertId, SiteId
from core.log import logger
from enrichment.tables import accounts, activities

MOST = 5_000
"""The newest alerts are looked at; more than these open is no list any more."""

_log = logger("follow-up")


def tasks(
    connection: Connection, since: datetime, site_left_out: SiteId | None = None, *, claimed_only: bool = False
) -> tuple[Task, ...]:
    """Return the alerts that were told from `since` on, newest first; those found in history or never told left out.

    `claimed_only`: those that somebody took. An alert that can't be read is left out, and logged.
    """
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
    if claimed_only:
        taken = feedback.c.kind == "claimed", feedback.c.undone_at.is_(None)
        query = query.where(select(feedback.c.id).where(feedback.c.alert == told.c.id, *taken).exists())
    rows = connection.execute(query).mappings().all()
    ids = [AlertId(row["id"]) for row in rows]
    said = alerts.store.feedback_of(connection, ids)
    ordered = _last_orders(connection, sorted({row["account"] for row in rows}))
    sent = _first_sent(connection, ids)
    found: list[Task] = []
    for row in rows:
        try:
            found.append(_task(row, said.get(AlertId(row["id"]), ()), ordered, sent))
        except Exception as error:
            _log.error("an alert can't be read: nobody is reminded of it", alert=row["id"], why=str(error))
    return tuple(found)


def escalated(connection: Connection, since: datetime) -> frozenset[AlertId]:
    """Return the alerts that managers were told of from `since` on, because nobody took them."""
    query = select(notices.c.id, notices.c.text).where(notices.c.kind == "escalation", notices.c.at >= since)
    found: set[AlertId] = set()
    for row in connection.execute(query):
        try:
            rows = [each for section in from_data(row.text).sections for each in section.rows]
            found |= {AlertId(button.subject) for each in rows for button in each.buttons}
        except Exception as error:
            _log.error("an escalation can't be read", notice=row.id, why=str(error))
    return frozenset(found)


def _task(
    row: RowMapping,
    said: Collection[Feedback],
    ordered: Mapping[str, datetime],
    sent: Mapping[str, datetime],
) -> Task:
    return Task(
        alert=AlertId(row["id"]),
        account=AccountId(row["account"]),
        name=row["name"] or row["account"],
        site=SiteId(row["site"]),
        to=row["to"].strip().lower(),
        told_at=row["released_at"] or sent.get(row["id"]) or row["created_at"],
        score=row["score"],
        facts=" · ".join(str(each) for each in (row["message"] or {}).get("facts", ())),
        said=tuple(each for each in said if each.undone_at is None),
        ordered_at=ordered.get(row["account"]),
    )


def _first_sent(connection: Connection, ids: Collection[AlertId]) -> Mapping[str, datetime]:
    """When each alert reached its first channel."""
    first = func.min(deliveries.c.first_sent_at, type_=deliveries.c.first_sent_at.type).label("first")
    found: dict[str, datetime] = {}
    for some in chunks(sorted(ids)):
        query = select(deliveries.c.alert, first).where(deliveries.c.alert.in_(some)).group_by(deliveries.c.alert)
        found.update({row.alert: row.first for row in connection.execute(query) if row.first is not None})
    return found


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
