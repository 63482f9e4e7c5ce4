"""Reads and writes the API's keys, the answers to repeated requests, and the counts of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from app.api.tables import api_answers, api_keys, event_counts
from core.database import insert_new

ANSWERS_LIVE = timedelta(hours=24)
"""How long a repeated request is answered as the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as far as it is kept: never the key itself."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What is kept of an earlier request with the same Idempotency-Key; status 0 while it is in flight."""

    body_hash: str
    at: datetime
    status: int
    answer: str


def add_key(connection: Connection, key: ApiKey, key_hash: str) -> None:
    """Keep a new key by its hash."""
    connection.execute(
        api_keys.insert().values(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            key_hash=key_hash,
            scopes=" ".join(key.scopes),
            created_at=key.created_at,
        )
    )


def all_keys(connection: Connection) -> tuple[ApiKey, ...]:
    """Return all keys, oldest first, revoked ones too."""
    rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))
    return tuple(_key(row) for row in rows)


def key_by_hash(connection: Connection, key_hash: str) -> ApiKey | None:
    """Return the key with this hash, or None; it may be revoked."""
    row = connection.execute(select(api_keys).where(api_keys.c.key_hash == key_hash)).first()
    return _key(row) if row else None


def touch_key(connection: Connection, key: str, now: datetime) -> None:
    """Write down that the key was used."""
    connection.execute(update(api_keys).where(api_keys.c.id == key).values(last_used_at=now))


def revoke_key(connection: Connection, key: str, now: datetime) -> bool:
    """End a key; False when it was ended before or isn't there."""
    done = connection.execute(
        update(api_keys).where(api_keys.c.id == key, api_keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount > 0


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes.split()),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def claim(connection: Connection, key: str, request: str, body_hash: str, now: datetime) -> KeptAnswer | None:
    """Begin a request under its Idempotency-Key; returns what is kept of an earlier one, None for the first."""
    row = {"key": key, "request": request, "body_hash": body_hash, "at": now, "status": 0, "answer": ""}
    if connection.execute(insert_new(connection, api_answers).values(row)).rowcount:
        return None
    table = api_answers.c
    kept = connection.execute(select(api_answers).where(table.key == key, table.request == request)).one()
    return KeptAnswer(body_hash=kept.body_hash, at=kept.at, status=kept.status, answer=kept.answer)


def take_over(connection: Connection, key: str, request: str, kept: KeptAnswer, body_hash: str, now: datetime) -> bool:
    """Begin anew what an earlier request left behind; False when another one was quicker."""
    table = api_answers.c
    done = connection.execute(
        update(api_answers)
        .where(table.key == key, table.request == request, table.at == kept.at, table.status == kept.status)
        .values(body_hash=body_hash, at=now, status=0, answer="")
    )
    return done.rowcount > 0


def keep_answer(connection: Connection, key: str, request: str, status: int, answer: str) -> None:
    """Keep what was answered, in the transaction of the request itself."""
    table = api_answers.c
    connection.execute(
        update(api_answers).where(table.key == key, table.request == request).values(status=status, answer=answer)
    )


def forget(connection: Connection, key: str, request: str) -> None:
    """Forget a request that failed: it may come again."""
    table = api_answers.c
    connection.execute(delete(api_answers).where(table.key == key, table.request == request))


def expire_answers(connection: Connection, before: datetime) -> int:
    """Delete answers kept before a moment."""
    return connection.execute(delete(api_answers).where(api_answers.c.at < before)).rowcount


def count_events(connection: Connection, day: date, numbers: Mapping[str, int]) -> None:
    """Add to the day's counts of events by outcome."""
    for outcome, number in sorted(numbers.items()):
        table, row = event_counts.c, {"day": day, "outcome": outcome, "number": 0}
        connection.execute(insert_new(connection, event_counts).values(row))
        here = (table.day == day) & (table.outcome == outcome)
        connection.execute(update(event_counts).where(here).values(number=table.number + number))


def counts(connection: Connection, since: date) -> dict[str, int]:
    """Return how many events came in since a day, by outcome."""
    total = func.sum(event_counts.c.number)
    rows = connection.execute(
        select(event_counts.c.outcome, total).where(event_counts.c.day >= since).group_by(event_counts.c.outcome)
    )
    return {outcome: int(number) for outcome, number in rows}


def expire_counts(connection: Connection, before: datetime) -> int:
    """Delete counts of days before a moment's."""
    return connection.execute(delete(event_counts).where(event_counts.c.day < before.date())).rowcount
