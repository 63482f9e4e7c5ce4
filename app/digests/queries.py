"""Alerts that digests tell of, and when the last digest was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select, update

import alerts.store
from alerts.digests.rep_digest import ToCall
from alerts.message import AlertText, from_data
from alerts.tables import alerts as told
from alerts.tables import notices
from core.alerting import UNANSWERED, Hold
from core.database import chunks
from core.domain import AccountId, AlertId, SiteId, State
from core.log import logger
from enrichment.tables import account_states, judgements
from tracker.tables import visits

_log = logger("digests")

OPEN_FOR = timedelta(days=7)
"""An alert that was told at once and that nobody took stands in the digests of so many days."""

_NO_LONGER = frozenset({State.REACTIVATED.value, State.ACTIVE.value})
_BRIEF = (Hold.QUIET.value, Hold.CAP.value, Hold.DEMOTED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """An alert that nobody has taken, with what is needed to give it to somebody else."""

    call: ToCall
    account: AccountId
    to: str
    """Whom it is for, in lower case; empty: each channel's fallback."""
    line: str
    score: float


def open_alerts(
    connection: Connection, now: datetime, release_after: timedelta, site_left_out: SiteId | None
) -> list[OpenAlert]:
    """Return the open alerts: first those held until now, then those told lately; the highest scores first.

    Of an account that came back as a customer meanwhile nobody is told any more. A message that can't be read is left
    out, and logged.
    """
    untold = and_(
        told.c.released_at.is_(None),
        told.c.hold.in_((*_BRIEF, Hold.HOLDOUT.value)),
        or_(told.c.hold != Hold.HOLDOUT.value, told.c.at <= now - release_after),
    )
    lately = now - OPEN_FOR  # an alert is made after its visit: the index is by when it was made
    again = and_(told.c.created_at >= lately, told.c.at >= lately, told.c.hold != Hold.SHADOW.value)
    again = and_(again, told.c.backfill.is_(False), or_(told.c.hold == "", told.c.released_at.is_not(None)))
    rows = [*_rows(connection, untold, site_left_out), *_rows(connection, again, site_left_out)]
    said = alerts.store.feedback_of(connection, [AlertId(row["id"]) for row in rows])
    found: list[OpenAlert] = []
    for row in rows:
        standing = [each for each in said.get(AlertId(row["id"]), ()) if each.undone_at is None]
        is_snoozed = any(each.until is not None and each.until > now for each in standing if each.kind == "snoozed")
        is_answered = any(each.kind not in UNANSWERED for each in standing)
        if row["backfill"] or is_answered or is_snoozed or (row["state"] in _NO_LONGER and row["kind"] == "awake"):
            continue
        message = readable(row["id"], row["message"])
        if message is None:
            continue
        hold = Hold(row["hold"]) if row["hold"] and row["released_at"] is None else None
        found.append(
            OpenAlert(
                call=ToCall(alert=AlertId(row["id"]), message=message, at=row["at"], hold=hold),
                account=AccountId(row["account"]),
                to=row["to"].strip().lower(),
                line=row["line"],
                score=row["score"],
            )
        )
    return found


def readable(alert: str, message: Mapping[str, object]) -> AlertText | None:
    """Return a kept message; None, and a line in the log, where it can't be read."""
    try:
        return from_data(message)
    except Exception as error:
        _log.error("an alert's message can't be read: no digest tells of it", alert=alert, why=str(error))
        return None


def _rows(connection: Connection, which: ColumnElement[bool], site_left_out: SiteId | None) -> Sequence[RowMapping]:
    columns = told.c["id", "account", "to", "at", "hold", "released_at", "message", "kind", "line", "score", "backfill"]
    query = (
        select(*columns, account_states.c.state)
        .join_from(told, account_states, account_states.c.account == told.c.account, isouter=True)
        .where(which)
        .order_by(told.c.score.desc(), told.c.at, told.c.id)
    )
    if site_left_out is not None:
        query = query.where(told.c.site != site_left_out)
    return connection.execute(query).mappings().all()


def mark_told(connection: Connection, calls: Collection[ToCall], notice: str, now: datetime) -> None:
    """Write down that a notice told of these held alerts, and whom it told, where that wasn't whom they were for."""
    for some in chunks(sorted(one.alert for one in calls)):
        connection.execute(
            update(told)
            .where(told.c.id.in_(some), told.c.released_at.is_(None))
            .values(told_in=notice, released_at=now)
        )
    for one in calls:
        if one.routed is not None:
            changed = {"to": one.routed.to, "route": one.routed.why}
            connection.execute(update(told).where(told.c.id == one.alert, told.c.told_in == notice).values(changed))


def last_digests(connection: Connection) -> Mapping[str, datetime]:
    """Return when the last digest to each person was made."""
    newest = func.max(notices.c.at, type_=notices.c.at.type).label("last")
    query = select(notices.c.to, newest).where(notices.c.kind == "digest").group_by(notices.c.to)
    return {row.to: row.last for row in connection.execute(query)}


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
        .where(
            told.c.created_at >= since,
            told.c.at >= since,
            told.c.backfill.is_(False),
            or_(told.c.hold == "", told.c.released_at.is_not(None)),
        )
        .order_by(told.c.score.desc(), told.c.at)
    )
    if site_left_out is not None:
        query = query.where(told.c.site != site_left_out)
    return [
        (AlertId(row.id), AccountId(row.account), row.to.strip().lower(), row.message)
        for row in connection.execute(query)
    ]
