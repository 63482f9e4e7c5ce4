"""Whether everything that must work works: snippets seen, messages sent, demo data present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from alerts.tables import deliveries
from enrichment.tables import accounts
from tracker.tables import sites


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A website, and when its snippet last said something."""

    id: str
    snippet_seen_at: datetime | None
    is_demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """How one channel does."""

    channel: str
    last_sent_at: datetime | None
    waiting: int
    dead: int


def site_rows(connection: Connection) -> tuple[SiteRow, ...]:
    """Return all websites by name."""
    rows = connection.execute(select(*sites.c["id", "snippet_seen_at", "is_demo"]).order_by(sites.c.id).limit(500))
    return tuple(SiteRow(id=row.id, snippet_seen_at=row.snippet_seen_at, is_demo=row.is_demo) for row in rows)


def channel_health(connection: Connection) -> dict[str, ChannelHealth]:
    """Return how each channel that ever had a message does."""
    rows = connection.execute(
        select(
            deliveries.c.channel,
            deliveries.c.status,
            func.count().label("n"),
            func.max(deliveries.c.sent_at).label("sent_at"),
        ).group_by(deliveries.c.channel, deliveries.c.status)
    ).all()
    found: dict[str, ChannelHealth] = {}
    for channel in sorted({row.channel for row in rows}):
        of_it = [row for row in rows if row.channel == channel]
        found[channel] = ChannelHealth(
            channel=channel,
            last_sent_at=max((row.sent_at for row in of_it if row.sent_at), default=None),
            waiting=sum(row.n for row in of_it if row.status in ("due", "sending", "failed")),
            dead=sum(row.n for row in of_it if row.status == "dead"),
        )
    return found


def has_demo(connection: Connection) -> bool:
    """Tell whether demo data is loaded: every page then says so."""
    site, account = exists().where(sites.c.is_demo), exists().where(accounts.c.is_demo)
    return bool(connection.execute(select(site | account)).scalar_one())


def is_reachable(connection: Connection) -> bool:
    """Tell whether the database answers."""
    return bool(connection.execute(select(1)).scalar_one() == 1)


def has_accounts(connection: Connection) -> bool:
    """Tell whether any account was imported yet."""
    return bool(connection.execute(select(exists().where(accounts.c.id.is_not(None)))).scalar_one())
