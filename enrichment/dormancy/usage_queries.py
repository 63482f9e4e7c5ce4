"""Counts how often accounts used the product, week by week; each week that is over is counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from core.database import chunks, insert_new
from core.domain import AccountId, Activity
from enrichment.account.activity_queries import MOST
from enrichment.dormancy.usage import LOOK_BACK_WEEKS, USES, UsageWeek, monday
from enrichment.tables import activities, usage_weeks

_WEEK = timedelta(days=7)


def usage_of(connection: Connection, accounts: Iterable[AccountId]) -> Mapping[AccountId, tuple[UsageWeek, ...]]:
    """Return the weeks counted of each account; those that use the product too little to be counted are left out."""
    found: dict[AccountId, list[UsageWeek]] = defaultdict(list)
    for part in chunks(sorted(set(accounts))):
        query = select(usage_weeks).where(usage_weeks.c.about.in_(part)).order_by(usage_weeks.c.monday.desc())
        for row in connection.execute(query):
            if len(found[AccountId(row.about)]) < LOOK_BACK_WEEKS:
                found[AccountId(row.about)].append(UsageWeek(monday=row.monday, uses=row.uses))
    return {account: tuple(reversed(weeks)) for account, weeks in found.items()}


def heavy_users(known: Mapping[AccountId, Sequence[Activity]]) -> list[AccountId]:
    """Return the accounts that used the product more often than is read of it: only their weeks are counted."""
    return [
        account
        for account, of in known.items()
        if any(len(of) >= MOST[kind] and sum(one.kind == kind for one in of) >= MOST[kind] for kind in USES)
    ]


def count_weeks(connection: Connection, accounts: Collection[AccountId], now: datetime) -> None:
    """Count those of the last weeks that are over and weren't counted yet, for accounts with much use."""
    this = monday(now)
    wanted = [this - n * _WEEK for n in range(LOOK_BACK_WEEKS, 0, -1)]
    missing: dict[date, list[AccountId]] = defaultdict(list)
    for part in chunks(sorted(accounts)):
        query = select(usage_weeks.c.about, usage_weeks.c.monday)
        rows = connection.execute(query.where(usage_weeks.c.about.in_(part), usage_weeks.c.monday >= wanted[0]))
        known = {(row.about, row.monday) for row in rows}
        for week in wanted:
            missing[week] += [account for account in part if (account, week) not in known]
    for week, lacking in missing.items():
        start = datetime.combine(week, time(), UTC)
        table = activities.c
        for part in chunks(lacking):
            query = (
                select(table.account, func.count().label("number"))
                .where(table.account.in_(part), table.kind.in_(USES), table.at >= start, table.at < start + _WEEK)
                .group_by(table.account)
            )
            counts = {row.account: int(row.number) for row in connection.execute(query)}
            counted = [{"about": account, "monday": week, "uses": counts.get(account, 0)} for account in part]
            connection.execute(insert_new(connection, usage_weeks), counted)
