"""Reads what accounts did: of each kind only the newest, so that a long history costs no more than a short one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import cast, get_args

from sqlalchemy import Connection, Executable, Row, bindparam, select, union_all

from core.domain import AccountId, Activity, ActivityKind
from enrichment.tables import activities

MOST: Mapping[ActivityKind, int] = {
    "purchase": 1000,
    "contact": 30,
    "login": 20,
    "reply": 20,
    "dormancy_reason": 10,
    "usage": 20,
    "email_open": 30,
    "email_click": 30,
    "event": 10,
    "ticket": 10,
}
"""How many of an account's activities of each kind are looked at, newest first. The newest decide how silent it is;
its orders make its rhythm, and what it is worth is summed up elsewhere (`account_values`)."""

_BEFORE = 3
"""How many of each kind are also looked at from before `earliest`."""

_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def activities_of(
    connection: Connection,
    ids: Iterable[AccountId],
    *,
    until: datetime | None = None,
    earliest: datetime | None = None,
) -> Mapping[AccountId, tuple[Activity, ...]]:
    """Return the activities of each account in order of time; an account without any has an empty tuple.

    Of each kind the newest MOST before `until` (None: all). Who judges several moments names the first as `earliest`:
    then the newest before that moment are there, too.
    """
    found: dict[AccountId, tuple[Activity, ...]] = {}
    for account in dict.fromkeys(ids):
        values = {"account": account, "until": until or _EVER}
        rows = list(connection.execute(_newest(whole=True), values))
        if earliest is not None and any(row.at >= earliest for row in rows):
            rows += connection.execute(_newest(whole=False), values | {"until": earliest})
        found[account] = _activities(rows)
    return found


@cache
def _newest(*, whole: bool) -> Executable:
    """The newest activities of each kind: one walk along the index per kind, whatever else there is."""
    table = activities.c
    until = bindparam("until", type_=table.at.type)
    parts = []
    for kind in get_args(ActivityKind):
        query = (
            select(activities)
            .where(table.account == bindparam("account"), table.kind == kind, table.at < until)
            .order_by(table.at.desc())
            .limit(MOST[kind] if whole else _BEFORE)
        )
        parts.append(select(query.subquery()))
    return union_all(*parts)


def _activities(rows: Sequence[Row[tuple[object, ...]]]) -> tuple[Activity, ...]:
    unique = {row.id: row for row in rows}
    return tuple(_activity(row) for row in sorted(unique.values(), key=lambda row: (row.at, row.id)))


def _activity(row: Row[tuple[object, ...]]) -> Activity:
    return Activity(
        account=AccountId(row.account),
        kind=cast(ActivityKind, row.kind),
        at=row.at,
        product=row.product,
        amount=None if row.amount_hundredths is None else Decimal(row.amount_hundredths).scaleb(-2),
        currency=row.currency,
        note=row.note,
        reason=row.reason,
        source=row.source,
        said_by=row.said_by,
    )
