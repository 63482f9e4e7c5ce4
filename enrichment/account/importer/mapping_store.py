"""Remembers which column is which in files with the same column names, as somebody once said it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.database import upsert
from enrichment.account.importer.headers import What
from enrichment.account.plain_words import normalise
from enrichment.tables import import_mappings


def fingerprint(headers: Sequence[str]) -> str:
    """Return what files with these column names share, in whatever order and case they stand."""
    names = sorted(filter(None, map(normalise, headers)))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def remembered(connection: Connection, what: What, headers: Sequence[str]) -> Mapping[str, str]:
    """Return what was said of files with these column names: field → column name."""
    row = connection.execute(
        select(import_mappings.c["columns"]).where(
            import_mappings.c.what == what, import_mappings.c.fingerprint == fingerprint(headers)
        )
    ).first()
    return {} if row is None else {str(field): str(header) for field, header in row[0].items()}


def remember(
    connection: Connection, what: What, headers: Sequence[str], mapping: Mapping[str, str], now: datetime
) -> None:
    """Keep what was said; an empty mapping forgets."""
    if not mapping:
        forget(connection, what, headers)
        return
    statement = upsert(connection, import_mappings, ("what", "fingerprint"), ("columns", "said_at"))
    connection.execute(
        statement.values(what=what, fingerprint=fingerprint(headers), columns=dict(mapping), said_at=now)
    )


def forget(connection: Connection, what: What, headers: Sequence[str]) -> None:
    """Forget what was said of files with these column names."""
    connection.execute(
        delete(import_mappings).where(
            import_mappings.c.what == what, import_mappings.c.fingerprint == fingerprint(headers)
        )
    )
