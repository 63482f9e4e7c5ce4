"""The outbox as people see it: what was given up, what is possibly there twice, what waits and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, select

from alerts.deliveries.log_store import Outcome, tries
from alerts.tables import alerts, deliveries, notices
from core.clock import iso
from core.domain import DeliveryId

Show = Literal["dead", "twice", "waiting", "dropped"]

SHOWS: Mapping[Show, str] = {
    "dead": "Given up",
    "twice": "Possibly there twice",
    "waiting": "Waiting",
    "dropped": "Needless",
}
"""What can be listed, and how it is called."""


class TryLine(msgspec.Struct, frozen=True):
    """One try of a delivery."""

    n: int
    at: str
    outcome: Outcome
    error: str


class DeliveryRow(msgspec.Struct, frozen=True):
    """One delivery, as `deliveries list --json` prints it."""

    id: str
    message: str
    """The alert's or notice's id."""
    kind: str
    """`alert`, or the notice's kind."""
    title: str
    to: str
    channel: str
    status: str
    attempts: int
    due_at: str
    sent_at: str | None
    possibly_twice: bool
    error: str


def list_deliveries(
    connection: Connection, show: Show, *, channel: str | None = None, limit: int = 100, skip: int = 0
) -> tuple[DeliveryRow, ...]:
    """Return the deliveries of one sort, the newest first."""
    query = (
        select(deliveries, alerts.c.message, notices.c.text, notices.c.kind.label("notice_kind"))
        .add_columns(func.coalesce(alerts.c.to, notices.c.to).label("reader"))
        .outerjoin(alerts, alerts.c.id == deliveries.c.alert)
        .outerjoin(notices, and_(notices.c.id == deliveries.c.alert, deliveries.c.is_notice))
        .where(_of(show))
        .order_by(deliveries.c.due_at.desc(), deliveries.c.id)
        .limit(limit)
        .offset(skip)
    )
    if channel:
        query = query.where(deliveries.c.channel == channel)
    return tuple(
        DeliveryRow(
            id=row["id"],
            message=row["alert"],
            kind=row["notice_kind"] or "alert",
            title=_title(row["message"] or row["text"]),
            to=row["reader"] or "",
            channel=row["channel"],
            status=row["status"],
            attempts=row["attempts"],
            due_at=iso(row["due_at"]),
            sent_at=iso(row["sent_at"]) if row["sent_at"] else None,
            possibly_twice=row["possibly_twice"],
            error=row["error"],
        )
        for row in connection.execute(query).mappings()
    )


def count_deliveries(connection: Connection, show: Show) -> int:
    """Return how many there are of one sort."""
    return int(connection.execute(select(func.count()).select_from(deliveries).where(_of(show))).scalar_one())


def held_back(connection: Connection) -> tuple[tuple[str, int, str], ...]:
    """Return what waits for another reason than its turn: channel, how many, and why, most first."""
    count = func.count().label("n")
    rows = connection.execute(
        select(deliveries.c.channel, deliveries.c.error, count)
        .where(deliveries.c.status == "failed")
        .group_by(deliveries.c.channel, deliveries.c.error)
        .order_by(count.desc(), deliveries.c.channel)
        .limit(20)
    )
    return tuple((row.channel, int(row.n), row.error) for row in rows)


def orphans(connection: Connection, channels: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return the channels that are in no setting any more and still have something to send, with how much."""
    rows = connection.execute(
        select(deliveries.c.channel, func.count().label("n"))
        .where(deliveries.c.status.in_(("due", "failed")), deliveries.c.channel.not_in(channels))
        .group_by(deliveries.c.channel)
        .order_by(deliveries.c.channel)
    )
    return tuple((row.channel, int(row.n)) for row in rows)


def dead_ids(connection: Connection, channel: str | None) -> tuple[DeliveryId, ...]:
    """Return what was given up, of one channel or all."""
    query = select(deliveries.c.id).where(deliveries.c.status == "dead")
    if channel:
        query = query.where(deliveries.c.channel == channel)
    return tuple(DeliveryId(row.id) for row in connection.execute(query))


def of_message(connection: Connection, id: str) -> tuple[tuple[str, str, tuple[TryLine, ...]], ...]:
    """Return the tries of a delivery, or of all deliveries of an alert or notice: (id, channel, tries)."""
    rows = connection.execute(
        select(deliveries.c.id, deliveries.c.channel)
        .where((deliveries.c.id == id) | (deliveries.c.alert == id))
        .order_by(deliveries.c.channel)
    ).all()
    return tuple((row.id, row.channel, _lines(connection, DeliveryId(row.id))) for row in rows)


def _lines(connection: Connection, delivery: DeliveryId) -> tuple[TryLine, ...]:
    return tuple(
        TryLine(n=one.n, at=iso(one.at), outcome=one.outcome, error=one.error) for one in tries(connection, delivery)
    )


def _of(show: Show) -> ColumnElement[bool]:
    if show == "twice":
        return deliveries.c.possibly_twice
    if show == "waiting":
        return deliveries.c.status.in_(("due", "failed", "sending")) & (deliveries.c.sent_version == 0)
    return deliveries.c.status == show


def _title(message: object) -> str:
    found = message.get("title") or message.get("push") if isinstance(message, dict) else ""
    return found if isinstance(found, str) else ""
