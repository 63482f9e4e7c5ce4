"""Who is in which saved segment since when, and the log of who came and went; the caller opens the transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, func, select

from core.database import chunks, insert_new, upsert
from core.domain import AccountId
from core.ids import derived
from enrichment.segments.condition_queries import members_query
from enrichment.segments.definitions import Segment
from enrichment.tables import (
    account_states,
    accounts,
    judgements,
    segment_changes,
    segment_evaluations,
    segment_members,
)

CHANGES_KEPT = timedelta(days=365)
"""How long the log says who came and went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Who has come into a segment and who has left it, by an evaluation."""

    segment: str
    entered: tuple[AccountId, ...]
    left: tuple[AccountId, ...]
    by_definition: bool = False
    """Whether the segment itself was changed, and not the accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """When all accounts were last looked at for a segment, and by which definition."""

    segment: str
    definition: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How many are in a segment, and how many came and went of their own."""

    members: int = 0
    entered: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One account that came into a segment or left it."""

    segment: str
    account: AccountId
    entered: bool
    at: datetime
    by_definition: bool


def count(connection: Connection, segment: Segment, now: datetime) -> int:
    """Return how many accounts the definition holds at `now`, whatever was kept."""
    query = members_query(connection, segment, now).subquery()
    return connection.execute(select(func.count()).select_from(query)).scalar_one()


def changes(connection: Connection, segment: Segment, now: datetime, ids: Sequence[AccountId] | None = None) -> Changes:
    """Return how what is kept differs from the truth at `now`: of all accounts, or of these at most 500."""
    true = members_query(connection, segment, now, ids).subquery()
    kept = select(segment_members.c.about).where(segment_members.c.segment == segment.name)
    if ids is not None:
        kept = kept.where(segment_members.c.about.in_(ids))
    known = kept.subquery()
    entered = (
        select(true.c.id)
        .select_from(true.outerjoin(known, known.c.about == true.c.id))
        .where(known.c.about.is_(None))
        .order_by(true.c.id)
    )
    left = (
        select(known.c.about)
        .select_from(known.outerjoin(true, known.c.about == true.c.id))
        .where(true.c.id.is_(None))
        .order_by(known.c.about)
    )
    return Changes(
        segment=segment.name,
        entered=tuple(AccountId(one) for one in connection.execute(entered).scalars()),
        left=tuple(AccountId(one) for one in connection.execute(left).scalars()),
    )


def save(connection: Connection, found: Changes, now: datetime) -> int:
    """Keep the changes, each with one row in the log; return how many were new. May be called twice."""
    table, number = segment_members.c, 0
    for part in chunks(found.entered):
        rows = [{"segment": found.segment, "about": one, "since": now} for one in part]
        came = connection.execute(insert_new(connection, segment_members).values(rows).returning(table.about))
        number += _log(connection, found, list(came.scalars()), True, now)
    for part in chunks(found.left):
        gone = delete(segment_members).where(table.segment == found.segment, table.about.in_(part))
        number += _log(connection, found, list(connection.execute(gone.returning(table.about)).scalars()), False, now)
    return number


def _log(connection: Connection, found: Changes, ids: Sequence[str], entered: bool, now: datetime) -> int:
    rows = [
        {
            "id": derived("segment_change", found.segment, account, entered, now.isoformat()),
            "segment": found.segment,
            "about": account,
            "entered": entered,
            "at": now,
            "by_definition": found.by_definition,
        }
        for account in ids
    ]
    if rows:
        connection.execute(insert_new(connection, segment_changes), rows)
    return len(rows)


def forget_segment(connection: Connection, name: str, now: datetime) -> None:
    """Let all members of a segment go that is defined no more; the log says so."""
    members = connection.execute(select(segment_members.c.about).where(segment_members.c.segment == name)).scalars()
    gone = Changes(segment=name, entered=(), left=tuple(AccountId(one) for one in members), by_definition=True)
    save(connection, gone, now)
    connection.execute(delete(segment_evaluations).where(segment_evaluations.c.segment == name))


def evaluations(connection: Connection) -> Mapping[str, Evaluation]:
    """Return by segment when all accounts were last looked at."""
    return {
        row.segment: Evaluation(segment=row.segment, definition=row.definition, at=row.at)
        for row in connection.execute(select(segment_evaluations))
    }


def evaluated(connection: Connection, done: Evaluation) -> None:
    """Keep that all accounts were looked at, and forget what the log needs no longer."""
    statement = upsert(connection, segment_evaluations, ("segment",), ("definition", "at"))
    connection.execute(statement, {"segment": done.segment, "definition": done.definition, "at": done.at})
    old = and_(segment_changes.c.segment == done.segment, segment_changes.c.at < done.at - CHANGES_KEPT)
    connection.execute(delete(segment_changes).where(old))


def touched(connection: Connection, since: datetime) -> Collection[AccountId]:
    """Return the accounts that visited, were judged or were imported at or after `since`."""
    visited = select(judgements.c.account).where(judgements.c.at >= since, judgements.c.account.is_not(None)).distinct()
    judged = select(account_states.c.account).where(account_states.c.judged_at >= since)
    imported = select(accounts.c.id).where(accounts.c.imported_at >= since)
    return {AccountId(one) for query in (visited, judged, imported) for one in connection.execute(query).scalars()}


def figures(connection: Connection, since: datetime) -> Mapping[str, Figures]:
    """Return by segment how many are in it, and how many came and went of their own at or after `since`."""
    member, change = segment_members.c, segment_changes.c
    counts = {
        row.segment: row.n
        for row in connection.execute(select(member.segment, func.count().label("n")).group_by(member.segment))
    }
    moved: dict[tuple[str, bool], int] = {
        (row.segment, row.entered): row.n
        for row in connection.execute(
            select(change.segment, change.entered, func.count().label("n"))
            .where(change.at >= since, ~change.by_definition)
            .group_by(change.segment, change.entered)
        )
    }
    names = {*counts, *(name for name, _ in moved)}
    return {
        name: Figures(members=counts.get(name, 0), entered=moved.get((name, True), 0), left=moved.get((name, False), 0))
        for name in names
    }


def members(connection: Connection, name: str, limit: int | None = None) -> Iterable[tuple[AccountId, str, datetime]]:
    """Return (id, name, since) of a segment's members, the newest first."""
    table = segment_members.c
    query = (
        select(accounts.c.id, accounts.c.name, table.since)
        .join_from(segment_members, accounts, accounts.c.id == table.about)
        .where(table.segment == name)
        .order_by(table.since.desc(), accounts.c.name, accounts.c.id)
        .limit(limit)
    )
    return [(AccountId(row.id), row.name, row.since) for row in connection.execute(query)]


def log(connection: Connection, name: str, limit: int = 50) -> tuple[Change, ...]:
    """Return who came into a segment and left it, the newest first."""
    table = segment_changes.c
    query = select(segment_changes).where(table.segment == name).order_by(table.at.desc(), table.id).limit(limit)
    return tuple(
        Change(
            segment=row.segment,
            account=AccountId(row.about),
            entered=row.entered,
            at=row.at,
            by_definition=row.by_definition,
        )
        for row in connection.execute(query)
    )
