"""Reads which visits leave open who they are, for asking registries and the DNS about their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from core.database import chunks
from core.domain import VisitId
from enrichment.network.remote.worth import Seen
from enrichment.tables import judgements
from tracker.tables import page_views, sites, visits


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVisit:
    """One visit whose address is still there, and what the first pass made of it."""

    id: VisitId
    address: str
    received_at: datetime
    seen: Seen
    sources: frozenset[str]
    """Whose word the first pass had, such as `rdap:ripencc`, without what follows the colon."""


def recent_visits(connection: Connection, since: tuple[datetime, str], limit: int) -> list[SeenVisit]:
    """Return visits that were last received after (moment, id), oldest first; none of bots, none of the demo."""
    moment, last_id = since
    v, j = visits.c, judgements.c
    after = (v.received_at > moment) | ((v.received_at == moment) & (v.id > last_id))
    query: Select[Any] = (
        select(v.id, v.ip, v.received_at, j.drop, j.kind, j.points, j.why, j.evidence)
        .join(judgements, j.visit == v.id)
        .outerjoin(sites, sites.c.id == v.site)
        .where(after, v.ip.is_not(None), v.drop.is_(None), sites.c.is_demo.is_not(True))
        .order_by(v.received_at, v.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    read = _read(connection, [row.id for row in rows])
    return [_seen(row, *read.get(row.id, (0, 0))) for row in rows]


def visits_of(connection: Connection, addresses: Sequence[str], since: datetime) -> list[VisitId]:
    """Return the visits from these addresses that were received since a moment, the newest of each first."""
    found: list[VisitId] = []
    v = visits.c
    for some in chunks(sorted(set(addresses))):
        query = select(v.id).where(v.received_at >= since, v.ip.in_(some), v.drop.is_(None))
        found += connection.execute(query.order_by(v.received_at.desc())).scalars()
    return found


def _read(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return how many pages were read in each visit, and for how many milliseconds."""
    found: dict[str, tuple[int, int]] = {}
    views = page_views.c
    for some in chunks(ids):
        query = select(views.visit, func.count(), func.sum(views.engaged_ms)).where(views.visit.in_(some))
        found |= {row[0]: (row[1], int(row[2] or 0)) for row in connection.execute(query.group_by(views.visit))}
    return found


def _seen(row: Row[Any], pages: int, engaged_ms: int) -> SeenVisit:
    steps = row.why or {}
    by_clue = any(str(reason.get("code", "")).startswith("clue:") for reason in steps.get("company", ()))
    seen = Seen(
        drop=row.drop,
        kind=row.kind,
        pages=pages,
        engaged_ms=engaged_ms,
        points=row.points or 0.0,
        by_clue=by_clue,
    )
    sources = frozenset(str(item.get("source", "")).partition(":")[0] for item in row.evidence or ())
    return SeenVisit(id=VisitId(row.id), address=row.ip, received_at=row.received_at, seen=seen, sources=sources)
