"""Versions and drafts of rules in the database; the caller opens the transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, RowMapping, delete, func, select

from app.rulebook.tables import rule_versions
from core.database import insert_new
from core.ids import derived

Source = Literal["saved", "file", "restored", "proposal"]

DRAFTS_LIVE = timedelta(days=7)
"""Drafts that nobody accepted are forgotten after so long; proposals from feedback are made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a rule file, or a draft of one."""

    id: str
    file: str
    number: int | None
    """The newest number acts; None for a draft."""
    text: str
    hash: str
    source: Source
    by: str
    at: datetime
    why: str
    base: int | None
    backtest: Mapping[str, object] | None


def hash_of(text: str) -> str:
    """Return what tells two texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_missing_table(error: Exception) -> bool:
    """Say whether a database refused because there are no tables yet."""
    reason = str(error)
    return "no such table" in reason or "UndefinedTable" in reason


def heads(connection: Connection) -> dict[str, int]:
    """Return the number of the newest version of each file that has one."""
    query = select(rule_versions.c.file, func.max(rule_versions.c.number)).group_by(rule_versions.c.file)
    return {file: number for file, number in connection.execute(query) if number is not None}


def newest(connection: Connection, file: str, source: Source | None = None) -> Version | None:
    """Return the newest version of `file`, of one source if given; None when there is none."""
    query = select(rule_versions).where(rule_versions.c.file == file, rule_versions.c.number.is_not(None))
    if source is not None:
        query = query.where(rule_versions.c.source == source)
    row = connection.execute(query.order_by(rule_versions.c.number.desc()).limit(1)).mappings().first()
    return _version(row) if row else None


def version(connection: Connection, file: str, number: int) -> Version | None:
    """Return one version, or None."""
    query = select(rule_versions).where(rule_versions.c.file == file, rule_versions.c.number == number)
    row = connection.execute(query).mappings().first()
    return _version(row) if row else None


def history(connection: Connection, file: str, limit: int = 100) -> tuple[Version, ...]:
    """Return the versions of `file`, the newest first."""
    query = select(rule_versions).where(rule_versions.c.file == file, rule_versions.c.number.is_not(None))
    rows = connection.execute(query.order_by(rule_versions.c.number.desc()).limit(limit)).mappings()
    return tuple(_version(row) for row in rows)


def draft(connection: Connection, key: str) -> Version | None:
    """Return the draft of this id; None when there is none, or it was accepted."""
    query = select(rule_versions).where(rule_versions.c.id == key, rule_versions.c.number.is_(None))
    row = connection.execute(query).mappings().first()
    return _version(row) if row else None


def proposals(connection: Connection) -> tuple[Version, ...]:
    """Return the proposals from feedback that wait for a person, the newest first."""
    query = select(rule_versions).where(rule_versions.c.number.is_(None), rule_versions.c.source == "proposal")
    rows = connection.execute(query.order_by(rule_versions.c.at.desc(), rule_versions.c.id)).mappings()
    return tuple(_version(row) for row in rows)


def add_draft(
    connection: Connection,
    file: str,
    text: str,
    source: Source,
    by: str,
    now: datetime,
    *,
    why: str = "",
    backtest: Mapping[str, object] | None = None,
) -> str:
    """Keep a text that was tested and may be accepted; return its id. Old drafts are forgotten."""
    old = (rule_versions.c.number.is_(None), rule_versions.c.at < now - DRAFTS_LIVE)
    connection.execute(delete(rule_versions).where(*old))
    key = derived("rule_draft", file, hash_of(text), by, now)
    connection.execute(
        insert_new(connection, rule_versions).values(
            id=key,
            file=file,
            number=None,
            text=text,
            hash=hash_of(text),
            source=source,
            by=by[:254],
            at=now,
            why=why,
            base=heads(connection).get(file, 0),
            backtest=dict(backtest) if backtest is not None else None,
        )
    )
    return key


def remove_draft(connection: Connection, key: str) -> bool:
    """Forget a draft; False when there is none of this id."""
    gone = delete(rule_versions).where(rule_versions.c.id == key, rule_versions.c.number.is_(None))
    return connection.execute(gone).rowcount == 1


def add(
    connection: Connection,
    file: str,
    text: str,
    source: Source,
    by: str,
    why: str,
    now: datetime,
    backtest: Mapping[str, object] | None = None,
) -> Version | None:
    """Make `text` the version that acts; None when another process has just made one of the same number."""
    base = heads(connection).get(file, 0)
    number = base + 1
    kept = connection.execute(
        insert_new(connection, rule_versions).values(
            id=derived("rule_version", file, number),
            file=file,
            number=number,
            text=text,
            hash=hash_of(text),
            source=source,
            by=by[:254],
            at=now,
            why=why,
            base=base,
            backtest=dict(backtest) if backtest is not None else None,
        )
    )
    return version(connection, file, number) if kept.rowcount == 1 else None


def _version(row: RowMapping) -> Version:
    return Version(
        id=row["id"],
        file=row["file"],
        number=row["number"],
        text=row["text"],
        hash=row["hash"],
        source=row["source"],
        by=row["by"],
        at=row["at"],
        why=row["why"],
        base=row["base"],
        backtest=row["backtest"],
    )
