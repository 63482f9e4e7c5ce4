"""Everything that happened with one account: visits, alerts, orders, states and corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from alerts.tables import alerts, deliveries, feedback
from app.dashboard import queries_facts as facts
from app.dashboard import queries_rows as shown
from app.dashboard.evidence import Source, sources
from core.database import chunks
from core.domain import AccountId
from enrichment.company import store as correction_store
from enrichment.company.corrections import Corrections
from enrichment.tables import (
    account_domains,
    account_states,
    accounts,
    activities,
    corrections,
    dormancy_transitions,
    judgements,
)
from tracker.tables import visits

MOST = 300
"""Rows of each kind on one timeline."""
_MOST_USE = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Who the account is and where it stands."""

    id: str
    name: str
    industry: str
    country: str
    location: str
    lifecycle: str
    owner: str
    domains: tuple[str, ...]
    state: str
    state_since: datetime | None
    orders: facts.Orders
    left_over: str
    people: tuple[facts.Person, ...]
    last_contact_at: datetime | None
    claim: facts.Claim | None
    latest_alert: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEvent:
    """A visit, with why it was taken for this account's."""

    id: str
    at: datetime
    site: str
    started_at: datetime
    pages: tuple[facts.ViewedPage, ...]
    engaged_ms: int
    prefix: str
    organisation: str
    network: str
    confidence: float | None
    points: float | None
    silent_days: int | None
    silence: str
    alert: str | None
    steps: tuple[shown.Step, ...]
    sources: tuple[Source, ...]
    is_wrong_for_me: bool = False
    """Whether the person who looks said, alone so far, that it wasn't this account."""
    clues: tuple[str, ...]
    """The kinds of clue by which it was recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Where an alert stands on one channel."""

    id: str
    channel: str
    status: str
    attempts: int
    sent_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody did with an alert."""

    kind: str
    by: str
    at: datetime
    undone_at: datetime | None
    detail: str = ""
    """What was chosen with it."""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """An alert, with its deliveries and what people did with it."""

    id: str
    at: datetime
    visit: str
    score: float
    to: str
    backfill: bool
    hold: str
    """Why it wasn't sent at once; empty: it was."""
    told_later_at: datetime | None
    route: str
    reasons: tuple[shown.Said, ...]
    sendings: tuple[Sending, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityEvent:
    """An order, a contact, a login, a reply, use of the product, or a reason noted."""

    at: datetime
    kind: str
    product: str
    money: facts.Money | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateEvent:
    """The account went from one state to another."""

    at: datetime
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionEvent:
    """Somebody said that a network is, or isn't, this account's."""

    id: str
    at: datetime
    prefix: str
    verdict: str
    place: str
    """What it was said of, in words."""
    by: str
    undone_at: datetime | None


Event = VisitEvent | AlertEvent | ActivityEvent | StateEvent | CorrectionEvent


def head(connection: Connection, account: str) -> Head | None:
    """Return the account's facts; None when there is no such account."""
    row = connection.execute(
        select(accounts, account_states.c.state, account_states.c.since)
        .join_from(accounts, account_states, account_states.c.account == accounts.c.id, isouter=True)
        .where(accounts.c.id == account)
    ).first()
    if row is None:
        return None
    domains = connection.execute(
        select(account_domains.c.domain).where(account_domains.c.account == account).order_by(account_domains.c.domain)
    ).scalars()
    last_contact = connection.execute(
        select(activities.c.at)
        .where(activities.c.account == account, activities.c.kind == "contact")
        .order_by(activities.c.at.desc())
        .limit(1)
    ).scalar()
    return Head(
        id=row.id,
        name=row.name,
        industry=row.industry,
        country=row.country,
        location=row.location,
        lifecycle=row.lifecycle,
        owner=row.owner_email,
        domains=tuple(domains),
        state=row.state or "unknown",
        state_since=row.since,
        orders=facts.orders_of(connection, [account]).get(account, facts.NO_ORDERS),
        left_over=facts.reasons_left(connection, [account]).get(account, ""),
        people=facts.people_of(connection, account),
        last_contact_at=last_contact,
        claim=facts.claims_of(connection, [account]).get(account),
        latest_alert=facts.latest_alerts(connection, [account]).get(account, (None,))[0],
    )


def events(connection: Connection, account: str, now: datetime, days: int, viewer: str = "") -> tuple[Event, ...]:
    """Return everything of the last `days` days, newest first; `viewer` is the e-mail address of who looks."""
    since = now - timedelta(days=days)
    told = _alerts(connection, account, since)
    found: list[Event] = [
        *_visits(connection, account, since, {alert.visit: alert.id for alert in told}, _mine(connection, viewer)),
        *told,
        *_activities(connection, account, since, now),
        *_states(connection, account, since),
        *_corrections(connection, account, since),
    ]
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


Mine = Callable[[str, int | None], frozenset[AccountId]]


def _mine(connection: Connection, viewer: str) -> Mine:
    """What the person who looks said alone: a network and its AS → the accounts that it isn't for them."""
    said = Corrections(correction_store.words(connection)) if viewer else None
    return lambda where, asn: said.alone(where, asn, viewer) if said and where else frozenset()


def _older_evidence(why: object) -> object:
    return why.get("evidence") if isinstance(why, Mapping) else None


def _visits(
    connection: Connection, account: str, since: datetime, told: dict[str, str], mine: Mine
) -> tuple[VisitEvent, ...]:
    rows = connection.execute(
        select(
            judgements,
            visits.c.started_at,
            visits.c.prefix.label("visit_prefix"),
            visits.c.ip.label("visit_ip"),
        )
        .join_from(judgements, visits, visits.c.id == judgements.c.visit, isouter=True)
        .where(judgements.c.account == account, judgements.c.at >= since)
        .order_by(judgements.c.at.desc())
        .limit(MOST)
    ).all()
    pages = facts.pages_of(connection, [row.visit for row in rows])
    return tuple(
        VisitEvent(
            id=row.visit,
            at=row.at,
            site=row.site,
            started_at=row.started_at or row.at,
            pages=pages.get(row.visit, ()),
            engaged_ms=sum(page.engaged_ms for page in pages.get(row.visit, ())),
            prefix=row.prefix or row.visit_prefix or "",
            organisation=shown.shown_organisation(row.drop, row.kind, row.organisation),
            network=row.kind or "",
            confidence=row.confidence,
            points=row.points,
            silent_days=row.silent_days,
            silence=row.silence or "",
            alert=told.get(row.visit),
            steps=shown.steps(row.why, row.drop),
            sources=sources(row.evidence or _older_evidence(row.why), row.drop),
            is_wrong_for_me=AccountId(account) in mine(row.visit_ip or row.prefix or "", row.asn),
            clues=shown.clues(row.why),
        )
        for row in rows
    )


def _alerts(connection: Connection, account: str, since: datetime) -> tuple[AlertEvent, ...]:
    rows = connection.execute(
        select(alerts).where(alerts.c.account == account, alerts.c.at >= since).order_by(alerts.c.at.desc()).limit(MOST)
    ).all()
    ids = [row.id for row in rows]
    sent, answered = sendings_of(connection, ids), answers_of(connection, ids)
    return tuple(
        AlertEvent(
            id=row.id,
            at=row.at,
            visit=row.visit,
            score=row.score,
            to=row.to,
            backfill=row.backfill,
            hold=row.hold,
            told_later_at=row.released_at,
            route=row.route,
            reasons=shown.said(row.why),
            sendings=sent.get(row.id, ()),
            answers=answered.get(row.id, ()),
        )
        for row in rows
    )


def sendings_of(connection: Connection, ids: list[str]) -> dict[str, tuple[Sending, ...]]:
    """Return the deliveries of these alerts."""
    found: dict[str, tuple[Sending, ...]] = {}
    for some in chunks(ids):
        for row in connection.execute(
            select(deliveries).where(deliveries.c.alert.in_(some)).order_by(deliveries.c.channel)
        ):
            sending = Sending(
                id=row.id,
                channel=row.channel,
                status=row.status,
                attempts=row.attempts,
                sent_at=row.first_sent_at or row.sent_at,  # what was edited since was sent no later for it
                error=row.error,
            )
            found[row.alert] = (*found.get(row.alert, ()), sending)
    return found


def answers_of(connection: Connection, ids: list[str]) -> dict[str, tuple[Answer, ...]]:
    """Return what people did with these alerts, in order."""
    found: dict[str, tuple[Answer, ...]] = {}
    for some in chunks(ids):
        for row in connection.execute(select(feedback).where(feedback.c.alert.in_(some)).order_by(feedback.c.at)):
            answer = Answer(
                kind=row.kind, by=row.by, at=row.at, undone_at=row.undone_at, detail=row.detail, until=row.until
            )
            found[row.alert] = (*found.get(row.alert, ()), answer)
    return found


def _activities(connection: Connection, account: str, since: datetime, now: datetime) -> tuple[ActivityEvent, ...]:
    mine = (activities.c.account == account, activities.c.at >= since, activities.c.at <= now)
    query = select(activities).where(*mine).order_by(activities.c.at.desc())
    rows = connection.execute(query.where(activities.c.kind != "usage").limit(MOST))
    use = connection.execute(query.where(activities.c.kind == "usage").limit(_MOST_USE))
    return _use_by_day(use.all()) + tuple(
        ActivityEvent(
            at=row.at,
            kind=row.kind,
            product=row.product,
            money=None if row.amount_hundredths is None else facts.money(row.amount_hundredths, row.currency),
            note=row.note,
        )
        for row in rows
    )


def _use_by_day(rows: Sequence[Row[Any]]) -> tuple[ActivityEvent, ...]:
    """Use of the product, one event a day for each thing that was done: servers send many."""
    of_day: dict[tuple[date, str], list[datetime]] = {}
    for row in rows:
        of_day.setdefault((row.at.date(), row.note), []).append(row.at)
    return tuple(
        ActivityEvent(
            at=max(times),
            kind="usage",
            product="",
            money=None,
            note=f"{note}, {len(times)} times" if len(times) > 1 else note,
        )
        for (_, note), times in list(of_day.items())[:MOST]
    )


def _states(connection: Connection, account: str, since: datetime) -> tuple[StateEvent, ...]:
    rows = connection.execute(
        select(dormancy_transitions)
        .where(dormancy_transitions.c.account == account, dormancy_transitions.c.at >= since)
        .order_by(dormancy_transitions.c.at.desc())
        .limit(MOST)
    )
    return tuple(StateEvent(at=row.at, before=row.from_state, after=row.to_state, why=row.why) for row in rows)


def _corrections(connection: Connection, account: str, since: datetime) -> tuple[CorrectionEvent, ...]:
    rows = connection.execute(
        select(corrections)
        .where(corrections.c.account == account, corrections.c.at >= since)
        .order_by(corrections.c.at.desc())
        .limit(MOST)
    )
    return tuple(
        CorrectionEvent(
            id=row.id,
            at=row.at,
            prefix=row.prefix,
            verdict=row.verdict,
            place=_place(row),
            by=row.by,
            undone_at=row.undone_at,
        )
        for row in rows
    )


def _place(row: Row[Any]) -> str:
    """What a correction is about: `203.0.113.0/24`, `an address in 192.0.2.0/24`, `AS64500`, `one visit`."""
    words = {"address": f"an address in {row.prefix}", "as": f"AS{row.asn}", "visit": "one visit"}
    return words.get(row.scope, str(row.prefix))
