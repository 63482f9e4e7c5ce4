"""The fictional accounts of the demo, dated back from the moment it is loaded (pure but for its own two files)."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import resources

from alerts.reps.rep import RepEntry
from core.domain import Account, AccountId, Activity, ActivityKind, Contact

SEED = 20261
"""The demo is the same for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How one product was bought."""

    product: str
    silent_days: int
    every_days: int
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One fictional account: how it bought, why it stopped, where it is, when it came back."""

    account: Account
    silent_days: int
    every_days: int
    orders: int
    amount: Decimal
    currency: str
    product: str
    reason: str
    network: str
    awake_days_ago: int | None
    """How long ago the account's return to the site began; None when it has not come back."""
    is_live: bool
    """Left for the person at the screen: it returns when they visit as it."""
    also: Habit | None
    """A second product that it bought, in a rhythm of its own."""
    contract_days: int
    """For how many days its contract still runs; 0: it has none. Its use of the service has fallen for weeks."""
    answers: tuple[str, ...]
    """What its rep did with the alerts, one after the other: buttons (`reached=3d`), or `order`."""

    @property
    def is_declared(self) -> bool:
        """Whether the account declared its network; the others are found by the network database."""
        return int(self.account.id[-2:]) % 2 == 1 or self.account.id == "DEMO-06"


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("app.demo").joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def stories() -> tuple[Story, ...]:
    """Return all 40 accounts with their stories."""
    return tuple(
        Story(
            account=Account(
                id=AccountId(row["id"]),
                name=row["name"],
                domains=(row["domain"],),
                country=row["country"],
                industry=row["industry"],
                location=row["location"],
                owner_email=f"{row['owner']}@dormouse.example",
                lifecycle="customer",
                is_demo=True,
                contract=row["contract"],
                do_not_contact=row["asked_not_to_call"] == "yes",
            ),
            silent_days=int(row["silent"]),
            every_days=int(row["every"]),
            orders=int(row["orders"]),
            amount=Decimal(row["amount"]),
            currency=row["currency"],
            product=row["product"],
            reason=row["reason"],
            network=row["network"],
            awake_days_ago=int(row["awake"]) if row["awake"].isdigit() else None,
            is_live=row["awake"] == "live",
            also=_habit(row["also"]),
            contract_days=int(row["until"] or 0),
            answers=tuple(row["answers"].split()),
        )
        for row in _rows("accounts.csv")
    )


def _habit(text: str) -> Habit | None:
    if not text:
        return None
    product, silent, every, orders = text.split(":")
    return Habit(product=product, silent_days=int(silent), every_days=int(every), orders=int(orders))


def dated(story: Story, now: datetime) -> Account:
    """Return the account with the end of its contract, counted from `now`."""
    if not story.contract_days:
        return story.account
    return replace(story.account, contract_until=now + timedelta(days=story.contract_days))


def reps(today: date) -> tuple[RepEntry, ...]:
    """Return those who get the alerts, and their manager; one is away around `today`, one has left."""
    return tuple(
        RepEntry(
            email=row["email"],
            name=row["name"],
            zone=row["zone"],
            team=row["team"],
            manager=row["manager"],
            deputy=row["deputy"],
            away_from=today - timedelta(days=int(row["away_from"])) if row["away_from"] else None,
            away_until=today + timedelta(days=int(row["away_until"])) if row["away_until"] else None,
            has_left=row["left"] == "yes",
        )
        for row in _rows("reps.csv")
    )


def contacts() -> tuple[Contact, ...]:
    """Return the people at the accounts."""
    return tuple(
        Contact(
            id=f"{row['account']}-P{number}",
            account=AccountId(row["account"]),
            name=row["name"],
            role=row["role"],
            phone=row["phone"],
            prefers=row["prefers"],
            has_left=row["left"] == "yes",
        )
        for number, row in enumerate(_rows("contacts.csv"), start=1)
    )


def activities(story: Story, now: datetime) -> Iterator[Activity]:
    """Yield what the account did before `now`: orders in its rhythm, logins, calls, use, and why it went silent."""
    dice = random.Random(f"{SEED}{story.account.id}")
    own = Habit(product=story.product, silent_days=story.silent_days, every_days=story.every_days, orders=story.orders)
    yield from _bought(story, own, now, dice)
    spoken = now - timedelta(days=max(2, story.silent_days - dice.randint(20, 45)))
    yield _activity(story, "contact", spoken, note="call")
    if story.reason:
        yield _activity(story, "dormancy_reason", spoken, note=story.reason)
    if story.also is not None:
        yield from _bought(story, story.also, now, dice)
    if story.contract_days:
        yield from _used(story, now, dice)


def _bought(story: Story, habit: Habit, now: datetime, dice: random.Random) -> Iterator[Activity]:
    at = now - timedelta(days=habit.silent_days)
    for number in range(habit.orders):
        amount = (story.amount * Decimal(dice.randint(70, 135)) / 100).quantize(Decimal(1))
        yield _activity(story, "purchase", at, product=habit.product, amount=amount, currency=story.currency)
        if number % 2 == 0:
            yield _activity(story, "login", at - timedelta(days=dice.randint(2, 9)))
        at -= timedelta(days=max(3, round(habit.every_days * dice.uniform(0.85, 1.15))))


def _used(story: Story, now: datetime, dice: random.Random) -> Iterator[Activity]:
    """Yield a service used on most days, until six weeks ago; since then hardly any more."""
    for days_ago in range(1, 26 * 7):
        for _ in range(dice.randint(1, 4) if days_ago > 6 * 7 else int(dice.random() < 0.2)):
            yield _activity(story, "usage", now - timedelta(days=days_ago))


def order_after(story: Story, at: datetime) -> Activity:
    """Return the order that came of an alert, at `at`."""
    return _activity(story, "purchase", at, product=story.product, amount=story.amount, currency=story.currency)


def _activity(
    story: Story,
    kind: ActivityKind,
    at: datetime,
    *,
    product: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    note: str = "",
) -> Activity:
    working_hour = at.replace(hour=9 + at.day % 8, minute=at.day * 2 % 60, second=0, microsecond=0)
    if working_hour > at:  # so that it is as many whole days ago as its story says, whatever the time of day
        working_hour -= timedelta(days=1)
    return Activity(
        account=story.account.id,
        kind=kind,
        at=working_hour,
        product=product,
        amount=amount,
        currency=currency,
        note=note,
    )
