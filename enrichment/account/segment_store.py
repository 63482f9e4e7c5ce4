"""Reads which saved segments accounts are in; who puts them there is `enrichment.segments`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from core.database import chunks
from core.domain import AccountId
from enrichment.tables import segment_members


def segments_of(connection: Connection, ids: Iterable[str] | None = None) -> Mapping[AccountId, tuple[str, ...]]:
    """Return the names of the segments of each account that is in any, sorted; of all accounts without `ids`."""
    table, found = segment_members.c, defaultdict[AccountId, list[str]](list)
    query = select(table.about, table.segment)
    queries = [query] if ids is None else [query.where(table.about.in_(part)) for part in chunks(sorted(set(ids)))]
    for each in queries:
        for row in connection.execute(each):
            found[AccountId(row.about)].append(row.segment)
    return {account: tuple(sorted(names)) for account, names in found.items()}
