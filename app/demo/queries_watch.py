"""Reads what the line made of the demo shop's visits since a moment, for the tape and the Slack pane."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from alerts.after import with_feedback
from alerts.message import from_data
from alerts.store import feedback_of
from alerts.tables import alerts, deliveries
from app.dashboard.queries_notices import milestones
from app.demo.seen import Page, Seen, Told
from app.signed import DEMO_SITE
from core.domain import AccountId, AlertId, Reason
from enrichment.tables import accounts, judgements
from tracker.tables import page_views, sites, visits

MOST = 12
"""Visits shown; older ones make room."""


def loaded_at(connection: Connection) -> datetime | None:
    """Return when the demo was loaded: what came later was done by hand. None when there is no demo."""
    found: datetime | None = connection.execute(
        select(sites.c.created_at).where(sites.c.id == DEMO_SITE, sites.c.is_demo)
    ).scalar()
    return found


def seen_since(connection: Connection, since: datetime) -> tuple[Seen, ...]:
    """Return the shop's visits that began at `since` or later and were judged, newest first."""
    rows = connection.execute(
        select(
            *visits.c["id", "started_at", "user_agent"],
            visits.c.prefix.label("visit_prefix"),
            judgements,
            accounts.c.name,
            accounts.c.owner_email,
        )
        .join_from(visits, judgements, judgements.c.visit == visits.c.id)
        .join(accounts, accounts.c.id == judgements.c.account, isouter=True)
        .where(visits.c.site == DEMO_SITE, visits.c.started_at >= since)
        .order_by(visits.c.started_at.desc(), visits.c.id)
        .limit(MOST)
    ).all()
    ids = [row.id for row in rows]
    pages, told = _pages(connection, ids), _told(connection, ids)
    names = _names(connection, {key for row in rows for key in row.candidates})
    return tuple(
        Seen(
            visit=row.id,
            started_at=row.started_at,
            user_agent=row.user_agent,
            prefix=row.prefix or row.visit_prefix or "",
            kind=row.kind or "",
            organisation=row.organisation or "",
            domain=row.domain or "",
            account=AccountId(row.account) if row.account else None,
            name=row.name or "",
            owner=row.owner_email or "",
            candidates=tuple(names.get(key, key) for key in row.candidates),
            confidence=row.confidence,
            points=row.points,
            dormant=row.dormant,
            silent_days=row.silent_days,
            drop=row.drop or "",
            silence=row.silence or "",
            why=_reasons(row.why),
            pages=pages.get(row.id, ()),
            told=told.get(row.id),
        )
        for row in rows
    )


def _reasons(why: Mapping[str, list[dict[str, object]]]) -> Mapping[str, tuple[Reason, ...]]:
    return {
        step: tuple(
            Reason(text=str(one["text"]), points=float(str(one["points"])), code=str(one["code"])) for one in said
        )
        for step, said in why.items()
        if step != "evidence"
    }


def _pages(connection: Connection, ids: Collection[str]) -> Mapping[str, tuple[Page, ...]]:
    found: dict[str, list[Page]] = defaultdict(list)
    rows = connection.execute(
        select(*page_views.c["visit", "path", "title", "at", "engaged_ms"])
        .where(page_views.c.visit.in_(ids))
        .order_by(page_views.c.at, page_views.c.id)
    )
    for row in rows:
        found[row.visit].append(Page(path=row.path, title=row.title, at=row.at, engaged_ms=row.engaged_ms))
    return {visit: tuple(pages) for visit, pages in found.items()}


def _told(connection: Connection, ids: Collection[str]) -> Mapping[str, Told]:
    rows = connection.execute(
        select(*alerts.c["id", "account", "visit", "to", "created_at", "received_at", "message", "kind", "line"])
        .where(alerts.c.visit.in_(ids))
        .order_by(alerts.c.created_at)
    ).all()
    sent: dict[str, datetime] = {}
    for row in connection.execute(
        select(deliveries.c.alert, deliveries.c.first_sent_at)
        .where(deliveries.c.alert.in_([row.id for row in rows]), deliveries.c.first_sent_at.is_not(None))
        .order_by(deliveries.c.first_sent_at)
    ):
        sent.setdefault(row.alert, row.first_sent_at)
    threads = milestones(connection, [row.id for row in rows])
    said = feedback_of(connection, [AlertId(row.id) for row in rows])
    return {
        row.visit: Told(
            id=AlertId(row.id),
            account=AccountId(row.account),
            to=row.to,
            created_at=row.created_at,
            kind=row.kind,
            line=row.line,
            took_seconds=(sent[row.id] - row.received_at).total_seconds()
            if row.id in sent and row.received_at
            else None,
            text=with_feedback(from_data(row.message), said.get(AlertId(row.id), ())),
            thread=tuple(one.text.push for one in threads.get(row.id, ())),
        )
        for row in rows
    }


def _names(connection: Connection, ids: Collection[str]) -> Mapping[str, str]:
    rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}
