"""Reads what a replay of stored visits needs: whose they were judged to be, states, what people said of alerts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from alerts.tables import alerts, feedback
from app import correction_queries
from app.rulebook.learning import JudgedAlert
from core.alerting import Silence
from core.database import chunks
from core.domain import AccountId, State, VisitId
from enrichment.dormancy.states import Standing, WebHistory
from enrichment.tables import account_states, accounts, dormancy_transitions, judgements
from tracker.tables import visits


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedVisit:
    """Whose a visit was judged to be before anybody spoke of it."""

    account: AccountId
    confidence: float
    is_wrong_for_owner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody did with an alert; what was taken back is left out."""

    kind: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An alert that was really made."""

    visit: VisitId
    account: AccountId
    at: datetime
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """How an account moved from state to state."""

    moves: tuple[tuple[datetime, State, State], ...]
    """When, from, to; the oldest first."""
    now: Standing | None

    def at(self, moment: datetime) -> WebHistory | None:
        """Return where the account stood before `moment`."""
        before = [move for move in self.moves if move[0] < moment]
        if before:
            return WebHistory(state=before[-1][2], since=before[-1][0])
        if self.moves or self.now is None or self.now.since >= moment:
            return None
        return WebHistory(state=self.now.state, since=self.now.since)


def recognised_visits(connection: Connection, since: datetime, until: datetime) -> list[VisitId]:
    """Return the visits of the span that are, or were once, judged to be an account's, in order of their start."""
    query = (
        select(visits.c.id)
        .join_from(visits, judgements, judgements.c.visit == visits.c.id)
        .where(
            visits.c.last_at >= since,
            visits.c.started_at <= until,
            or_(judgements.c.account.is_not(None), judgements.c.corrected.is_(True)),
        )
        .order_by(visits.c.started_at, visits.c.id)
    )
    return [VisitId(visit) for visit in connection.execute(query).scalars()]


def judged(connection: Connection, ids: Collection[VisitId]) -> dict[VisitId, JudgedVisit]:
    """Return whose these visits were judged to be; those of no account are left out."""
    found: dict[VisitId, JudgedVisit] = {}
    for one in correction_queries.judged(connection, ids):
        account, confidence = one.judged_account, one.original.get("confidence")
        if account is not None and confidence is not None:
            alone = one.original.get("silence") == Silence.CORRECTED.value
            found[VisitId(one.visit)] = JudgedVisit(account=account, confidence=confidence, is_wrong_for_owner=alone)
    return found


def moves_of(connection: Connection, of: Collection[AccountId]) -> dict[AccountId, Moves]:
    """Return how each of these accounts moved."""
    moved: dict[str, list[tuple[datetime, State, State]]] = defaultdict(list)
    stands: dict[str, Standing] = {}
    for ids in chunks(sorted(of)):
        crossings = select(dormancy_transitions).where(dormancy_transitions.c.account.in_(ids))
        for row in connection.execute(crossings.order_by(dormancy_transitions.c.at, dormancy_transitions.c.id)):
            moved[row.account].append((row.at, State(row.from_state), State(row.to_state)))
        for row in connection.execute(select(account_states).where(account_states.c.account.in_(ids))):
            stands[row.account] = Standing(
                account=AccountId(row.account),
                state=State(row.state),
                tier=row.tier,
                since=row.since,
                judged_at=row.judged_at,
            )
    return {each: Moves(moves=tuple(moved.get(each, ())), now=stands.get(each)) for each in of}


def alerts_made(connection: Connection, since: datetime, until: datetime) -> dict[VisitId, Made]:
    """Return the alerts as of this span, by the visit that caused each."""
    said: dict[str, list[Said]] = defaultdict(list)
    span = (alerts.c.at >= since, alerts.c.at <= until)
    given = (
        select(feedback.c.alert, feedback.c.kind, feedback.c.at, feedback.c.until)
        .join_from(feedback, alerts, alerts.c.id == feedback.c.alert)
        .where(*span, feedback.c.undone_at.is_(None))
        .order_by(feedback.c.at, feedback.c.id)
    )
    for row in connection.execute(given):
        said[row.alert].append(Said(kind=row.kind, at=row.at, until=row.until))
    query = select(alerts.c.id, alerts.c.visit, alerts.c.account, alerts.c.at).where(*span)
    return {
        VisitId(row.visit): Made(
            visit=VisitId(row.visit), account=AccountId(row.account), at=row.at, said=tuple(said.get(row.id, ()))
        )
        for row in connection.execute(query.order_by(alerts.c.created_at))
    }


def names_of(connection: Connection, ids: Collection[AccountId]) -> Mapping[AccountId, str]:
    """Return the names of these accounts."""
    found: dict[AccountId, str] = {}
    for some in chunks(sorted(ids)):
        rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(some)))
        found.update({AccountId(row.id): row.name for row in rows})
    return found


def recorded_since(connection: Connection) -> datetime | None:
    """Return when the first visit that is still kept began; None without any."""
    first = select(visits.c.started_at).order_by(visits.c.started_at).limit(1)
    found: datetime | None = connection.execute(first).scalar()
    return found


USEFUL = frozenset({"claimed", "reached", "meeting", "won"})
NOT_USEFUL = frozenset({"not_useful", "wrong_company"})


def judged_alerts(connection: Connection, since: datetime, limit: int) -> list[JudgedAlert]:
    """Return the newest alerts that people said were useful or not; whoever says both says that it wasn't."""
    said: dict[str, set[str]] = defaultdict(set)
    newest = (
        select(alerts.c.id)
        .join_from(alerts, feedback, feedback.c.alert == alerts.c.id)
        .where(alerts.c.at >= since, feedback.c.undone_at.is_(None), feedback.c.kind.in_(USEFUL | NOT_USEFUL))
        .group_by(alerts.c.id, alerts.c.at)
        .order_by(alerts.c.at.desc(), alerts.c.id)
        .limit(limit)
    )
    ids = list(connection.execute(newest).scalars())
    found: list[JudgedAlert] = []
    for some in chunks(ids):
        given = select(feedback.c.alert, feedback.c.kind).where(
            feedback.c.alert.in_(some), feedback.c.undone_at.is_(None)
        )
        for alert, kind in connection.execute(given):
            said[alert].add(kind)
        columns = select(alerts.c.id, alerts.c.account, alerts.c.at, alerts.c.score, alerts.c.why)
        for row in connection.execute(columns.where(alerts.c.id.in_(some))):
            by_class: dict[str, float] = defaultdict(float)
            for reason in row.why:
                kind, _, name = str(reason.get("code", "")).partition(":")
                if kind == "page" and float(reason.get("points", 0)) > 0:
                    by_class[name] += float(reason["points"])
            found.append(
                JudgedAlert(
                    at=row.at,
                    account=row.account,
                    useful=not said[row.id] & NOT_USEFUL,
                    by_class=dict(by_class),
                    other=row.score - sum(by_class.values()),
                )
            )
    return found
