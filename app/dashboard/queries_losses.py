"""Where visits go: the funnel's counts, and the rows behind each bucket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    RowMapping,
    and_,
    case,
    exists,
    func,
    literal_column,
    select,
)

from alerts.tables import alerts
from app.dashboard import queries_facts as facts
from app.dashboard.funnel import ALERTED, NOT_JUDGED, NOT_SAID, Loss, Outcome, Stage, counted, stages
from app.dashboard.queries_rows import Step, shown_organisation, steps
from core.alerting import Hold, Silence
from core.domain import DropReason
from enrichment.tables import judgements
from tracker.store import KEPT
from tracker.tables import hit_counts, page_views, visits

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """All hits, and those that were not page views by people."""

    total: int
    kept: int
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostVisit:
    """One visit of a bucket."""

    id: str
    at: datetime
    site: str
    who: str
    kind: str
    prefix: str
    account: str | None
    pages: tuple[facts.ViewedPage, ...]
    points: float | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostHit:
    """One hit that formed no visit."""

    at: datetime
    site: str
    path: str


def hits(connection: Connection, since: datetime, site: str = "") -> Hits:
    """Return the hits received since the day of `since` (UTC), by outcome; `site` narrows them to one website."""
    rows = connection.execute(
        select(hit_counts.c.outcome, func.sum(hit_counts.c.n).label("n"))
        .where(hit_counts.c.day >= since.date().isoformat(), *_of_site(hit_counts.c.site, site))
        .group_by(hit_counts.c.outcome)
    )
    counts = {row.outcome: int(row.n) for row in rows}
    losses = sorted(((code, n) for code, n in counts.items() if code != KEPT and n), key=lambda item: -item[1])
    return Hits(
        total=sum(counts.values()),
        kept=counts.get(KEPT, 0),
        losses=tuple(Loss(code=code, count=n) for code, n in losses),
    )


def _judged() -> FromClause:
    return visits.join(judgements, judgements.c.visit == visits.c.id, isouter=True)


def _has_alert() -> ColumnElement[bool]:
    return exists().where(alerts.c.visit == visits.c.id)


def _hold() -> ColumnElement[str | None]:
    """Why the visit's alert wasn't told, while it isn't; empty where one was. Without parameters: it is grouped by."""
    told: ColumnElement[str] = literal_column("''")
    waits = case((alerts.c.released_at.is_(None), alerts.c.hold), else_=told)
    return select(func.min(waits).label("waits")).where(alerts.c.visit == visits.c.id).scalar_subquery()


def _of_site(column: ColumnElement[str], site: str) -> tuple[ColumnElement[bool], ...]:
    return (column == site,) if site else ()


def _in_period(since: datetime, site: str = "") -> ColumnElement[bool]:
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    return and_(visits.c.received_at >= midnight, *_of_site(visits.c.site, site))


def visit_stages(connection: Connection, since: datetime, site: str = "") -> tuple[Stage, ...]:
    """Return the stages of all visits received since the day of `since` (UTC)."""
    recognised = judgements.c.account.is_not(None)
    rows = connection.execute(
        select(
            visits.c.drop.label("visit_drop"),
            judgements.c.drop,
            judgements.c.visit.is_not(None).label("judged"),
            recognised.label("recognised"),
            judgements.c.dormant,
            judgements.c.silence,
            _has_alert().label("alerted"),
            _hold().label("hold"),
            func.count().label("n"),
        )
        .select_from(_judged())
        .where(_in_period(since, site))
        .group_by(
            visits.c.drop,
            judgements.c.drop,
            judgements.c.visit.is_not(None),
            recognised,
            judgements.c.dormant,
            judgements.c.silence,
            _has_alert(),
            _hold(),
        )
    )
    return stages(counted((_outcome(row), row.n) for row in rows))


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(
        visit_drop=row.visit_drop,
        drop=row.drop,
        judged=bool(row.judged),
        recognised=bool(row.recognised),
        dormant=None if row.dormant is None else bool(row.dormant),
        silence=row.silence,
        alerted=bool(row.alerted),
        hold=row.hold or "",
    )


def _bucket_condition(code: str) -> ColumnElement[bool]:
    """Return the condition for the visits of one bucket: the same choice as `funnel.bucket`, said in SQL."""
    drop = func.coalesce(visits.c.drop, judgements.c.drop)
    if code in {reason.value for reason in DropReason} - {DropReason.ACCOUNT_NONE.value}:
        return drop == code
    open_end = drop.is_(None) & ~_has_alert()
    judged = judgements.c.visit.is_not(None)
    if code == NOT_JUDGED:
        return open_end & ~judged
    if code == DropReason.ACCOUNT_NONE.value:
        return (drop == code) | (open_end & judged & judgements.c.account.is_(None))
    recognised = open_end & judgements.c.account.is_not(None)
    is_dormant = case((judgements.c.dormant.is_(True), 1), else_=0) == 1
    if code == ALERTED:
        return drop.is_(None) & (_hold() == "")
    if code in {hold.value for hold in Hold}:
        return drop.is_(None) & (_hold() == code)
    if code == Silence.NOT_DORMANT.value:
        return recognised & (~is_dormant | (judgements.c.silence == code))
    if code == NOT_SAID:
        return recognised & is_dormant & judgements.c.silence.is_(None)
    return recognised & is_dormant & (judgements.c.silence == code)


def count_bucket(connection: Connection, code: str, since: datetime, site: str = "") -> int:
    """Return how many visits a bucket holds."""
    return connection.execute(
        select(func.count()).select_from(_judged()).where(_in_period(since, site), _bucket_condition(code))
    ).scalar_one()


def bucket_rows(
    connection: Connection, code: str, since: datetime, page: int = 1, site: str = ""
) -> tuple[LostVisit, ...]:
    """Return one page of a bucket's visits, newest first."""
    found = connection.execute(
        select(
            *visits.c["id", "site", "last_at", "prefix"],
            visits.c.drop.label("visit_drop"),
            *judgements.c["kind", "organisation", "account", "points", "drop", "why"],
        )
        .select_from(_judged())
        .where(_in_period(since, site), _bucket_condition(code))
        .order_by(visits.c.last_at.desc(), visits.c.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).mappings()
    rows = found.all()
    names = facts.account_names(connection, {row["account"] for row in rows if row["account"]})
    pages = facts.pages_of(connection, [row["id"] for row in rows], 5)
    return tuple(_lost_visit(row, names, pages.get(row["id"], ())) for row in rows)


def _lost_visit(row: RowMapping, names: dict[str, str], pages: Sequence[facts.ViewedPage]) -> LostVisit:
    drop = row["visit_drop"] or row["drop"]
    nameless = drop == DropReason.COMPANY_PERSON.value
    return LostVisit(
        id=row["id"],
        at=row["last_at"],
        site=row["site"],
        who=names.get(row["account"] or "", "") or shown_organisation(drop, row["kind"], row["organisation"]),
        kind=row["kind"] or "",
        prefix="" if nameless else row["prefix"] or "",
        account=row["account"],
        pages=tuple(pages),
        points=row["points"],
        steps=steps(row["why"], drop),
    )


def count_hits(connection: Connection, code: str, since: datetime, site: str = "") -> int:
    """Return how many single hits of one outcome are still kept as rows."""
    return connection.execute(
        select(func.count()).select_from(page_views).where(*_hit_condition(code, since, site))
    ).scalar_one()


def hit_rows(connection: Connection, code: str, since: datetime, page: int = 1, site: str = "") -> tuple[LostHit, ...]:
    """Return one page of the hits of one outcome, newest first."""
    rows = connection.execute(
        select(*page_views.c["at", "site", "path"])
        .where(*_hit_condition(code, since, site))
        .order_by(page_views.c.received_at.desc(), page_views.c.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return tuple(LostHit(at=row.at, site=row.site, path=row.path) for row in rows)


def _hit_condition(code: str, since: datetime, site: str) -> tuple[ColumnElement[bool], ...]:
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    return (page_views.c.drop == code, page_views.c.received_at >= midnight, *_of_site(page_views.c.site, site))
