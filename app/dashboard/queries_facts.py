"""Facts about many accounts at once: worth, rhythm, why they left, who took them. One query each, never one a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, case, func, select

from alerts.tables import alerts, feedback
from core.database import chunks
from enrichment.tables import accounts, activities, contacts
from tracker.tables import page_views

LEAST_ORDERS = 3
"""Below this many orders there is no rhythm to speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What an account bought."""

    worth: Money | None
    """All orders together, in the currency of most of them; None when no order has an amount."""
    count: int
    last_at: datetime | None
    last_product: str
    last_amount: Money | None
    usual_gap_days: float | None
    """The median number of days between orders; None below 3 orders."""


WORKED_ON = ("claimed", "reached", "no_answer", "meeting", "won", "not_interested")
"""What shows that somebody takes care of an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Somebody took an account's alert."""

    alert: str
    by: str
    at: datetime
    outcome: str = ""
    """What came of it last, such as `reached`; empty while nothing is logged."""
    outcome_at: datetime | None = None
    until: datetime | None = None
    """When the rep promised to call again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewedPage:
    """A page as one visit saw it."""

    at: datetime
    path: str
    title: str
    referrer: str
    engaged_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact at an account."""

    name: str
    role: str
    email: str
    phone: str
    prefers: str
    has_left: bool


NO_ORDERS = Orders(worth=None, count=0, last_at=None, last_product="", last_amount=None, usual_gap_days=None)


def account_names(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the names of these accounts."""
    found: dict[str, str] = {}
    for some in chunks(sorted(set(ids))):
        rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(some)))
        found.update((row.id, row.name) for row in rows)
    return found


def orders_of(connection: Connection, ids: Collection[str]) -> Mapping[str, Orders]:
    """Return what each of these accounts bought; accounts without an order are missing."""
    bought: dict[str, list[tuple[datetime, str, int | None, str]]] = {}
    for some in chunks(sorted(set(ids))):
        rows = connection.execute(
            select(
                activities.c.account,
                activities.c.at,
                activities.c.product,
                activities.c.amount_hundredths,
                activities.c.currency,
            )
            .where(activities.c.account.in_(some), activities.c.kind == "purchase")
            .order_by(activities.c.at)
        )
        for row in rows:
            bought.setdefault(row.account, []).append((row.at, row.product, row.amount_hundredths, row.currency))
    return {account: _orders(rows) for account, rows in bought.items()}


def _orders(rows: list[tuple[datetime, str, int | None, str]]) -> Orders:
    priced = [(hundredths, currency) for _at, _product, hundredths, currency in rows if hundredths is not None]
    currencies = [currency for _hundredths, currency in priced]
    main = max(currencies, key=currencies.count) if currencies else ""
    last_at, product, hundredths, currency = rows[-1]
    days = sorted({at.date() for at, *_ in rows})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return Orders(
        worth=money(sum(amount for amount, each in priced if each == main), main) if priced else None,
        count=len(rows),
        last_at=last_at,
        last_product=product,
        last_amount=None if hundredths is None else money(hundredths, currency),
        usual_gap_days=float(median(gaps)) if len(days) >= LEAST_ORDERS else None,
    )


def money(hundredths: int, currency: str) -> Money:
    """Return an amount stored as hundredths."""
    return Money(amount=Decimal(int(hundredths)) / 100, currency=currency)


def reasons_left(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return what somebody last noted as the reason why each account went silent."""
    found: dict[str, str] = {}
    for some in chunks(sorted(set(ids))):
        rows = connection.execute(
            select(activities.c.account, activities.c.note)
            .where(activities.c.account.in_(some), activities.c.kind == "dormancy_reason")
            .order_by(activities.c.at)
        )
        found.update((row.account, row.note) for row in rows)
    return found


def claims_of(connection: Connection, ids: Collection[str]) -> dict[str, Claim]:
    """Return who took each account's latest taken alert and hasn't given it back."""
    found: dict[str, Claim] = {}
    for some in chunks(sorted(set(ids))):
        rows = connection.execute(
            select(alerts.c.account, *feedback.c["alert", "kind", "by", "at", "until"])
            .join_from(feedback, alerts, feedback.c.alert == alerts.c.id)
            .where(alerts.c.account.in_(some), feedback.c.kind.in_(WORKED_ON), feedback.c.undone_at.is_(None))
            .order_by(feedback.c.at, case((feedback.c.kind == "claimed", 0), else_=1))
        )
        for row in rows:
            before = found.get(row.account)
            if row.kind == "claimed" or before is None or before.alert != row.alert:
                # whoever called without taking it first takes care of it, too
                before = Claim(alert=row.alert, by=row.by, at=row.at)
            if row.kind != "claimed":
                before = replace(before, outcome=row.kind, outcome_at=row.at, until=row.until)
            found[row.account] = before
    return found


def latest_alerts(connection: Connection, ids: Collection[str]) -> dict[str, tuple[str, datetime]]:
    """Return the id and moment of each account's latest alert."""
    found: dict[str, tuple[str, datetime]] = {}
    for some in chunks(sorted(set(ids))):
        rows = connection.execute(
            select(alerts.c.account, alerts.c.id, alerts.c.at)
            .where(alerts.c.account.in_(some))
            .order_by(alerts.c.at, alerts.c.id)
        )
        found.update((row.account, (row.id, row.at)) for row in rows)
    return found


def pages_of(connection: Connection, visits: Collection[str], most: int = 30) -> dict[str, tuple[ViewedPage, ...]]:
    """Return the pages of each of these visits in order, at most `most` a visit."""
    found: dict[str, list[ViewedPage]] = {}
    for some in chunks(sorted(set(visits))):
        place = func.row_number().over(partition_by=page_views.c.visit, order_by=(page_views.c.at, page_views.c.id))
        numbered = (
            select(page_views, place.label("place"))
            .where(page_views.c.visit.in_(some), page_views.c.drop.is_(None))
            .subquery()
        )
        rows = connection.execute(
            select(numbered).where(numbered.c.place <= most).order_by(numbered.c.visit, numbered.c.place)
        )
        for row in rows:
            page = ViewedPage(
                at=row.at, path=row.path, title=row.title, referrer=row.referrer, engaged_ms=row.engaged_ms
            )
            found.setdefault(row.visit, []).append(page)
    return {visit: tuple(pages) for visit, pages in found.items()}


def page_names(pages: Collection[ViewedPage], most: int = 2) -> tuple[str, ...]:
    """Return the pages that were read longest, by title, else by path."""
    longest = sorted(pages, key=lambda page: -page.engaged_ms)
    return tuple(dict.fromkeys(page.title or page.path for page in longest))[:most]


def people_of(connection: Connection, account: str) -> tuple[Person, ...]:
    """Return the contacts of one account, those who have left last."""
    rows = connection.execute(
        select(contacts).where(contacts.c.account == account).order_by(contacts.c.has_left, contacts.c.name).limit(50)
    )
    return tuple(
        Person(
            name=row.name,
            role=row.role,
            email=row.email,
            phone=row.phone,
            prefers=row.prefers,
            has_left=row.has_left,
        )
        for row in rows
    )
