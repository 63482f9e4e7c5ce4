"""The networks found for accounts, with the accounts' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.database import chunks
from enrichment.account.discovery import store
from enrichment.account.discovery.proposals import Proposal
from enrichment.tables import accounts

PAGE_SIZE = 30
SHOWS = store.SHOWS


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRow:
    """One proposed network in the list."""

    name: str
    """The account's; its id when it is gone."""
    proposal: Proposal


def network_rows(connection: Connection, show: str, page: int) -> tuple[NetworkRow, ...]:
    """Return one page of the proposals of a sort, the surest first."""
    found = store.proposals(connection, show, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    names = _names(connection, sorted({each.account for each in found}))
    return tuple(NetworkRow(name=names.get(each.account, each.account), proposal=each) for each in found)


def _names(connection: Connection, ids: list[str]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for part in chunks(ids):
        rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(part)))
        names.update({row.id: row.name for row in rows})
    return names
