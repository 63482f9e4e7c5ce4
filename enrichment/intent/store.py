"""Reads the visits of accounts that a score needs, at a cost that doesn't grow with how often they came.

Up to `NEWEST` visits before a moment are read whole. Where an account has more, the days before those are walked
through an index, one step a day, as far back as any rule asks: the first and the last visit of each. From these
everything is as from all visits (how long away, on how many days, how often a week), but for two things: what earlier
visits "still count for" leaves out those between the first and the last of such a day, once the newest ones have not
used up its points, and of more than `NEWEST` visits on the day itself, only these people are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from core.database import UtcTime, chunks
from core.domain import AccountId, VisitId, VisitorId
from enrichment.intent.history import LOOK_BACK, PastVisit
from enrichment.tables import judgements

NEWEST = 64
"""Visits of an account that are read one by one."""
_AT_ONCE = 40
"""Accounts asked of in one statement."""
_COLUMNS = tuple(judgements.c[name] for name in ("account", "visit", "visitor", "at", "own_points", "held"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A visit to be scored, and as of when."""

    account: AccountId
    visit: VisitId
    at: datetime


def past_visits(
    connection: Connection, asked: Sequence[Asked], horizon: timedelta, newest: int = NEWEST
) -> dict[VisitId, list[PastVisit]]:
    """Return for each visit the account's other visits up to its moment that are worth anything.

    `horizon` is how far back the rules ask for more than the last visit (`ScoringRules.horizon_days`).
    """
    latest: dict[AccountId, datetime] = {}
    for one in asked:
        latest[one.account] = max(one.at, latest.get(one.account, one.at))
    of_account: dict[AccountId, list[PastVisit]] = {}
    for account, past in _newest(connection, sorted(latest.items()), newest):
        of_account.setdefault(account, []).append(past)
    found: dict[VisitId, list[PastVisit]] = {}
    for one in asked:
        seen = of_account.get(one.account, [])
        if len(seen) >= newest + 1:  # one more than needed: there are others
            if one.at < latest[one.account]:
                seen = [past for _, past in _newest(connection, [(one.account, one.at)], newest)]
            if len(seen) >= newest + 1:
                seen = [*seen, *_days_before(connection, one, seen[-1], horizon)]
        found[one.visit] = [past for past in seen if past.id != one.visit and one.at - LOOK_BACK <= past.at <= one.at]
    return found


def _newest(
    connection: Connection, wanted: Sequence[tuple[AccountId, datetime]], newest: int
) -> Iterator[tuple[AccountId, PastVisit]]:
    """Yield each account's newest visits up to a moment, the latest first; one more than `newest` tells of others."""
    for some in chunks(wanted, _AT_ONCE):
        queries = [_newest_of(account, until, newest + 1).subquery() for account, until in some]
        whole = union_all(*(select(query) for query in queries)) if len(queries) > 1 else select(queries[0])
        yield from _read(connection.execute(whole))


def _newest_of(account: AccountId, until: datetime, limit: int) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .where(_of(account), judgements.c.at <= until, judgements.c.at >= until - LOOK_BACK)
        .order_by(judgements.c.at.desc(), judgements.c.visit.desc())
        .limit(limit)
    )


def _days_before(connection: Connection, asked: Asked, oldest: PastVisit, horizon: timedelta) -> list[PastVisit]:
    """Return the first and the last visit of each day before `oldest`, as far as the horizon and one day beyond."""
    is_sqlite = connection.dialect.name == "sqlite"
    start = select(
        select(func.max(judgements.c.at)).where(_of(asked.account), judgements.c.at <= oldest.at).scalar_subquery()
    ).correlate(None)
    days = start.cte("days", recursive=True)
    last = type_coerce(days.c[0], UtcTime)
    before = (
        select(func.max(judgements.c.at))
        .where(_of(asked.account), judgements.c.at < _day_start(last, is_sqlite=is_sqlite))
        .correlate(days)
        .scalar_subquery()
    )
    days = days.union_all(select(before).where(last >= asked.at - horizon))
    last = type_coerce(days.c[0], UtcTime)
    first = (
        select(func.min(judgements.c.at))
        .where(_of(asked.account), judgements.c.at >= _day_start(last, is_sqlite=is_sqlite))
        .correlate(days)
        .scalar_subquery()
    )
    ends = connection.execute(select(last.label("last"), first.label("first")).where(last.is_not(None)))
    moments = sorted({moment for row in ends for moment in row if moment < oldest.at})
    found: list[PastVisit] = []
    for some in chunks(moments):  # asked for as values: with a join, every visit might be read for each day
        query = select(*_COLUMNS).where(_of(asked.account), judgements.c.at.in_(some))
        found.extend(past for _, past in _read(connection.execute(query)))
    return found


def _of(account: AccountId) -> ColumnElement[bool]:
    """The account's visits that are worth anything; the literal makes both databases take the index of just these."""
    return and_(judgements.c.account == account, judgements.c.own_points > literal_column("0"))


def _day_start(moment: ColumnElement[datetime], *, is_sqlite: bool) -> ColumnElement[datetime]:
    """The beginning of the day (UTC) of a moment, to be compared with moments."""
    if is_sqlite:
        return type_coerce(func.substr(moment, 1, 10), UtcTime)
    return func.timezone("UTC", func.date_trunc("day", func.timezone("UTC", moment)))


def _read(rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[tuple[AccountId, PastVisit]]:
    for account, visit, visitor, at, own_points, held in rows:  # in the order of _COLUMNS
        yield (
            AccountId(account),
            PastVisit(
                id=VisitId(visit),
                at=at,
                visitor=VisitorId(visitor),
                own_points=own_points,
                held=tuple(held.split()) if held else (),
            ),
        )
