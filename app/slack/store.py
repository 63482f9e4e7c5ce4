"""Clicks in the database; the caller opens the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from app.slack.reading import Click
from app.slack.tables import slack_clicks as c
from core.database import insert_new

LEASE = timedelta(seconds=60)
"""For how long a click that is being worked off is nobody else's."""

Status = Literal["done", "refused", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A click that is to be worked off, and how often that was tried."""

    click: Click
    tries: int


def keep(connection: Connection, click: Click, now: datetime) -> bool:
    """Keep a click; False when it is there already."""
    kept = connection.execute(
        insert_new(connection, c).values(
            id=click.id,
            received_at=now,
            team=click.team,
            user=click.user,
            user_name=click.user_name,
            action=click.action,
            subject=click.subject,
            choice=click.choice,
            response_url=click.response_url,
            status="waiting",
        )
    )
    return kept.rowcount == 1


def waiting(connection: Connection, now: datetime, most: int = 50) -> tuple[Waiting, ...]:
    """Return clicks that nobody is at, the oldest first."""
    free = or_(c.c.taken_until.is_(None), c.c.taken_until <= now)
    rows = connection.execute(
        select(c).where(c.c.status == "waiting", free).order_by(c.c.received_at, c.c.id).limit(most)
    )
    return tuple(
        Waiting(
            click=Click(
                id=row.id,
                team=row.team,
                user=row.user,
                user_name=row.user_name,
                action=row.action,
                subject=row.subject,
                choice=row.choice,
                response_url=row.response_url,
            ),
            tries=row.tries,
        )
        for row in rows
    )


def take(connection: Connection, waiting: Waiting, now: datetime) -> int:
    """Take a click for a while; return the token to finish it with, 0 when another worker was quicker.

    The token is the number of the try: who took longer than the lease can't finish what another one has taken.
    """
    free = or_(c.c.taken_until.is_(None), c.c.taken_until <= now)
    taken = connection.execute(
        update(c)
        .where(c.c.id == waiting.click.id, c.c.status == "waiting", free, c.c.tries == waiting.tries)
        .values(taken_until=now + LEASE, tries=waiting.tries + 1)
    )
    return waiting.tries + 1 if taken.rowcount == 1 else 0


def later(connection: Connection, click: str, token: int, at: datetime) -> None:
    """Let a click that could not be worked off now be tried again at `at`."""
    connection.execute(update(c).where(*_ours(click, token)).values(taken_until=at))


def finish(connection: Connection, click: str, token: int, status: Status, said: str) -> bool:
    """Note what came of a click, and forget its response address; False when it is another worker's meanwhile."""
    done = connection.execute(
        update(c).where(*_ours(click, token)).values(status=status, said=said, response_url="", taken_until=None)
    )
    return done.rowcount == 1


def note(connection: Connection, click: str, status: Status, said: str) -> None:
    """Say better what came of a click that the caller has finished in this transaction."""
    connection.execute(update(c).where(c.c.id == click).values(status=status, said=said))


def _ours(click: str, token: int) -> tuple[ColumnElement[bool], ...]:
    return c.c.id == click, c.c.status == "waiting", c.c.tries == token


def expire(connection: Connection, before: datetime) -> int:
    """Delete what came before; return the number of rows."""
    return connection.execute(delete(c).where(c.c.received_at < before)).rowcount
