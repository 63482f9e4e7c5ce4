"""Notices in the database; the caller opens the transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from alerts.notices.notice import Notice, NoticeText, from_data, to_data
from alerts.store import edit_now
from alerts.tables import deliveries, notices
from core.database import insert_new
from core.domain import AlertId
from core.ids import derived


def save(connection: Connection, notice: Notice, channels: Collection[str], now: datetime) -> bool:
    """Keep a notice with one due delivery for each channel; False when it is there already, and nothing is sent."""
    kept = connection.execute(
        insert_new(connection, notices).values(
            id=notice.id,
            kind=notice.kind,
            to=notice.to,
            at=notice.at,
            alert=notice.alert,
            text=dict(to_data(notice.text)),
        )
    )
    if kept.rowcount != 1:
        return False
    for channel in channels:
        connection.execute(
            insert_new(connection, deliveries).values(
                id=derived("delivery", notice.id, channel),
                alert=notice.id,
                is_notice=True,
                channel=channel,
                status="due",
                due_at=now,
            )
        )
    return True


def change(connection: Connection, id: str, text: NoticeText, now: datetime) -> bool:
    """Let a notice read otherwise, such as a digest of which a row was claimed; what was sent is edited at once.

    False when there is no such notice, or it reads so already.
    """
    known = connection.execute(select(notices.c.text).where(notices.c.id == id)).scalar_one_or_none()
    data = dict(to_data(text))
    if known is None or known == data:
        return False
    connection.execute(update(notices).where(notices.c.id == id).values(text=data, version=notices.c.version + 1))
    edit_now(connection, id, now)
    return True


def notice(connection: Connection, id: str) -> Notice | None:
    """Return one notice, or None."""
    row = connection.execute(select(notices).where(notices.c.id == id)).first()
    if row is None:
        return None
    return Notice(
        id=row.id,
        kind=row.kind,
        to=row.to,
        at=row.at,
        text=from_data(row.text),
        alert=AlertId(row.alert) if row.alert else None,
    )
