"""Each try of a delivery with its outcome, and which channels are paused; the caller opens the transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Select, delete, func, or_, select, update

from alerts.deliveries.tables import channel_pauses, delivery_log
from alerts.notices import store as notices
from alerts.notices.notice import Notice, NoticeText, Row, Section
from alerts.tables import deliveries
from core.database import insert_new
from core.domain import DeliveryId
from core.ids import derived

KEPT = 30
"""Tries remembered of one delivery."""

Outcome = Literal["sent", "edited", "untold", "found", "waits", "failed", "dead"]
"""`untold`: the channel has nothing to say of this change; `waits`: it asked us to, which is no failed try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of a delivery."""

    n: int
    at: datetime
    outcome: Outcome
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A channel that gets nothing for a while."""

    channel: str
    since: datetime
    until: datetime | None
    """None: until a person says otherwise."""
    why: str


def note(connection: Connection, delivery: DeliveryId, at: datetime, outcome: Outcome, error: str = "") -> None:
    """Remember how a try went; only who holds the delivery's claim may, so that no two count at once."""
    last = select(func.coalesce(func.max(delivery_log.c.n), 0)).where(delivery_log.c.delivery == delivery)
    n = int(connection.execute(last).scalar_one()) + 1
    connection.execute(
        insert_new(connection, delivery_log).values(delivery=delivery, n=n, at=at, outcome=outcome, error=error[:500])
    )
    if n > KEPT:
        connection.execute(
            delete(delivery_log).where(delivery_log.c.delivery == delivery, delivery_log.c.n <= n - KEPT)
        )


def tries(connection: Connection, delivery: DeliveryId) -> tuple[Try, ...]:
    """Return the last tries of a delivery, oldest first."""
    rows = connection.execute(
        select(delivery_log).where(delivery_log.c.delivery == delivery).order_by(delivery_log.c.n)
    )
    return tuple(Try(n=row.n, at=row.at, outcome=row.outcome, error=row.error) for row in rows)


def pause(
    connection: Connection, channel: str, until: datetime | None, why: str, now: datetime, tell: Collection[str]
) -> bool:
    """Let a channel rest until a moment, or until a person says otherwise (None); False when it rests already.

    The other channels `tell` the operator of it, once for each pause.
    """
    new = connection.execute(
        insert_new(connection, channel_pauses).values(channel=channel, since=now, until=until, why=why[:500])
    )
    if new.rowcount != 1:
        connection.execute(
            update(channel_pauses)
            .where(channel_pauses.c.channel == channel, channel_pauses.c.until.is_not(None))
            .values(until=until, why=why[:500])
        )
        return False
    text = NoticeText(
        push=f"Dormouse can't use {channel}: {why}"[:300],
        title=f"The channel {channel} is paused",
        sections=(Section(label="", rows=(Row(text=why[:500]),)),),
        foot="Nothing is lost: what is due there waits. See Deliveries in the dashboard.",
    )
    id = derived("notice", "pause", channel, now.isoformat())
    notices.save(connection, Notice(id=id, kind="admin", to="", at=now, text=text), tell, now)
    return True


def pauses(connection: Connection) -> tuple[Pause, ...]:
    """Return the channels that rest, or did when somebody last tried, by name."""
    rows = connection.execute(select(channel_pauses).order_by(channel_pauses.c.channel))
    return tuple(Pause(channel=row.channel, since=row.since, until=row.until, why=row.why) for row in rows)


def resting(now: datetime) -> Select[tuple[str]]:
    """Return the query of the channels that get nothing now."""
    rests = or_(channel_pauses.c.until.is_(None), channel_pauses.c.until > now)
    return select(channel_pauses.c.channel).where(rests)


def works_again(connection: Connection, channel: str) -> None:
    """Forget a channel's pause since a message got through; one that a person must end stays."""
    connection.execute(
        delete(channel_pauses).where(channel_pauses.c.channel == channel, channel_pauses.c.until.is_not(None))
    )


def end_pauses(connection: Connection) -> None:
    """Let all channels try again whose settings may have been corrected; those that a person must resume stay."""
    connection.execute(delete(channel_pauses).where(channel_pauses.c.until.is_not(None)))


def resume(connection: Connection, channel: str, now: datetime) -> bool:
    """Let a channel go on at once, with all that waited there; False when it wasn't paused."""
    gone = connection.execute(delete(channel_pauses).where(channel_pauses.c.channel == channel))
    connection.execute(
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.status == "failed", deliveries.c.due_at > now)
        .values(due_at=now)
    )
    return gone.rowcount == 1
