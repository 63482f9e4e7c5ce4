"""Reads and writes which networks and visits people said something new about, and finds the visits inside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from app.tables import facts
from core.clock import iso
from core.database import upsert
from core.domain import VisitId
from enrichment.network.addresses import Prefix, parse_address, parse_prefix
from tracker.tables import visits

_NAME = "again:"
_VISIT = "again-visit:"


def want(connection: Connection, prefix: str, now: datetime) -> None:
    """Have the worker judge past visits from this network again: people said whose it is, or isn't any more."""
    network = parse_prefix(prefix)
    if network is not None:
        statement = upsert(connection, facts, ("name",), ("value",))
        connection.execute(statement, {"name": f"{_NAME}{network}", "value": iso(now)})


def wanted(connection: Connection) -> dict[str, str]:
    """Return the networks that wait, each with when somebody spoke of it last."""
    rows = connection.execute(select(facts).where(facts.c.name.startswith(_NAME)).order_by(facts.c.value))
    return {row.name.removeprefix(_NAME): row.value for row in rows}


def done(connection: Connection, networks: dict[str, str]) -> None:
    """Forget networks whose visits were judged; one that was spoken of again meanwhile stays."""
    for prefix, when in networks.items():
        connection.execute(delete(facts).where(facts.c.name == f"{_NAME}{prefix}", facts.c.value == when))


def want_visits(connection: Connection, ids: Collection[VisitId], now: datetime) -> None:
    """Have the worker judge these visits again: people said whose they are."""
    statement = upsert(connection, facts, ("name",), ("value",))
    for visit in sorted(ids):
        connection.execute(statement, {"name": f"{_VISIT}{visit}", "value": iso(now)})


def wanted_visits(connection: Connection) -> dict[VisitId, str]:
    """Return the visits that wait by themselves, each with when somebody spoke of it last."""
    rows = connection.execute(select(facts).where(facts.c.name.startswith(_VISIT)).order_by(facts.c.value))
    return {VisitId(row.name.removeprefix(_VISIT)): row.value for row in rows}


def done_visits(connection: Connection, visits: dict[VisitId, str]) -> None:
    """Forget visits that were judged; one that was spoken of again meanwhile stays."""
    for visit, when in visits.items():
        connection.execute(delete(facts).where(facts.c.name == f"{_VISIT}{visit}", facts.c.value == when))


def visits_inside(
    connection: Connection, prefixes: Collection[str], since: datetime, until: tuple[datetime, str], limit: int
) -> tuple[list[VisitId], tuple[datetime, str] | None]:
    """Return visits from these networks whose address is kept, the newest first, among the next `limit` before `until`.

    Also returns where to go on; None when there are no older ones.
    """
    networks = [network for prefix in prefixes if (network := parse_prefix(prefix))]
    v = visits.c
    before = (v.last_at < until[0]) | ((v.last_at == until[0]) & (v.id < until[1]))
    query = select(v.id, v.ip, v.last_at).where(v.last_at >= since, before, v.ip.is_not(None), v.drop.is_(None))
    rows = connection.execute(query.order_by(v.last_at.desc(), v.id.desc()).limit(limit)).all()
    found = [VisitId(row.id) for row in rows if _is_inside(row.ip, networks)]
    return found, (rows[-1].last_at, rows[-1].id) if len(rows) == limit else None


def _is_inside(ip: str, networks: Sequence[Prefix]) -> bool:
    address = parse_address(ip)
    return address is not None and any(
        address.version == network.version and address in network for network in networks
    )
