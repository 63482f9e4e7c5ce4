"""Alerts that digests tell of, and when the last digest was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

import alerts.store
from alerts.digests.rep_digest import ToCall
from alerts.message import from_data
from alerts.tables import alerts as told
from alerts.tables import notices
from core.alerting import UNANSWERED, Hold
from core.database import chunks
from core.domain import AccountId, AlertId, SiteId, State
from enrichment.tables import account_states, judgements
from tracker.tables import visits

OPEN_FOR = timedelta(days=7)
"""An alert that was told at once and that nobody took stands in the digests of so many days."""

_NO_LONGER = frozenset({State.REACTIVATED.value, State.ACTIVE.value})
_BRIEF = (Hold.QUIET.value, Hold.CAP.value, Hold.DEMOTED.value)


def to_call(
    connection: Connection, now: datetime, release_after: timedelta, site_left_out: SiteId | None
) -> dict[str, list[ToCall]]:
    """Return by recipient (lower case, "" for none) the open alerts: told at once lately, or held and due to be told.

    Of an account that came back as a customer meanwhile nobody is told any more.
    """
    untold = and_(
        told.c.released_at.is_(None),
        or_(told.c.hold.in_(_BRIEF), and_(told.c.hold == Hold.HOLDOUT.value, told.c.at <= now - release_after)),
    )
    at_once = and_(or_(told.c.hold == "", told.c.released_at.is_not(None)), told.c.at >= now - OPEN_FOR)
    query = (
        select(*told.c["id", "account", "to", "at", "hold", "released_at", "message", "kind"], account_states.c.state)
        .join_from(told, account_states, account_states.c.account == told.c.account, isouter=True)
        .where(told.c.backfill.is_(False), told.c.hold != Hold.SHADOW.value, or_(untold, at_once))
        .order_by(told.c.score.desc(), told.c.at)
    )
    if site_left_out is not None:
        query = query.where(told.c.site != site_left_out)
    rows = connection.execute(query).all()
    said = alerts.store.feedback_of(connection, [AlertId(row.id) for row in rows])
    found: dict[str, list[ToCall]] = {}
    for row in rows:
        standing = [each for each in said.get(AlertId(row.id), ()) if each.undone_at is None]
        is_snoozed = any(each.until is not None and each.until > now for each in standing if each.kind == "snoozed")
        is_answered = any(each.kind not in UNANSWERED for each in standing)
        if is_answered or is_snoozed or (row.state in _NO_LONGER and row.kind == "awake"):
            continue
        hold = Hold(row.hold) if row.hold and row.released_at is None else None
        one = ToCall(alert=AlertId(row.id), message=from_data(row.message), at=row.at, hold=hold)
        found.setdefault(row.to.strip().lower(), []).append(one)
    return found


def mark_told(connection: Connection, ids: Collection[AlertId], notice: str, now: datetime) -> None:
    """Write down that a notice told of these held alerts."""
    for some in chunks(sorted(ids)):
        connection.execute(
            update(told)
            .where(told.c.id.in_(some), told.c.released_at.is_(None))
            .values(told_in=notice, released_at=now)
        )


def last_digest(connection: Connection, to: str) -> datetime | None:
    """Return when the last digest to this person was made."""
    newest = func.max(notices.c.at, type_=notices.c.at.type)
    found: datetime | None = connection.execute(
        select(newest).where(notices.c.kind == "digest", notices.c.to == to)
    ).scalar()
    return found


def kept(connection: Connection, since: datetime, now: datetime) -> Mapping[str, int]:
    """Return the visits from `since` on that went to nobody, by the code of the drop."""
    reason = func.coalesce(visits.c.drop, judgements.c.drop).label("reason")
    rows = connection.execute(
        select(reason, func.count().label("n"))
        .join_from(visits, judgements, judgements.c.visit == visits.c.id, isouter=True)
        .where(visits.c.last_at >= since, visits.c.last_at <= now)
        .group_by(reason)
    )
    return Counter({row.reason: row.n for row in rows if row.reason})


def week_alerts(
    connection: Connection, since: datetime, site_left_out: SiteId | None
) -> list[tuple[AlertId, AccountId, str, Mapping[str, object]]]:
    """Return (id, account, recipient, message) of the alerts since then that were told, the highest score first."""
    query = (
        select(*told.c["id", "account", "to", "message"])
        .where(told.c.at >= since, told.c.backfill.is_(False), or_(told.c.hold == "", told.c.released_at.is_not(None)))
        .order_by(told.c.score.desc(), told.c.at)
    )
    if site_left_out is not None:
        query = query.where(told.c.site != site_left_out)
    return [
        (AlertId(row.id), AccountId(row.account), row.to.strip().lower(), row.message)
        for row in connection.execute(query)
    ]
