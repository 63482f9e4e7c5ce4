"""Tells which network databases are loaded and how old they are (for `networks show` and `doctor`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from enrichment.network.resolvers.mmdb import DatabaseFacts, MmdbResolver
from enrichment.network.update import ATTRIBUTION, ATTRIBUTION_URL

OLD_DAYS = 62
"""Days after which a table should be fetched again: two months, as DB-IP's comes monthly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDatabase:
    """A loaded database with its age and what its licence asks to show."""

    facts: DatabaseFacts
    age_days: int
    is_old: bool
    attribution: str
    """Empty where the licence asks for none."""


def shown_databases(resolver: MmdbResolver, now: datetime) -> tuple[ShownDatabase, ...]:
    """Return each database in use with its age in whole days at `now`."""
    return tuple(_shown(facts, now) for facts in resolver.databases())


def _shown(facts: DatabaseFacts, now: datetime) -> ShownDatabase:
    age = (now - facts.built_at).days
    return ShownDatabase(facts=facts, age_days=age, is_old=age > OLD_DAYS, attribution=_attribution(facts))


def _attribution(facts: DatabaseFacts) -> str:
    kind = facts.database_type.lower()
    if "dbip" in kind or "db-ip" in kind:
        return f"{ATTRIBUTION} ({ATTRIBUTION_URL})"
    if "ipinfo" in kind:
        return "IP address data powered by IPinfo (https://ipinfo.io)"
    if "geolite" in kind:
        return "Includes GeoLite data created by MaxMind (https://www.maxmind.com)"
    return ""
