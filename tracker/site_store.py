"""Keeps the sites and the daily salts of their visitors."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from core.database import insert_new
from core.domain import SiteId
from core.errors import InputError
from tracker.sessions import SILENCE
from tracker.tables import clue_counts, hit_counts, page_views, salts, sites, visits
from tracker.visitor import SALT_BYTES, past_salt

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
SALT_LIFE = timedelta(hours=24)
"""How long after its day's end a salt is kept at most, for visits that are still open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A website whose visitors are watched."""

    id: SiteId
    created_at: datetime
    secret: str
    """Keys the salts of past days of imported logs; never shown."""
    identify_secret: str
    """The site's backend signs identify calls with it; "" while it has none."""
    snippet_seen_at: datetime | None
    """When the site's snippet last sent something; None while it never has."""
    is_demo: bool


def site_id(text: str) -> SiteId:
    """Return the host name in `text` as a site's id: lower case, no final dot, international names in ASCII."""
    host = text.strip().rstrip(".").lower()
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise InputError(
            f"{text!r} is not a host name: give the name alone, such as example.com, without https:// or a path"
        )
    return SiteId(host)


def add_site(conn: Connection, site: str, now: datetime, is_demo: bool = False) -> bool:
    """Add a site by its host name; False when it is there already. Raises InputError for what is no host name."""
    row = {"id": site_id(site), "created_at": now, "secret": secrets.token_hex(32), "is_demo": is_demo}
    added = insert_new(conn, sites).values(row).returning(sites.c.id)  # PostgreSQL's driver counts no inserted rows
    return conn.execute(added).first() is not None


def remove_site(conn: Connection, site: SiteId) -> bool:
    """Remove a site with everything the tracker kept of it; False when there is no such site."""
    for table in (page_views, visits, hit_counts, clue_counts, salts):
        conn.execute(delete(table).where(table.c.site == site))
    return conn.execute(delete(sites).where(sites.c.id == site)).rowcount == 1


def list_sites(conn: Connection) -> tuple[Site, ...]:
    """Return all sites in order of their names."""
    return tuple(
        Site(
            id=SiteId(row.id),
            created_at=row.created_at,
            secret=row.secret,
            identify_secret=row.identify_secret or "",
            snippet_seen_at=row.snippet_seen_at,
            is_demo=row.is_demo,
        )
        for row in conn.execute(select(sites).order_by(sites.c.id))
    )


def new_identify_secret(conn: Connection, site: SiteId) -> str:
    """Give the site a new secret for identify calls and return it; what was signed with the old one counts no more."""
    secret = secrets.token_hex(32)
    if conn.execute(update(sites).where(sites.c.id == site).values(identify_secret=secret)).rowcount != 1:
        raise InputError(f"there is no site {site}: add it with `dormouse site add {site}`")
    return secret


def snippet_seen(conn: Connection, seen: Collection[SiteId], now: datetime) -> None:
    """Remember that the snippets of these sites sent something just now."""
    if seen:
        conn.execute(update(sites).where(sites.c.id.in_(list(seen))).values(snippet_seen_at=now))


def salt_for(conn: Connection, site: SiteId, day: date) -> bytes:
    """Return the random salt of a UTC day, made on its first use; safe to call from several processes."""
    known = living_salt(conn, site, day)
    if known is not None:
        return known
    row = {"site": site, "day": day.isoformat(), "salt": secrets.token_bytes(SALT_BYTES)}
    conn.execute(insert_new(conn, salts).values(row))
    kept = living_salt(conn, site, day)
    if kept is None:
        raise RuntimeError(f"the salt of {site} for {day} was removed while it was made")
    return kept


def living_salt(conn: Connection, site: SiteId, day: date) -> bytes | None:
    """Return the random salt of a UTC day, or None when there is none (any more)."""
    found = conn.execute(select(salts.c.salt).where(salts.c.site == site, salts.c.day == day.isoformat())).scalar()
    return None if found is None else bytes(found)


def log_salts(conn: Connection, site: SiteId, now: datetime) -> Callable[[date], bytes]:
    """Return the salts for lines of a log: the day's random one while it lives (so that lines join the snippet's
    visits), else one keyed by the site's secret. What is returned asks the database no more.

    Raises InputError for an unknown site.
    """
    secret: str | None = conn.execute(select(sites.c.secret).where(sites.c.id == site)).scalar()
    if secret is None:
        raise InputError(f"there is no site {site}: add it with `dormouse site add {site}`")
    salt_for(conn, site, now.astimezone(UTC).date())
    rows = conn.execute(select(salts.c.day, salts.c.salt).where(salts.c.site == site))
    found = {date.fromisoformat(row.day): bytes(row.salt) for row in rows}

    def salt(day: date) -> bytes:
        if day not in found:
            found[day] = past_salt(secret, day)
        return found[day]

    return salt


def expire_salts(conn: Connection, now: datetime) -> int:
    """Remove the salts of past days that no open visit can use any more, at most 24 hours after the day's end."""
    removed = 0
    today = now.astimezone(UTC).date()
    for row in conn.execute(select(salts.c.site, salts.c.day).where(salts.c.day < today.isoformat())).all():
        end = datetime.combine(date.fromisoformat(row.day), datetime.min.time(), UTC) + timedelta(days=1)
        is_open = select(visits.c.id).where(
            visits.c.site == row.site, visits.c.last_at >= now - SILENCE, visits.c.started_at < end
        )
        if now - end >= SALT_LIFE or (now - end > SILENCE and conn.execute(is_open.limit(1)).first() is None):
            removed += conn.execute(delete(salts).where(salts.c.site == row.site, salts.c.day == row.day)).rowcount
    return removed
