"""Reads visits and alerts for the command line: the formats of `visits --json` and `alerts --json`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, select

from alerts.tables import alerts, deliveries
from core.clock import iso
from core.domain import ALERT_POINT, DIGEST_POINT
from enrichment.tables import judgements
from tracker.tables import page_views, visits

_AT_ONCE = 500


class VisitLine(msgspec.Struct, frozen=True):
    """One visit, dropped or not."""

    id: str
    site: str
    started_at: str
    ip: str | None
    """While it is kept."""
    prefix: str | None
    pages: list[str]
    kind: str | None
    organisation: str | None
    account: str | None
    score: float | None
    drop: str | None
    confidence: float | None
    dormant: bool | None
    """As of the visit."""
    silence: str | None
    """Why nobody was told of a recognised visit."""
    point: str | None
    """How far the confidence reaches: `alert` (a rep may be told), `digest` (the account is named), or null."""
    candidates: list[str]
    """The accounts that it may be, where none is named."""


class DeliveryLine(msgspec.Struct, frozen=True):
    """Where an alert stands on one channel."""

    channel: str
    status: str
    sent_at: str | None
    error: str


class AlertLine(msgspec.Struct, frozen=True):
    """One alert."""

    id: str
    account: str
    at: str
    score: float
    why: list[str]
    backfill: bool
    deliveries: list[DeliveryLine]
    kind: str
    rule: str
    to: str
    route: str
    hold: str | None


def visit_lines(
    connection: Connection,
    site: str | None,
    account: str | None,
    limit: int | None,
    *,
    alert_point: float = ALERT_POINT,
    digest_point: float = DIGEST_POINT,
) -> Iterator[VisitLine]:
    """Yield visits, newest first; `site`, `account`, `limit` narrow them."""
    j, v = judgements.c, visits.c
    query = (
        select(v.id, v.site, v.started_at, v.ip, v.prefix, v.drop, j.kind, j.organisation, j.account, j.points)
        .add_columns(j.drop.label("judged_drop"), j.confidence, j.dormant, j.silence, j.candidates)
        .select_from(visits.outerjoin(judgements, j.visit == v.id))
        .order_by(v.started_at.desc(), v.id)
    )
    if site:
        query = query.where(v.site == site)
    if account:
        query = query.where(j.account == account)
    if limit is not None:
        query = query.limit(limit)
    for part in connection.execute(query, execution_options={"yield_per": _AT_ONCE}).partitions():
        pages: dict[str, list[str]] = {}
        seen = (
            select(page_views.c.visit, page_views.c.path)
            .where(page_views.c.visit.in_([row.id for row in part]))
            .order_by(page_views.c.at, page_views.c.id)
        )
        for visit, path in connection.execute(seen):
            pages.setdefault(visit, []).append(path)
        for row in part:
            yield VisitLine(
                id=row.id,
                site=row.site,
                started_at=iso(row.started_at),
                ip=row.ip,
                prefix=row.prefix,
                pages=pages.get(row.id, []),
                kind=row.kind,
                organisation=row.organisation,
                account=row.account,
                score=row.points,
                drop=row.judged_drop or row.drop,
                confidence=row.confidence,
                dormant=row.dormant,
                silence=row.silence,
                point=_point(row.account, row.confidence, alert_point, digest_point),
                candidates=list(row.candidates or ()),
            )


def _point(account: str | None, confidence: float | None, alert_point: float, digest_point: float) -> str | None:
    if account is None or confidence is None or confidence < digest_point:
        return None
    return "alert" if confidence >= alert_point else "digest"


def alert_lines(connection: Connection, account: str | None, limit: int | None) -> Iterator[AlertLine]:
    """Yield alerts with their deliveries, newest first; `account`, `limit` narrow them."""
    query = select(alerts).order_by(alerts.c.at.desc(), alerts.c.id)
    if account:
        query = query.where(alerts.c.account == account)
    if limit is not None:
        query = query.limit(limit)
    for part in connection.execute(query, execution_options={"yield_per": _AT_ONCE}).partitions():
        sent: dict[str, list[DeliveryLine]] = {}
        rows = select(deliveries).where(deliveries.c.alert.in_([row.id for row in part])).order_by(deliveries.c.channel)
        for row in connection.execute(rows):
            line = DeliveryLine(row.channel, row.status, iso(row.sent_at) if row.sent_at else None, row.error)
            sent.setdefault(row.alert, []).append(line)
        for row in part:
            yield AlertLine(
                id=row.id,
                account=row.account,
                at=iso(row.at),
                score=row.score,
                why=[reason["text"] for reason in row.why],
                backfill=row.backfill,
                deliveries=sent.get(row.id, []),
                kind=row.kind,
                rule=row.rule,
                to=row.to,
                route=row.route,
                hold=row.hold or None,
            )
