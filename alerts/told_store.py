"""What was told of accounts and to whom, as the next decision needs it; the caller opens the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from alerts.tables import alerts, feedback
from alerts.throttle import LastAlert
from core.alerting import Hold
from core.database import chunks
from core.domain import AccountId


def last_told(connection: Connection, accounts: Collection[AccountId]) -> Mapping[AccountId, LastAlert]:
    """Return each account's last alert that was news, those marked as wrong left out."""
    wrong = select(feedback.c.alert).where(feedback.c.kind == "wrong_company", feedback.c.undone_at.is_(None))
    found: dict[AccountId, LastAlert] = {}
    for chunk in chunks(sorted(set(accounts))):
        valid = (alerts.c.account.in_(chunk), alerts.c.backfill.is_(False), alerts.c.id.not_in(wrong))
        newest = (
            select(alerts.c.account, func.max(alerts.c.at, type_=alerts.c.at.type).label("at"))
            .where(*valid)
            .group_by(alerts.c.account)
            .subquery()
        )
        rows = connection.execute(
            select(alerts.c.account, alerts.c.at, alerts.c.score, alerts.c.rule, alerts.c.kind, alerts.c.hold)
            .join_from(alerts, newest, (alerts.c.account == newest.c.account) & (alerts.c.at == newest.c.at))
            .where(*valid)
        )
        for row in rows:
            found[AccountId(row.account)] = LastAlert(
                at=row.at,
                score=row.score,
                rule=row.rule,
                kind=row.kind,
                hold=Hold(row.hold) if row.hold else None,
            )
    return found


def snoozed_until(connection: Connection, accounts: Collection[AccountId]) -> Mapping[AccountId, datetime]:
    """Return until when people asked to hear nothing of an account; only where somebody did, the latest word counts."""
    found: dict[AccountId, datetime] = {}
    for chunk in chunks(sorted(set(accounts))):
        rows = connection.execute(
            select(alerts.c.account, feedback.c.until)
            .join_from(feedback, alerts, alerts.c.id == feedback.c.alert)
            .where(
                alerts.c.account.in_(chunk),
                feedback.c.kind == "snoozed",
                feedback.c.undone_at.is_(None),
                feedback.c.until.is_not(None),
            )
            .order_by(feedback.c.at, feedback.c.id)
        )
        found.update({AccountId(row.account): row.until for row in rows})  # the newest comes last
    return found


def told_since(
    connection: Connection, reps: Collection[str], since: datetime, without: str
) -> Mapping[str, list[datetime]]:
    """Return when each of these reps got real-time alerts since `since`; those of the site `without` don't count."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for chunk in chunks(sorted(set(reps))):
        rows = connection.execute(
            select(alerts.c.to, alerts.c.created_at).where(
                alerts.c.to.in_(chunk),
                alerts.c.at >= since,  # the index is on it, and news are never much older than what they tell of
                alerts.c.backfill.is_(False),
                alerts.c.hold == "",
                alerts.c.site != without,
            )
        )
        for row in rows:
            found[row.to].append(row.created_at)
    return found
