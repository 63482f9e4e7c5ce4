"""Why customers went silent: one tap keeps it, and it can be counted by reason who came back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, func, or_, select

from core.database import chunks
from core.domain import AccountId, Activity
from core.errors import InputError
from core.ids import derived
from enrichment.account.event_store import add_activities
from enrichment.account.left_because import LABELS, REASONS
from enrichment.tables import activities, dormancy_transitions

SOURCES = ("rep", "import", "crm", "form", "api")
"""Where a reason may come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftReason:
    """Why an account went silent, as somebody said."""

    account: AccountId
    reason: str
    """Of the closed list; empty where the words didn't say."""
    text: str
    at: datetime
    source: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comeback:
    """How many of the accounts that left for a reason came back."""

    reason: str
    accounts: int
    came_back: int

    @property
    def rate(self) -> float:
        """The share that came back, 0 to 1."""
        return self.came_back / self.accounts if self.accounts else 0.0


def say_reason(
    connection: Connection, account: AccountId, reason: str, by: str, source: str, at: datetime, note: str = ""
) -> bool:
    """Keep why an account went silent; False when the same was said of it by the same person that day.

    Raises InputError for a reason that isn't on the list, or a source that doesn't exist.
    """
    if reason not in REASONS:
        raise InputError(f"{reason!r} isn't a reason of dormancy: choose from {', '.join(REASONS)}")
    if source not in SOURCES:
        raise InputError(f"{source!r} isn't a source of reasons: choose from {', '.join(SOURCES)}")
    note = note.replace("\x00", "").strip()
    said = Activity(
        account=account,
        kind="dormancy_reason",
        at=at,
        note=f"{LABELS[reason]}: {note}" if note else LABELS[reason],
        reason=reason,
        source=source,
        said_by=by,
    )
    key = derived("said_reason", account, reason, by, at.date().isoformat(), note)
    return bool(add_activities(connection, {key: said}))


def reasons_of(connection: Connection, accounts: Collection[AccountId]) -> Mapping[AccountId, LeftReason]:
    """Return the last reason given for each account; those without one are left out."""
    found: dict[AccountId, LeftReason] = {}
    for part in chunks(sorted(set(accounts))):
        table = activities.c
        query = (
            select(activities)
            .where(table.account.in_(part), table.kind == "dormancy_reason", table.note != "")
            .order_by(table.at, table.id)
        )
        for row in connection.execute(query):
            found[AccountId(row.account)] = LeftReason(
                account=AccountId(row.account),
                reason=row.reason,
                text=row.note,
                at=row.at,
                source=row.source,
                by=row.said_by,
            )
    return found


def accounts_that_left(connection: Connection, reason: str) -> frozenset[AccountId]:
    """Return the accounts whose last reason is this one."""
    last = _last_reasons().subquery()
    rows = connection.execute(select(last.c.account).where(last.c.nth == 1, last.c.reason == reason))
    return frozenset(AccountId(account) for account in rows.scalars())


def comebacks(connection: Connection) -> tuple[Comeback, ...]:
    """Return for each reason how many accounts left for it, and how many were reactivated after it was given.

    Reasons whose words didn't say which they are come last, under the empty name.
    """
    last = _last_reasons().subquery()
    back = (
        select(dormancy_transitions.c.account, func.max(dormancy_transitions.c.at).label("at"))
        .where(dormancy_transitions.c.to_state == "reactivated")
        .group_by(dormancy_transitions.c.account)
        .subquery()
    )
    joined = last.outerjoin(back, and_(back.c.account == last.c.account, back.c.at >= last.c.at))
    rows = connection.execute(
        select(last.c.reason, func.count(), func.count(back.c.account))
        .select_from(joined)
        .where(last.c.nth == 1, or_(last.c.reason != "", last.c.note != ""))
        .group_by(last.c.reason)
    )
    order: dict[str, int] = {reason: number for number, reason in enumerate(REASONS)}
    found = [Comeback(reason=reason, accounts=number, came_back=came) for reason, number, came in rows]
    return tuple(sorted(found, key=lambda one: order.get(one.reason, len(order))))


def _last_reasons() -> Select[tuple[str, str, str, datetime, int]]:
    table = activities.c
    nth = func.row_number().over(partition_by=table.account, order_by=(table.at.desc(), table.id.desc()))
    return select(table.account, table.reason, table.note, table.at, nth.label("nth")).where(
        table.kind == "dormancy_reason"
    )
