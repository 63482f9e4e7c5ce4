"""Messages that aren't alerts: digests, weeks, reminders, lines of threads."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from alerts.notices.notice import Notice, from_data
from alerts.tables import notices
from core.domain import AlertId

PAGE_SIZE = 30


def list_notices(connection: Connection, kinds: Collection[str], page: int) -> tuple[Notice, ...]:
    """Return one page of the notices of these kinds, newest first."""
    rows = connection.execute(
        select(*notices.c["id", "kind", "to", "at", "text", "alert"])
        .where(notices.c.kind.in_(sorted(kinds)))
        .order_by(notices.c.at.desc(), notices.c.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return tuple(
        Notice(
            id=row.id,
            kind=row.kind,
            to=row.to,
            at=row.at,
            text=from_data(row.text),
            alert=AlertId(row.alert) if row.alert else None,
        )
        for row in rows
    )


def count_notices(connection: Connection) -> dict[str, int]:
    """Return how many notices there are of each kind."""
    rows = connection.execute(select(notices.c.kind, func.count().label("n")).group_by(notices.c.kind))
    return {row.kind: row.n for row in rows}


def milestones(connection: Connection, alerts: Collection[str]) -> dict[str, list[Notice]]:
    """Return what was said in the threads of these alerts, oldest first."""
    found: dict[str, list[Notice]] = {}
    rows = connection.execute(
        select(*notices.c["id", "kind", "to", "at", "text", "alert"])
        .where(notices.c.alert.in_(sorted(alerts)))
        .order_by(notices.c.at, notices.c.id)
    )
    for row in rows:
        one = Notice(id=row.id, kind=row.kind, to=row.to, at=row.at, text=from_data(row.text), alert=row.alert)
        found.setdefault(row.alert, []).append(one)
    return found
