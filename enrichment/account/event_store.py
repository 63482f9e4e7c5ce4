"""Finds the accounts of events that servers send, and adds what accounts did; each event once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from core.database import chunks, insert_new
from core.domain import AccountId, Activity
from enrichment.account.importer.store import activity_row
from enrichment.account.merge_store import redirects
from enrichment.account.touched_queries import touch, used
from enrichment.tables import account_domains, accounts, activities


def known_ids(connection: Connection, ids: Collection[str]) -> Mapping[str, AccountId]:
    """Return, for those of these ids that are accounts or were merged into one, the account."""
    moved = redirects(connection)
    meant = {text: moved.now(AccountId(text)) for text in ids}
    found: set[str] = set()
    for part in chunks(sorted(set(meant.values()))):
        found |= set(connection.execute(select(accounts.c.id).where(accounts.c.id.in_(part))).scalars())
    return {text: account for text, account in meant.items() if account in found}


def accounts_of_domains(connection: Connection, domains: Collection[str]) -> Mapping[str, frozenset[AccountId]]:
    """Return the accounts of each registrable domain; one that nobody has is left out."""
    found: dict[str, set[AccountId]] = defaultdict(set)
    table = account_domains.c
    for part in chunks(sorted(set(domains))):
        for row in connection.execute(select(table.domain, table.account).where(table.domain.in_(part))):
            found[row.domain].add(AccountId(row.account))
    return {domain: frozenset(owners) for domain, owners in found.items()}


def add_activities(connection: Connection, found: Mapping[str, Activity]) -> frozenset[str]:
    """Add activities by id, and return the ids that were new; what is known already stays as it is."""
    known: set[str] = set()
    for part in chunks(sorted(found)):
        known |= set(connection.execute(select(activities.c.id).where(activities.c.id.in_(part))).scalars())
    rows = [activity_row(key, activity) for key, activity in found.items() if key not in known]
    if rows:
        connection.execute(insert_new(connection, activities), rows)
        new = [activity for key, activity in found.items() if key not in known]
        touch(connection, (activity.account for activity in new))
        used(connection, ((one.account, one.at) for one in new if one.kind in ("usage", "login")))
    return frozenset(found) - known
