"""Marks accounts of which something new is known, so that they are judged anew within the minute."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from core.database import chunks
from core.domain import AccountId
from core.ids import random_token
from enrichment.tables import states_due, usage_weeks

_TOKEN_BYTES = 16


def touch(connection: Connection, accounts: Iterable[str]) -> None:
    """Ask for a judgement of these accounts; many marks of one account are one judgement."""
    rows = [{"id": random_token(_TOKEN_BYTES)[:36], "about": account} for account in sorted(set(accounts))]
    for part in chunks(rows):
        connection.execute(insert(states_due), list(part))


def used(connection: Connection, uses: Iterable[tuple[str, datetime]]) -> None:
    """Forget what was counted of the weeks in which these accounts turn out to have used the product."""
    weeks: dict[date, set[str]] = {}
    for account, at in uses:
        day = at.astimezone(UTC).date()
        weeks.setdefault(day - timedelta(days=day.weekday()), set()).add(account)
    for monday, accounts in weeks.items():
        for part in chunks(sorted(accounts)):
            table = usage_weeks.c
            connection.execute(delete(usage_weeks).where(table.monday == monday, table.about.in_(part)))


def forget_weeks(connection: Connection, accounts: Collection[str]) -> None:
    """Forget all counts of use of these accounts, whose activities changed hands."""
    for part in chunks(sorted(set(accounts))):
        connection.execute(delete(usage_weeks).where(usage_weeks.c.about.in_(part)))


def due(connection: Connection, most: int) -> dict[AccountId, list[str]]:
    """Return accounts to be judged, with the marks that ask for it; at most so many marks are read."""
    found: dict[AccountId, list[str]] = {}
    for row in connection.execute(select(states_due).order_by(states_due.c.about).limit(most)):
        found.setdefault(AccountId(row.about), []).append(row.id)
    return found


def done(connection: Connection, marks: Iterable[str]) -> None:
    """Remove marks whose accounts were judged."""
    for part in chunks(sorted(marks)):
        connection.execute(delete(states_due).where(states_due.c.id.in_(part)))
