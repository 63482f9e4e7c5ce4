"""An account's group: who is above it, who is below it, and whose owner is told where it has none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from core.database import chunks
from enrichment.account.hierarchy import DEEPEST
from enrichment.tables import account_states, accounts, judgements

MOST = 500
"""Accounts of one group that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account of a group."""

    id: str
    name: str
    owner: str
    depth: int
    """Levels above (negative) or below the account that is looked at."""
    state: str = "unknown"
    last_visit_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What an account's page tells of its group."""

    above: tuple[Member, ...]
    """The nearest first."""
    below: tuple[Member, ...]

    @property
    def owner(self) -> Member | None:
        """The nearest account above that has an owner."""
        return next((member for member in self.above if member.owner), None)


def any_group(connection: Connection) -> bool:
    """Tell whether any account is below another."""
    return bool(connection.execute(select(exists().where(accounts.c.parent.is_not(None)))).scalar_one())


def group(connection: Connection, account: str) -> Group:
    """Return the accounts above and below one."""
    return Group(above=_above(connection, account), below=_below(connection, account))


def group_above(connection: Connection, account: str) -> Group:
    """Return the accounts above one alone."""
    return Group(above=_above(connection, account), below=())


def _above(connection: Connection, account: str) -> tuple[Member, ...]:
    found: list[Member] = []
    seen, here = {account}, account
    while len(found) < DEEPEST:
        parent = connection.execute(select(accounts.c.parent).where(accounts.c.id == here)).scalar()
        row = connection.execute(select(accounts).where(accounts.c.id == parent)).first() if parent else None
        if row is None or row.id in seen:
            break
        seen.add(row.id)
        here = row.id
        found.append(Member(id=row.id, name=row.name, owner=row.owner_email, depth=-len(found) - 1))
    return tuple(found)


def _below(connection: Connection, account: str) -> tuple[Member, ...]:
    children: dict[str, list[Member]] = {}
    level, seen, depth = [account], {account}, 0
    while level and len(seen) <= MOST and depth < DEEPEST:
        depth += 1
        rows = [row for part in chunks(level) for row in connection.execute(_with_state(part))]
        level = []
        for row in rows:
            if row.id in seen:
                continue
            seen.add(row.id)
            level.append(row.id)
            member = Member(
                id=row.id,
                name=row.name,
                owner=row.owner_email,
                depth=depth,
                state=row.state or "unknown",
                last_visit_at=row.last_visit_at,
            )
            children.setdefault(row.parent, []).append(member)
    found: list[Member] = []
    waiting = list(reversed(children.get(account, [])))
    while waiting:
        member = waiting.pop()
        found.append(member)
        waiting.extend(reversed(children.get(member.id, [])))
    return tuple(found[:MOST])


def _with_state(parents: Collection[str]) -> Select[Any]:
    last_visit = (
        select(func.max(judgements.c.at)).where(judgements.c.account == accounts.c.id).correlate(accounts)
    ).scalar_subquery()
    return (
        select(accounts, account_states.c.state, last_visit.label("last_visit_at"))
        .join_from(accounts, account_states, account_states.c.account == accounts.c.id, isouter=True)
        .where(accounts.c.parent.in_(parents))
        .order_by(func.lower(accounts.c.name), accounts.c.id)
    )


def tops(connection: Connection, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return, for each account, the id and name of the one at the top of its group; itself where none is above."""
    names: dict[str, tuple[str, str | None]] = {}
    wanted = set(ids)
    for _ in range(DEEPEST):
        missing = sorted(wanted - names.keys())
        if not missing:
            break
        for part in chunks(missing):
            query = select(accounts.c.id, accounts.c.name, accounts.c.parent).where(accounts.c.id.in_(part))
            for row in connection.execute(query):
                names[row.id] = (row.name, row.parent)
        wanted = {parent for _, parent in names.values() if parent} - set(missing)
        wanted -= names.keys()
    found = {}
    for account in ids:
        here, seen = account, {account}
        while (parent := names.get(here, ("", None))[1]) and parent in names and parent not in seen:
            seen.add(parent)
            here = parent
        found[account] = (here, names.get(here, (here, None))[0])
    return found
