"""Reads and writes the shell's small facts."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from app.tables import facts
from core.database import upsert


def fact(connection: Connection, name: str) -> str | None:
    """Return the value kept under `name`, or None."""
    value: str | None = connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()
    return value


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Keep `value` under `name`."""
    connection.execute(upsert(connection, facts, ("name",), ("value",)), {"name": name, "value": value})


def forget_fact(connection: Connection, name: str) -> None:
    """Keep nothing under `name`."""
    connection.execute(delete(facts).where(facts.c.name == name))
