"""Accounts that leave their own rhythm, while they are cheapest to win back, and who says that it isn't so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from sqlalchemy import Connection, func, select

from core.database import chunks, insert_new
from core.domain import AccountId, Activity, LateOrder, State
from core.errors import InputError
from core.ids import derived
from enrichment.account import store as account_store
from enrichment.dormancy.criteria import is_order
from enrichment.dormancy.late import late_order, late_text
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.value_queries import values_of
from enrichment.tables import account_states, judgements, slipping_denials

NotSo = Literal["ordered", "seasonal", "agreed", "taken"]
"""Why an account needn't be told of as slipping: it ordered elsewhere in our books, it is seasonal, a pause was agreed,
or somebody calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slipping:
    """An account that is later with its order than its own rhythm allows."""

    account: AccountId
    name: str
    owner: str
    """Its owner's e-mail address; empty when it has none."""
    since: datetime
    """When it left its rhythm, as far as it was judged."""
    late: LateOrder
    """When the order was due, how many days late it is, and how regular the account used to be."""
    last_year: Decimal | None
    """What it was worth a year, before; None where no amounts are known."""
    currency: str
    last_visit_at: datetime | None

    @property
    def text(self) -> str:
        """The silence as a sentence: `Order was due 2 Nov 2025, 23 days late (every 30 ±6 days).`"""
        return late_text(self.late)


def slipping(
    connection: Connection, since: datetime | None, now: datetime, rules: DormancyRules
) -> tuple[Slipping, ...]:
    """Return the accounts that are going quiet, the most valuable first; those of which somebody said "not so" aren't
    told again until they have ordered.

    `since`: only those that left their rhythm from then on, such as since the last digest; None: all.
    """
    query = select(account_states.c.account, account_states.c.since).where(
        account_states.c.state == State.GOING_QUIET.value
    )
    if since is not None:
        query = query.where(account_states.c.since >= since)
    quiet = {AccountId(account): at for account, at in connection.execute(query)}
    found: list[Slipping] = []
    for part in chunks(sorted(quiet)):
        found += _slipping(connection, part, quiet, now, rules)
    return tuple(sorted(found, key=lambda one: (-(one.last_year or 0), one.account)))


def say_not_slipping(
    connection: Connection, account: AccountId, why: str, by: str, at: datetime, note: str = ""
) -> None:
    """Keep that an account isn't slipping, and why: it isn't told as such until its next order.

    Raises InputError for a `why` that isn't on the list.
    """
    if why not in get_args(NotSo):
        raise InputError(f"{why!r} doesn't say why not: choose from {', '.join(get_args(NotSo))}")
    row = {
        "id": derived("not_slipping", account, why, by, at.isoformat()),
        "account": account,
        "why": why,
        "by": by,
        "at": at,
        "note": note.replace("\x00", "").strip(),
    }
    connection.execute(insert_new(connection, slipping_denials), [row])


def _slipping(
    connection: Connection,
    ids: Sequence[AccountId],
    quiet: Mapping[AccountId, datetime],
    now: datetime,
    rules: DormancyRules,
) -> list[Slipping]:
    accounts = account_store.accounts_by_id(connection, ids)
    activities = account_store.activities_of(connection, ids, until=now)
    values = values_of(connection, ids)
    denied = _denied(connection, ids)
    visits = _last_visits(connection, ids)
    found = []
    for account in accounts.values():
        orders = [one for one in activities[account.id] if is_order(one)]
        late = late_order([one.at for one in orders], now, rules)
        if late is None or _is_settled(denied.get(account.id), orders):
            continue
        worth = values.get(account.id)
        found.append(
            Slipping(
                account=account.id,
                name=account.name,
                owner=account.owner_email,
                since=quiet[account.id],
                late=late,
                last_year=worth.last_year if worth else None,
                currency=worth.currency if worth else "",
                last_visit_at=visits.get(account.id),
            )
        )
    return found


def _is_settled(denied: datetime | None, orders: Sequence[Activity]) -> bool:
    return denied is not None and all(one.at <= denied for one in orders)


def _denied(connection: Connection, ids: Sequence[AccountId]) -> Mapping[AccountId, datetime]:
    table = slipping_denials.c
    query = select(table.account, func.max(table.at, type_=table.at.type)).where(table.account.in_(ids))
    return {AccountId(account): at for account, at in connection.execute(query.group_by(table.account))}


def _last_visits(connection: Connection, ids: Sequence[AccountId]) -> Mapping[AccountId, datetime]:
    table = judgements.c
    query = select(table.account, func.max(table.at, type_=table.at.type)).where(table.account.in_(ids))
    return {AccountId(account): at for account, at in connection.execute(query.group_by(table.account))}
