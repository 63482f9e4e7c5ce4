"""Keeps the evidence of the learned map for 90 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, delete, func, select

from core.database import chunks, insert_new
from core.domain import AccountId
from enrichment.network.learned.observation import Observation, ObservationKind
from enrichment.network.learned.tables import learned_observations


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What the evidence was like when it was last read; another stamp means that it changed."""

    newest: datetime | None
    """When the newest was written."""
    oldest: datetime | None
    """When the oldest happened."""


def observe(connection: Connection, found: Sequence[Observation], now: datetime) -> int:
    """Keep evidence; the same again changes nothing. Returns how many pieces were new."""
    new = 0
    for one in {item.id: item for item in found}.values():
        row = {
            "id": one.id,
            "account": one.account,
            "host": one.host,
            "block": one.block,
            "kind": one.kind,
            "person": one.person,
            "at": one.at,
            "kept_at": now,
        }
        new += connection.execute(insert_new(connection, learned_observations).values(row)).rowcount
    return new


def stamp(connection: Connection) -> Stamp:
    """Return the stamp of all evidence; quick, and blind to deletions in between."""
    table = learned_observations.c
    newest = connection.execute(select(func.max(table.kept_at))).scalar()
    return Stamp(newest=newest, oldest=connection.execute(select(func.min(table.at))).scalar())


def count(connection: Connection) -> int:
    """Return how many pieces of evidence there are."""
    return connection.execute(select(func.count()).select_from(learned_observations)).scalar_one()


def observations(connection: Connection, since: datetime | None = None) -> list[Observation]:
    """Return the evidence, or only what was written at `since` or later."""
    table = learned_observations.c
    query = select(learned_observations)  # in no order: by `at` SQLite would read all for the few that are new
    if since is not None:
        query = query.where(table.kept_at >= since)
    return [
        Observation(
            id=row.id,
            account=AccountId(row.account),
            host=row.host,
            block=row.block,
            kind=cast(ObservationKind, row.kind),
            person=row.person,
            at=row.at,
        )
        for row in connection.execute(query)
    ]


def expire(connection: Connection, before: datetime) -> int:
    """Delete evidence from before a moment."""
    return connection.execute(delete(learned_observations).where(learned_observations.c.at < before)).rowcount


def forget(connection: Connection, accounts: Sequence[AccountId]) -> int:
    """Delete all evidence about these accounts; returns how many pieces there were."""
    return sum(
        connection.execute(delete(learned_observations).where(learned_observations.c.account.in_(part))).rowcount
        for part in chunks(list(accounts))
    )
