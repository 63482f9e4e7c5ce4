"""The alerts that were made as news, and the orders after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, exists, or_, select

from alerts.tables import alerts, deliveries, feedback
from alerts.worth.outcomes import Order, Told
from app.own_queries import counted
from core.alerting import Hold
from core.database import chunks
from core.domain import AccountId
from enrichment.tables import accounts, activities


def told(connection: Connection, since: datetime) -> tuple[Told, ...]:
    """Return the alerts made as news from `since` on; those of shadow mode left out, and the demo's beside others."""
    sent = exists().where(deliveries.c.alert == alerts.c.id, deliveries.c.first_sent_at.is_not(None))
    wrong = exists().where(
        feedback.c.alert == alerts.c.id, feedback.c.kind == "wrong_company", feedback.c.undone_at.is_(None)
    )
    rows = connection.execute(
        select(
            alerts.c.account,
            alerts.c.at,
            alerts.c.hold,
            or_(sent, alerts.c.told_in.is_not(None)).label("reached"),
            wrong.label("wrong"),
        )
        .join_from(alerts, accounts, accounts.c.id == alerts.c.account)
        .where(
            alerts.c.at >= since,
            alerts.c.backfill.is_(False),
            alerts.c.hold != Hold.SHADOW.value,
            counted(),
        )
    )
    return tuple(
        Told(
            account=AccountId(row.account),
            at=row.at,
            is_held_out=row.hold == Hold.HOLDOUT.value,
            was_told=bool(row.reached) and not row.wrong,
        )
        for row in rows
    )


def names(connection: Connection, of: Sequence[AccountId]) -> dict[AccountId, str]:
    """Return the names of these accounts."""
    found: dict[AccountId, str] = {}
    for some in chunks(of):
        rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(some)))
        found.update({AccountId(row.id): row.name for row in rows})
    return found


def orders(connection: Connection, of: Sequence[AccountId], since: datetime) -> tuple[Order, ...]:
    """Return the orders of these accounts from `since` on; credit notes are none."""
    found: list[Order] = []
    for some in chunks(of):
        rows = connection.execute(
            select(*activities.c["account", "at", "amount_hundredths", "currency"]).where(
                activities.c.account.in_(some),
                activities.c.kind == "purchase",
                activities.c.at >= since,
                or_(activities.c.amount_hundredths.is_(None), activities.c.amount_hundredths >= 0),
            )
        )
        found += [
            Order(
                account=AccountId(row.account),
                at=row.at,
                amount=None if row.amount_hundredths is None else Decimal(row.amount_hundredths).scaleb(-2),
                currency=row.currency,
            )
            for row in rows
        ]
    return tuple(found)
