"""The list of accounts: found by name or domain, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, exists, func, select

from app.dashboard import queries_facts as facts
from enrichment.tables import account_aliases, account_domains, account_states, accounts, judgements, segment_members

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account in the list."""

    id: str
    name: str
    industry: str
    country: str
    owner: str
    state: str
    worth: facts.Money | None
    last_order_at: datetime | None
    last_visit_at: datetime | None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _found(search: str, state: str, segment: str = "") -> Select[tuple[str]]:
    query = select(accounts.c.id)
    if search:
        like = f"%{_escaped(search.lower())}%"
        in_domain = exists().where(
            account_domains.c.account == accounts.c.id, account_domains.c.domain.like(like, escape="\\")
        )
        in_alias = exists().where(
            account_aliases.c.account == accounts.c.id, func.lower(account_aliases.c.alias).like(like, escape="\\")
        )
        query = query.where(
            func.lower(accounts.c.name).like(like, escape="\\") | (accounts.c.id == search) | in_domain | in_alias
        )
    if state == "unknown":
        query = query.where(
            ~exists().where(account_states.c.account == accounts.c.id, account_states.c.state != "unknown")
        )
    elif state:
        query = query.where(exists().where(account_states.c.account == accounts.c.id, account_states.c.state == state))
    if segment:
        query = query.where(
            exists().where(segment_members.c.about == accounts.c.id, segment_members.c.segment == segment)
        )
    return query


def count_accounts(connection: Connection, search: str = "", state: str = "", segment: str = "") -> int:
    """Return how many accounts match."""
    return connection.execute(select(func.count()).select_from(_found(search, state, segment).subquery())).scalar_one()


def states(connection: Connection) -> tuple[tuple[str, int], ...]:
    """Return how many accounts stand where."""
    state = func.coalesce(account_states.c.state, "unknown")
    rows = connection.execute(
        select(state.label("state"), func.count().label("n"))
        .join_from(accounts, account_states, account_states.c.account == accounts.c.id, isouter=True)
        .group_by(state)
    )
    return tuple((row.state, row.n) for row in rows)


def list_accounts(
    connection: Connection, search: str = "", state: str = "", page: int = 1, segment: str = ""
) -> tuple[AccountRow, ...]:
    """Return one page of the accounts that match, by name."""
    rows = connection.execute(
        select(accounts, account_states.c.state)
        .join_from(accounts, account_states, account_states.c.account == accounts.c.id, isouter=True)
        .where(accounts.c.id.in_(_found(search, state, segment)))
        .order_by(func.lower(accounts.c.name), accounts.c.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    ids = [row.id for row in rows]
    orders = facts.orders_of(connection, ids)
    seen = connection.execute(
        select(judgements.c.account, func.max(judgements.c.at).label("at"))
        .where(judgements.c.account.in_(ids))
        .group_by(judgements.c.account)
    )
    last_visits: dict[str, datetime] = {row.account: row.at for row in seen}
    return tuple(
        AccountRow(
            id=row.id,
            name=row.name,
            industry=row.industry,
            country=row.country,
            owner=row.owner_email,
            state=row.state or "unknown",
            worth=orders.get(row.id, facts.NO_ORDERS).worth,
            last_order_at=orders.get(row.id, facts.NO_ORDERS).last_at,
            last_visit_at=last_visits.get(row.id),
        )
        for row in rows
    )
