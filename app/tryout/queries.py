"""Reads from the workspace what the line made of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from alerts.tables import alerts
from app.dashboard.queries_rows import shown_organisation
from app.tryout.seen import Pages, SeenVisit, UnclearVisit
from core.database import chunks
from core.domain import DropReason
from enrichment.tables import accounts, activities, judgements
from tracker.tables import page_views, visits

_MOST_PAGES = 200


def period(connection: Connection) -> tuple[datetime, datetime] | None:
    """Return the first and last stamp of the lines that could be read."""
    readable = or_(page_views.c.drop.is_(None), page_views.c.drop != DropReason.MALFORMED.value)
    first, last = connection.execute(select(func.min(page_views.c.at), func.max(page_views.c.at)).where(readable)).one()
    return (first, last) if first is not None and last is not None else None


def seen_visits(connection: Connection) -> tuple[SeenVisit, ...]:
    """Return the recognised visits in order of time."""
    rows = connection.execute(
        select(visits.c.id, visits.c.started_at, visits.c.prefix.label("stored_prefix"), judgements)
        .join(judgements, judgements.c.visit == visits.c.id)
        .where(judgements.c.account.is_not(None))
        .order_by(visits.c.started_at, visits.c.id)
    )
    return tuple(
        SeenVisit(
            id=row.id,
            account=row.account,
            started_at=row.started_at,
            prefix=row.prefix or row.stored_prefix or "",
            organisation=shown_organisation(None, row.kind, row.organisation),
            confidence=row.confidence or 0.0,
            dormant=bool(row.dormant),
            silent_days=row.silent_days,
            points=row.points or 0.0,
            why=_reasons(row.why),
        )
        for row in rows
    )


def _reasons(why: object) -> Mapping[str, tuple[tuple[str, str], ...]]:
    if not isinstance(why, Mapping):
        return {}
    return {
        str(step): tuple((str(reason.get("code", "")), str(reason.get("text", ""))) for reason in reasons)
        for step, reasons in why.items()
        if isinstance(reasons, Sequence)
    }


def unclear_visits(connection: Connection) -> tuple[UnclearVisit, ...]:
    """Return the visits that may be of several accounts, in order of time."""
    rows = connection.execute(
        select(visits.c.started_at, *judgements.c["kind", "organisation", "drop", "candidates"])
        .join(judgements, judgements.c.visit == visits.c.id)
        .where(judgements.c.drop == DropReason.ACCOUNT_AMBIGUOUS.value)
        .order_by(visits.c.started_at, visits.c.id)
    )
    return tuple(
        UnclearVisit(
            started_at=row.started_at,
            organisation=shown_organisation(row.drop, row.kind, row.organisation),
            candidates=tuple(map(str, row.candidates)),
        )
        for row in rows
    )


def pages_of(connection: Connection, ids: Sequence[str]) -> Mapping[str, Pages]:
    """Return what each of these visits saw."""
    paths: dict[str, dict[str, None]] = {}
    views: dict[str, int] = {}
    for some in chunks(ids):
        rows = connection.execute(
            select(page_views.c.visit, page_views.c.path)
            .where(page_views.c.visit.in_(some), page_views.c.drop.is_(None))
            .order_by(page_views.c.at, page_views.c.id)
        )
        for row in rows:
            views[row.visit] = views.get(row.visit, 0) + 1
            known = paths.setdefault(row.visit, {})
            if len(known) < _MOST_PAGES:
                known.setdefault(row.path)
    return {visit: Pages(paths=tuple(known), views=views[visit]) for visit, known in paths.items()}


def count_alerts(connection: Connection) -> int:
    """Return how many messages the line decided on."""
    return connection.execute(select(func.count()).select_from(alerts)).scalar_one()


def count_accounts(connection: Connection) -> tuple[int, int]:
    """Return how many accounts there are, and how many of them have an order."""
    total = connection.execute(select(func.count()).select_from(accounts)).scalar_one()
    buying = select(func.count(activities.c.account.distinct())).where(activities.c.kind == "purchase")
    return total, connection.execute(buying).scalar_one()
