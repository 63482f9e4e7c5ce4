"""Reads the orders of all accounts, as the model of orders learns from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Connection, Row, or_, select

from core.domain import AccountId
from enrichment.dormancy.features import Orders
from enrichment.tables import accounts, activities


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The orders of one account up to a moment."""

    account: AccountId
    orders: Orders
    products: frozenset[str]
    """What was bought last."""


def histories(connection: Connection, until: datetime) -> list[History]:
    """Return the orders before `until` of every account that has any; credit notes and the demo's are left out."""
    table = activities.c
    query = (
        select(table.account, table.at, table.amount_hundredths, table.product)
        .join(accounts, accounts.c.id == table.account)
        .where(table.kind == "purchase", table.at < until, accounts.c.is_demo.is_(False))
        .where(or_(table.amount_hundredths.is_(None), table.amount_hundredths >= 0))
        .order_by(table.account, table.at)
    )
    rows = connection.execute(query)
    return list(_histories(rows, until.toordinal() + until.hour / 24))  # type: ignore[arg-type]


def _histories(rows: Iterable[Row[tuple[object, ...]]], now: float) -> Iterator[History]:
    for account, of in groupby(rows, key=lambda row: row.account):
        by_day: dict[int, float] = {}
        products: set[str] = set()
        last = None
        for row in of:
            day = date.toordinal(row.at)
            by_day[day] = by_day.get(day, 0.0) + (row.amount_hundredths or 0) / 100
            if row.at != last:
                products.clear()
            last = row.at
            products.add(row.product)
        days = tuple(by_day)
        yield History(
            account=AccountId(account),
            orders=Orders(days=days, amounts=tuple(by_day.values()), now=now),
            products=frozenset(products),
        )
