"""The fictional accounts of the demo, dated back from the moment it is loaded (pure but for its own two files)."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import resources

from core.domain import Account, AccountId, Activity, ActivityKind, Contact

SEED = 20261
"""The demo is the same for everybody."""


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
        )
        for row in _rows("accounts.csv")
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
    """Yield what the account did before `now`: orders in its rhythm, logins, calls, and why it went silent."""
    dice = random.Random(f"{SEED}{story.account.id}")
    at = now - timedelta(days=story.silent_days)
    for number in range(story.orders):
        amount = (story.amount * Decimal(dice.randint(70, 135)) / 100).quantize(Decimal(1))
        yield _activity(story, "purchase", at, product=story.product, amount=amount, currency=story.currency)
        if number % 2 == 0:
            yield _activity(story, "login", at - timedelta(days=dice.randint(2, 9)))
        at -= timedelta(days=max(3, round(story.every_days * dice.uniform(0.85, 1.15))))
    spoken = now - timedelta(days=max(2, story.silent_days - dice.randint(20, 45)))
    yield _activity(story, "contact", spoken, note="call")
    if story.reason:
        yield _activity(story, "dormancy_reason", spoken, note=story.reason)


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
