"""Removes what the tracker may no longer keep, a short statement at a time.

Where a function takes a `limit`, it touches at most that many rows and returns how many it touched: call it again, in a
new transaction, until it returns 0.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, select, update

from core.database import chunks
from tracker.tables import clue_counts, hit_counts, page_views, visits


def expire_addresses(conn: Connection, before: datetime, limit: int = 5000) -> int:
    """Remove the raw address of visits last received before a moment; the prefix and the keyed hash stay."""
    old = select(visits.c.id).where(visits.c.received_at < before, visits.c.ip.is_not(None)).limit(limit)
    return conn.execute(update(visits).where(visits.c.id.in_(old)).values(ip=None)).rowcount


def expire_views(conn: Connection, before: datetime, limit: int = 5000) -> int:
    """Delete page views and dropped hits received before a moment; the visits they were in stay."""
    old = select(page_views.c.id).where(page_views.c.received_at < before).limit(limit)
    return conn.execute(delete(page_views).where(page_views.c.id.in_(old))).rowcount


def expire_visits(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Delete visits last received before a moment, with their page views; returns the number of visits."""
    old = select(visits.c.id).where(visits.c.received_at < before).order_by(visits.c.received_at).limit(limit)
    ids = conn.execute(old).scalars().all()
    for chunk in chunks(ids):
        conn.execute(delete(page_views).where(page_views.c.visit.in_(chunk)))
        conn.execute(delete(visits).where(visits.c.id.in_(chunk)))
    return len(ids)


def expire_counts(conn: Connection, before: date) -> int:
    """Delete the counts of days of receipt before a day."""
    return sum(
        conn.execute(delete(table).where(table.c.day < before.isoformat())).rowcount
        for table in (hit_counts, clue_counts)
    )
