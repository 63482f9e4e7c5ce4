"""Removes rows whose class has a clock and that no stage removes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from alerts.deliveries.tables import delivery_log
from alerts.shadow.tables import shadow_verdicts
from alerts.tables import alerts, deliveries, feedback, notices
from app.tables import audit, login_links, sessions
from enrichment.tables import judgements
from tracker.tables import visits

_AT_ONCE = 5_000


def expire_judgements(connection: Connection, _before: datetime) -> int:
    """Delete judgements whose visit is gone; they go with their visits."""
    gone = select(judgements.c.visit).where(judgements.c.visit.not_in(select(visits.c.id))).limit(_AT_ONCE)
    return connection.execute(delete(judgements).where(judgements.c.visit.in_(gone))).rowcount


def expire_alerts(connection: Connection, before: datetime) -> int:
    """Delete alerts made before a moment, with their deliveries and what people did with them."""
    old = connection.execute(select(alerts.c.id).where(alerts.c.created_at < before).limit(500)).scalars().all()
    _delete_tries(connection, old)
    said = ((deliveries, deliveries.c.alert), (feedback, feedback.c.alert), (shadow_verdicts, shadow_verdicts.c.alert))
    for table, column in (*said, (alerts, alerts.c.id)):
        connection.execute(delete(table).where(column.in_(old)))
    return len(old)


def expire_verdicts(connection: Connection, before: datetime) -> int:
    """Delete verdicts on samples given before a moment, whatever became of their alerts."""
    return connection.execute(delete(shadow_verdicts).where(shadow_verdicts.c.at < before)).rowcount


def expire_notices(connection: Connection, before: datetime) -> int:
    """Delete notices made before a moment, with their deliveries."""
    old = connection.execute(select(notices.c.id).where(notices.c.at < before).limit(500)).scalars().all()
    _delete_tries(connection, old)
    for table, column in ((deliveries, deliveries.c.alert), (notices, notices.c.id)):
        connection.execute(delete(table).where(column.in_(old)))
    return len(old)


def _delete_tries(connection: Connection, messages: Sequence[str]) -> None:
    theirs = select(deliveries.c.id).where(deliveries.c.alert.in_(messages))
    connection.execute(delete(delivery_log).where(delivery_log.c.delivery.in_(theirs)))


def expire_sessions(connection: Connection, before: datetime) -> int:
    """Delete logins and one-time links made before a moment."""
    links = connection.execute(delete(login_links).where(login_links.c.expires_at < before)).rowcount
    return links + connection.execute(delete(sessions).where(sessions.c.created_at < before)).rowcount


def expire_audit(connection: Connection, before: datetime) -> int:
    """Delete audit rows from before a moment."""
    return connection.execute(delete(audit).where(audit.c.at < before)).rowcount
