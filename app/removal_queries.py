"""Removes all that was judged and said about the visits of one site, and about the demo's accounts anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, delete, func, select, update

from alerts.deliveries.tables import delivery_log
from alerts.notices.notice import from_data
from alerts.shadow.tables import shadow_verdicts
from alerts.tables import alerts, deliveries, feedback, notices
from alerts.wording import clean
from app.signed import OF_DEMO
from app.tables import audit
from core.database import chunks
from core.domain import DropReason, SiteId
from enrichment.tables import accounts, judgements


def remove_site_traces(connection: Connection, site: SiteId) -> None:
    """Delete judgements, alerts, notices, deliveries and feedback of the site; the tracker removes its own."""
    remove_alerts(connection, alerts.c.site == site)
    _remove_digests_about(connection, judgements.c.visit, judgements.c.site == site)
    connection.execute(delete(judgements).where(judgements.c.site == site))


def remove_demo_traces(connection: Connection) -> None:
    """Delete what was said of the demo's accounts and by its reps; visits of theirs to other sites are nobody's."""
    of_demo = select(accounts.c.id).where(accounts.c.is_demo)
    remove_alerts(connection, alerts.c.account.in_(of_demo))
    _remove_digests_about(connection, accounts.c.id, accounts.c.is_demo)
    nobodys = {"account": None, "drop": DropReason.ACCOUNT_NONE.value, "qualified": False, "points": None}
    connection.execute(update(judgements).where(judgements.c.account.in_(of_demo)).values(**nobodys, why={}))
    connection.execute(delete(audit).where(audit.c.by.endswith(OF_DEMO, autoescape=True)))


def remove_alerts(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete alerts with what was sent of them, said in their threads and in digests, and done with them."""
    ids = select(alerts.c.id).where(which)
    _remove_digests_about(connection, alerts.c.id, which)
    _remove_weeks_of(connection, which)
    remove_notices(connection, notices.c.alert.in_(ids))
    _remove_deliveries(connection, ids)
    for table in (feedback, shadow_verdicts):
        connection.execute(delete(table).where(table.c.alert.in_(ids)))
    connection.execute(delete(alerts).where(which))


def remove_notices(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete notices with what was sent of them."""
    _remove_deliveries(connection, select(notices.c.id).where(which))
    connection.execute(delete(notices).where(which))


def _remove_digests_about(connection: Connection, subject: Column[str], which: ColumnElement[bool]) -> None:
    """Delete digests with a row about one of the subjects: whole, since their words name customers."""
    named: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(*notices.c["id", "text"]).where(notices.c.kind == "digest")):
        for button in _subjects(row.text):
            named[button].add(row.id)
    gone = set(named.pop("", ()))
    for some in chunks(sorted(named)):
        for found in connection.execute(select(subject).where(which, subject.in_(some))).scalars():
            gone |= named[found]
    for some in chunks(sorted(gone)):
        remove_notices(connection, notices.c.id.in_(some))


def _subjects(text: Mapping[str, object]) -> set[str]:
    """Return whom the buttons of a digest are about; "" stands for one that can't be read."""
    try:
        sections = from_data(text).sections
    except msgspec.ValidationError:
        return {""}
    return {button.subject for section in sections for row in section.rows for button in row.buttons}


def _remove_weeks_of(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete managers' weeks, made since then, that name an account of these alerts: they have no buttons."""
    since = connection.execute(select(func.min(alerts.c.at, type_=alerts.c.at.type)).where(which)).scalar_one()
    if since is None:
        return
    of_alerts = select(accounts.c.name).where(accounts.c.id.in_(select(alerts.c.account).where(which)))
    names = tuple({clean(name, 80) for name in connection.execute(of_alerts).scalars()} - {""})
    weeks = select(*notices.c["id", "text"]).where(notices.c.kind == "weekly", notices.c.at >= since)
    gone = [row.id for row in connection.execute(weeks) if _begins_with(row.text, names)]
    for some in chunks(gone):
        remove_notices(connection, notices.c.id.in_(some))


def _begins_with(text: Mapping[str, object], names: tuple[str, ...]) -> bool:
    try:
        sections = from_data(text).sections
    except msgspec.ValidationError:
        return True
    return any(row.text.startswith(names) for section in sections for row in section.rows)


def _remove_deliveries(connection: Connection, of: Select[tuple[str]]) -> None:
    ids = select(deliveries.c.id).where(deliveries.c.alert.in_(of))
    connection.execute(delete(delivery_log).where(delivery_log.c.delivery.in_(ids)))
    connection.execute(delete(deliveries).where(deliveries.c.alert.in_(of)))
