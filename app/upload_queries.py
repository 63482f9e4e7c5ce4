"""Keeps what is known of an uploaded file, from its columns to what its import led to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.tables import uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One uploaded file."""

    id: str
    at: datetime
    by: str
    status: str
    """`ready`, `checking`, `checked`, `running`, `done` or `failed`."""
    state: Mapping[str, Any]
    """What the page shows, as `app.uploads.State`."""


def add(connection: Connection, upload: Upload) -> None:
    """Keep a new upload."""
    values = {"id": upload.id, "at": upload.at, "by": upload.by, "status": upload.status, "state": dict(upload.state)}
    connection.execute(insert(uploads).values(values))


def one(connection: Connection, upload: str) -> Upload | None:
    """Return an upload; None when it is gone."""
    row = connection.execute(select(uploads).where(uploads.c.id == upload)).first()
    return None if row is None else Upload(id=row.id, at=row.at, by=row.by, status=row.status, state=row.state)


def put(connection: Connection, upload: str, status: str, state: Mapping[str, Any]) -> None:
    """Note how far an upload is."""
    connection.execute(update(uploads).where(uploads.c.id == upload).values(status=status, state=dict(state)))


def remove(connection: Connection, upload: str) -> None:
    """Forget an upload."""
    connection.execute(delete(uploads).where(uploads.c.id == upload))


def expire(connection: Connection, before: datetime) -> int:
    """Forget uploads from before a moment."""
    return connection.execute(delete(uploads).where(uploads.c.at < before)).rowcount
