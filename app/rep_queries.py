"""Which accounts' owners can't be told: asks accounts and reps together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from alerts.reps import store
from alerts.reps.rep import RepEntry
from alerts.routing import recipient
from alerts.tables import alerts, deliveries
from app.own_queries import counted
from core.domain import Account, AccountId
from enrichment.tables import accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Somebody whom accounts name as their owner."""

    email: str
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Owners of accounts, by whether they can be told."""

    entered: tuple[Owner, ...]
    """At work, and known here."""
    unknown: tuple[Owner, ...]
    """Told by the policy, but nobody entered them."""
    gone: tuple[Owner, ...]
    """Have left: their accounts need a new owner."""
    unusable: tuple[Owner, ...]
    """What stands there is no address."""
    without: int
    """Accounts that name no owner at all."""


def owners(connection: Connection) -> Owners:
    """Return who owns how many accounts; those with the most first. The demo's count where there are no others."""
    rows = connection.execute(
        select(func.lower(func.trim(accounts.c.owner_email)), func.count())
        .where(counted())
        .group_by(func.lower(func.trim(accounts.c.owner_email)))
    )
    found: Counter[str] = Counter()
    for email, number in rows:
        found[email or ""] += number
    without = found.pop("", 0)
    entries = {entry.email: entry for entry in store.entries(connection)}
    sorts: dict[str, list[Owner]] = {"entered": [], "unknown": [], "gone": [], "unusable": []}
    for email, number in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        sorts[_sort(email, entries.get(email))].append(Owner(email=email, accounts=number))
    return Owners(**{name: tuple(several) for name, several in sorts.items()}, without=without)


def not_on_slack(connection: Connection, since: datetime) -> tuple[str, ...]:
    """Return whom Slack couldn't find: their last alert since `since` went to a channel and not to them.

    Slack's own ids say so: those of direct messages begin with D.
    """
    rows = connection.execute(
        select(alerts.c.to, deliveries.c.remote)
        .join_from(deliveries, alerts, alerts.c.id == deliveries.c.alert)
        .where(
            deliveries.c.channel == "slack",
            deliveries.c.remote != "",
            deliveries.c.is_notice.is_(False),
            alerts.c.to != "",
            alerts.c.at >= since,
        )
        .order_by(alerts.c.at, deliveries.c.first_sent_at)
    )
    last = {row.to: row.remote for row in rows}
    return tuple(sorted(to for to, remote in last.items() if not remote.startswith("D")))


def _sort(email: str, entry: RepEntry | None) -> str:
    if not recipient(Account(id=AccountId(""), name="", owner_email=email)):
        return "unusable"
    if entry is None:
        return "unknown"
    return "gone" if entry.has_left else "entered"
