"""Reads and writes the shell's small facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select

from app.tables import facts
from core.database import chunks, upsert


def fact(connection: Connection, name: str) -> str | None:
    """Return the value kept under `name`, or None."""
    value: str | None = connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()
    return value


def facts_of(connection: Connection, names: Iterable[str]) -> Mapping[str, str]:
    """Return what is kept under these names; those with nothing are left out."""
    found: dict[str, str] = {}
    for some in chunks(sorted(set(names))):
        found.update({row.name: row.value for row in connection.execute(select(facts).where(facts.c.name.in_(some)))})
    return found


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Keep `value` under `name`."""
    connection.execute(upsert(connection, facts, ("name",), ("value",)), {"name": name, "value": value})


def forget_fact(connection: Connection, name: str) -> None:
    """Keep nothing under `name`."""
    connection.execute(delete(facts).where(facts.c.name == name))
