"""Removes all that was judged and said about the visits of one site, and about the demo's accounts anywhere."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from alerts.deliveries.tables import delivery_log
from alerts.tables import alerts, deliveries, feedback, notices
from app.signed import OF_DEMO
from app.tables import audit
from core.domain import DropReason, SiteId
from enrichment.tables import accounts, judgements


def remove_site_traces(connection: Connection, site: SiteId) -> None:
    """Delete judgements, alerts, notices, deliveries and feedback of the site; the tracker removes its own."""
    remove_alerts(connection, alerts.c.site == site)
    connection.execute(delete(judgements).where(judgements.c.site == site))


def remove_demo_traces(connection: Connection) -> None:
    """Delete what was said of the demo's accounts and by its reps; visits of theirs to other sites are nobody's."""
    of_demo = select(accounts.c.id).where(accounts.c.is_demo)
    remove_alerts(connection, alerts.c.account.in_(of_demo))
    nobodys = {"account": None, "drop": DropReason.ACCOUNT_NONE.value, "qualified": False, "points": None}
    connection.execute(update(judgements).where(judgements.c.account.in_(of_demo)).values(**nobodys, why={}))
    connection.execute(delete(audit).where(audit.c.by.endswith(OF_DEMO, autoescape=True)))


def remove_alerts(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete alerts with what was sent of them, said in their threads, and done with them."""
    ids = select(alerts.c.id).where(which)
    remove_notices(connection, notices.c.alert.in_(ids))
    _remove_deliveries(connection, ids)
    connection.execute(delete(feedback).where(feedback.c.alert.in_(ids)))
    connection.execute(delete(alerts).where(which))


def remove_notices(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete notices with what was sent of them."""
    _remove_deliveries(connection, select(notices.c.id).where(which))
    connection.execute(delete(notices).where(which))


def _remove_deliveries(connection: Connection, of: Select[tuple[str]]) -> None:
    ids = select(deliveries.c.id).where(deliveries.c.alert.in_(of))
    connection.execute(delete(delivery_log).where(delivery_log.c.delivery.in_(ids)))
    connection.execute(delete(deliveries).where(deliveries.c.alert.in_(of)))
