"""Sums up what accounts are worth: over their lifetime, in the year before their silence, and among all the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from sqlalchemy import Connection, Row, delete, select

from core.database import chunks, upsert
from core.domain import AccountId
from enrichment.dormancy.rfm import OrderFacts, Rfm, rfm
from enrichment.tables import account_values, accounts, activities

_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValue:
    """What an account is worth, in the currency that it used most."""

    account: AccountId
    currency: str
    lifetime: Decimal
    """All its orders."""
    last_year: Decimal
    """The orders of the 365 days up to and with the last one: what its silence costs a year."""
    orders: int
    """Days on which something was ordered."""
    last_at: datetime
    rfm: Rfm


def values_of(connection: Connection, accounts: Iterable[AccountId]) -> Mapping[AccountId, AccountValue]:
    """Return what these accounts are worth, as summed up last; those that never ordered are left out."""
    found: dict[AccountId, AccountValue] = {}
    for part in chunks(sorted(set(accounts))):
        for row in connection.execute(select(account_values).where(account_values.c.about.in_(part))):
            found[AccountId(row.about)] = AccountValue(
                account=AccountId(row.about),
                currency=row.currency,
                lifetime=Decimal(row.total_hundredths).scaleb(-2),
                last_year=Decimal(row.year_hundredths).scaleb(-2),
                orders=row.orders,
                last_at=row.last_at,
                rfm=Rfm(recency=row.recency, frequency=row.frequency, monetary=row.monetary),
            )
    return found


def order_facts(connection: Connection, accounts: Sequence[AccountId] | None = None) -> dict[AccountId, OrderFacts]:
    """Return what the orders of each account come to; of all accounts unless some are named."""
    return {
        AccountId(account): facts
        for account, rows in groupby(_orders(connection, accounts), key=lambda row: row.account)
        if (facts := _facts(list(rows))) is not None
    }


def save_values(connection: Connection, facts: Mapping[AccountId, OrderFacts], now: datetime) -> int:
    """Keep what all accounts are worth, each with its scores among them; return how many they are."""
    for part in chunks(rows(facts, now)):
        save(connection, part)
    forget_before(connection, now)
    return len(facts)


def rows(facts: Mapping[AccountId, OrderFacts], now: datetime) -> list[dict[str, object]]:
    """Return what `save` keeps of all accounts, each with its scores among them; for whoever saves it in slices."""
    scores = rfm(facts)
    return [
        {
            "about": account,
            "currency": one.currency,
            "total_hundredths": one.total_hundredths,
            "year_hundredths": one.year_hundredths,
            "orders": one.orders,
            "last_at": one.last_at,
            "recency": scores[account].recency,
            "frequency": scores[account].frequency,
            "monetary": scores[account].monetary,
            "counted_at": now,
        }
        for account, one in facts.items()
    ]


def save(connection: Connection, some: Sequence[dict[str, object]]) -> None:
    """Keep these rows, at most 500; not of accounts that were removed since they were read."""
    there = set(
        connection.execute(select(accounts.c.id).where(accounts.c.id.in_([row["about"] for row in some]))).scalars()
    )
    kept = [row for row in some if row["about"] in there]
    if kept:
        columns = tuple(name for name in kept[0] if name != "about")
        connection.execute(upsert(connection, account_values, ("about",), columns), kept)


def forget_before(connection: Connection, now: datetime) -> None:
    """Forget what was summed up earlier and wasn't now: such an account has no orders any more."""
    connection.execute(delete(account_values).where(account_values.c.counted_at < now))


def _orders(connection: Connection, accounts: Sequence[AccountId] | None) -> Iterator[Row[tuple[object, ...]]]:
    table = activities.c
    query = (
        select(table.account, table.at, table.amount_hundredths, table.currency)
        .where(table.kind == "purchase")
        .order_by(table.account, table.at)
    )
    if accounts is None:
        yield from connection.execute(query)  # type: ignore[misc]
        return
    for part in chunks(sorted(set(accounts))):
        yield from connection.execute(query.where(table.account.in_(part)))  # type: ignore[misc]


def _facts(rows: Sequence[Row[tuple[object, ...]]]) -> OrderFacts | None:
    """Return what an account's orders come to; credit notes lower the sums, but are no orders."""
    orders = [row for row in rows if row.amount_hundredths is None or row.amount_hundredths >= 0]
    if not orders:
        return None
    paid = [row for row in rows if row.amount_hundredths is not None]
    totals: dict[str, list[int]] = {}
    for row in paid:
        totals.setdefault(row.currency, []).append(row.amount_hundredths)
    currency = max(totals, key=lambda key: (len(totals[key]), key), default="")
    last_at = max(row.at for row in orders)
    year = [row.amount_hundredths for row in paid if row.currency == currency and last_at - _YEAR < row.at <= last_at]
    return OrderFacts(
        last_at=last_at,
        orders=len({row.at.date() for row in orders}),
        total_hundredths=sum(totals.get(currency, [])),
        year_hundredths=sum(year),
        currency=currency,
    )
