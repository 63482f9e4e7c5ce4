"""Forgets what was done by hand on the demo page, so that it can be shown again; nothing but the demo is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.sql.elements import ColumnElement

from alerts.tables import alerts, notices
from app import actions
from app.removal_queries import remove_alerts, remove_notices
from app.signed import DEMO_SITE
from core.database import chunks
from enrichment.tables import account_states, accounts, corrections, dormancy_transitions, judgements
from tracker.tables import hit_counts, page_views, visits


def start_over(connection: Connection, since: datetime, by: str, now: datetime) -> int:
    """Remove the visits to the demo shop that began at `since` or later and all that followed from them.

    Corrections and states of demo accounts go back to where they were at `since`. Returns the number of visits.
    """
    gone = list(
        connection.execute(
            select(visits.c.id).where(visits.c.site == DEMO_SITE, visits.c.started_at >= since)
        ).scalars()
    )
    _take_back_corrections(connection, since, by, now)
    _uncount(connection, since)
    told = [
        alert
        for ids in chunks(gone)
        for alert in connection.execute(select(alerts.c.id).where(alerts.c.visit.in_(ids))).scalars()
    ]
    for ids in chunks(told):
        remove_alerts(connection, alerts.c.id.in_(ids))
    of_demo = select(alerts.c.id).where(alerts.c.site == DEMO_SITE)
    remove_notices(connection, (notices.c.at >= since) & notices.c.alert.in_(of_demo))
    _remove(connection, judgements, judgements.c.visit, gone)
    _remove(connection, page_views, page_views.c.visit, gone)
    connection.execute(
        delete(page_views).where(
            page_views.c.site == DEMO_SITE, page_views.c.visit.is_(None), page_views.c.received_at >= since
        )
    )
    _remove(connection, visits, visits.c.id, gone)
    _turn_back_states(connection, since)
    return len(gone)


def _of_demo(column: ColumnElement[str]) -> ColumnElement[bool]:
    return column.in_(select(accounts.c.id).where(accounts.c.is_demo))


def _remove(connection: Connection, table: Table, column: ColumnElement[str], values: Iterable[str]) -> None:
    for some in chunks(list(values)):
        connection.execute(delete(table).where(column.in_(some)))


def _take_back_corrections(connection: Connection, since: datetime, by: str, now: datetime) -> None:
    """Give visits back that were taken from demo accounts, the past ones too, and forget the corrections."""
    made = corrections.c.at >= since, _of_demo(corrections.c.account)
    for correction in connection.execute(select(corrections.c.id).where(*made)).scalars().all():
        actions.ACTS["undo_correction"](connection, correction, by, now)
    connection.execute(delete(corrections).where(*made))


def _uncount(connection: Connection, since: datetime) -> None:
    """Take the page views that go out of the daily counts, so that the funnel still adds up."""
    rows = connection.execute(
        select(*page_views.c["received_at", "source", "drop"])
        .join_from(page_views, visits, visits.c.id == page_views.c.visit, isouter=True)
        .where(page_views.c.site == DEMO_SITE, page_views.c.received_at >= since)
    )
    days = Counter((row.received_at.astimezone(UTC).date().isoformat(), row.source, row.drop or "kept") for row in rows)
    for (day, source, outcome), n in days.items():
        connection.execute(
            update(hit_counts)
            .where(
                hit_counts.c.site == DEMO_SITE,
                hit_counts.c.day == day,
                hit_counts.c.source == source,
                hit_counts.c.outcome == outcome,
                hit_counts.c.n >= n,
            )
            .values(n=hit_counts.c.n - n)
        )


def _turn_back_states(connection: Connection, since: datetime) -> None:
    """Let demo accounts stand where they stood before the first crossing since then."""
    crossed = dormancy_transitions.c.at >= since, _of_demo(dormancy_transitions.c.account)
    rows = connection.execute(
        select(*dormancy_transitions.c["account", "from_state"])
        .where(*crossed)
        .order_by(dormancy_transitions.c.at.desc(), dormancy_transitions.c.id)
    ).all()
    before = {row.account: row.from_state for row in rows}  # the earliest comes last and stays
    for account, state in before.items():
        connection.execute(
            update(account_states)
            .where(account_states.c.account == account)
            .values(state=state, since=since, judged_at=since)
        )
    connection.execute(delete(dormancy_transitions).where(*crossed))
