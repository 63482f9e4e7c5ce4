"""Who did what: one row for every act of a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.tables import audit
from core.database import insert_new
from core.ids import derived, random_token


def record(connection: Connection, by: str, what: str, subject: str, now: datetime) -> None:
    """Write down that `by` did `what` (such as `alert.claim`) to `subject`."""
    connection.execute(
        insert_new(connection, audit).values(
            id=derived("audit", by, what, subject, now, random_token(6)),
            at=now,
            by=by[:254],
            what=what[:60],
            subject=subject[:300],
        )
    )
