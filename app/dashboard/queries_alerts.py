"""The list of alerts with their deliveries and what people did with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Select, exists, func, select

from alerts.message import AlertText, from_data
from alerts.tables import alerts, deliveries, feedback
from app.dashboard.queries_rows import Said, said
from app.dashboard.queries_timeline import Answer, Sending, answers_of, sendings_of
from core.alerting import UNANSWERED
from enrichment.tables import accounts

PAGE_SIZE = 30
SHOWS = ("all", "open", "taken", "wrong", "held", "stuck", "history")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert in the list."""

    id: str
    account: str
    name: str
    at: datetime
    score: float
    to: str
    backfill: bool
    hold: str
    """Why it wasn't sent at once; empty: it was."""
    told_later_at: datetime | None
    """When a held one was told after all."""
    route: str
    reasons: tuple[Said, ...]
    message: AlertText | None
    """What was sent; None when it was written by a version that said it differently."""
    sendings: tuple[Sending, ...]
    answers: tuple[Answer, ...]

    @property
    def standing(self) -> str:
        """What people made of it: `wrong_company`, else what they did last; empty while nobody did anything."""
        valid = [each.kind for each in self.answers if each.undone_at is None and each.kind not in UNANSWERED]
        return "wrong_company" if "wrong_company" in valid else valid[-1] if valid else ""


def _chosen(show: str) -> Select[tuple[str]]:
    valid = (feedback.c.alert == alerts.c.id) & feedback.c.undone_at.is_(None)
    answered = exists().where(valid, feedback.c.kind.not_in(UNANSWERED))
    stuck = exists().where(deliveries.c.alert == alerts.c.id, deliveries.c.status == "dead")
    query = select(alerts.c.id)
    if show == "open":
        return query.where(~answered, alerts.c.backfill.is_(False))
    if show == "taken":
        return query.where(exists().where(valid, feedback.c.kind == "claimed"))
    if show == "wrong":
        return query.where(exists().where(valid, feedback.c.kind == "wrong_company"))
    if show == "held":
        return query.where(alerts.c.hold != "", alerts.c.released_at.is_(None))
    if show == "stuck":
        return query.where(stuck)
    if show == "history":
        return query.where(alerts.c.backfill.is_(True))
    return query


def count_alerts(connection: Connection, show: str = "all") -> int:
    """Return how many alerts there are of one sort."""
    return connection.execute(select(func.count()).select_from(_chosen(show).subquery())).scalar_one()


def list_alerts(connection: Connection, show: str = "all", page: int = 1) -> tuple[AlertRow, ...]:
    """Return one page of the alerts of one sort, newest first."""
    rows = connection.execute(
        select(alerts, accounts.c.name)
        .join_from(alerts, accounts, accounts.c.id == alerts.c.account, isouter=True)
        .where(alerts.c.id.in_(_chosen(show)))
        .order_by(alerts.c.at.desc(), alerts.c.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    ids = [row.id for row in rows]
    sent, answered = sendings_of(connection, ids), answers_of(connection, ids)
    return tuple(
        AlertRow(
            id=row.id,
            account=row.account,
            name=row.name or row.account,
            at=row.at,
            score=row.score,
            to=row.to,
            backfill=row.backfill,
            hold=row.hold,
            told_later_at=row.released_at,
            route=row.route,
            reasons=said(row.why),
            message=_message(row.message),
            sendings=sent.get(row.id, ()),
            answers=answered.get(row.id, ()),
        )
        for row in rows
    )


def _message(data: Mapping[str, object]) -> AlertText | None:
    try:
        return from_data(data)
    except msgspec.ValidationError:
        return None
