"""Accounts, contacts and activities in the database: reading them, and writing what an import found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, func, select

from core.database import chunks
from core.domain import Account, AccountId, Contact
from enrichment.account import merge_store
from enrichment.account.activity_queries import activities_of as activities_of
from enrichment.account.discovery.tables import network_proposals
from enrichment.account.segment_store import segments_of
from enrichment.tables import (
    account_aliases,
    account_domains,
    account_merges,
    account_states,
    account_values,
    activities,
    contacts,
    corrections,
    declared_networks,
    dormancy_transitions,
    segment_changes,
    segment_members,
    slipping_denials,
    states_due,
    usage_weeks,
)
from enrichment.tables import accounts as accounts_table


def accounts(connection: Connection, *, segments: bool = True) -> list[Account]:
    """Return every account with its domains and aliases, by id; with its saved segments unless told otherwise."""
    return _accounts(connection, None, segments=segments)


def account(connection: Connection, account_id: AccountId) -> Account | None:
    """Return one account, or None."""
    found = _accounts(connection, [account_id])
    return found[0] if found else None


def accounts_by_id(connection: Connection, ids: Iterable[AccountId]) -> dict[AccountId, Account]:
    """Return the accounts of these ids that exist."""
    return {found.id: found for part in chunks(sorted(set(ids))) for found in _accounts(connection, list(part))}


def _accounts(connection: Connection, ids: Sequence[str] | None, *, segments: bool = True) -> list[Account]:
    domains: dict[str, list[str]] = defaultdict(list)
    aliases: dict[str, list[str]] = defaultdict(list)

    into = merge_store.redirects(connection).into()
    in_segments = segments_of(connection, ids) if segments else {}
    of_domains = select(account_domains).order_by(account_domains.c.domain)
    of_aliases = select(account_aliases).order_by(account_aliases.c.alias)
    of_accounts = select(accounts_table).order_by(accounts_table.c.id)
    if ids is not None:
        of_domains = of_domains.where(account_domains.c.account.in_(ids))
        of_aliases = of_aliases.where(account_aliases.c.account.in_(ids))
        of_accounts = of_accounts.where(accounts_table.c.id.in_(ids))
    for row in connection.execute(of_domains):
        domains[row.account].append(row.domain)
    for row in connection.execute(of_aliases):
        aliases[row.account].append(row.alias)
    return [
        Account(
            id=AccountId(row.id),
            name=row.name,
            domains=tuple(domains[row.id]),
            aliases=tuple(aliases[row.id]),
            country=row.country,
            industry=row.industry,
            location=row.location,
            owner_email=row.owner_email,
            lifecycle=row.lifecycle,
            parent=AccountId(row.parent) if row.parent else None,
            registry_number=row.registry_number,
            former_ids=tuple(merge.merged for merge in into.get(AccountId(row.id), ())),
            is_demo=row.is_demo,
            do_not_contact=row.do_not_contact,
            contract=row.contract,
            contract_until=row.contract_until,
            segments=in_segments.get(AccountId(row.id), ()),
        )
        for row in connection.execute(of_accounts)
    ]


def contacts_of(connection: Connection, ids: Iterable[AccountId]) -> Mapping[AccountId, tuple[Contact, ...]]:
    """Return the people known at each account, those who have left last; an account without any has an empty tuple."""
    wanted = list(dict.fromkeys(ids))
    found: dict[AccountId, list[Contact]] = {account_id: [] for account_id in wanted}
    for part in chunks(wanted):
        rows = connection.execute(
            select(contacts).where(contacts.c.account.in_(part)).order_by(contacts.c.has_left, contacts.c.id)
        )
        for row in rows:
            found[AccountId(row.account)].append(
                Contact(
                    id=row.id,
                    account=AccountId(row.account),
                    name=row.name,
                    role=row.role,
                    email=row.email,
                    phone=row.phone,
                    prefers=row.prefers,
                    has_left=row.has_left,
                    do_not_contact=row.do_not_contact,
                    last_spoke_at=row.last_spoke_at,
                )
            )
    return {account_id: tuple(of) for account_id, of in found.items()}


def version(connection: Connection) -> str:
    """Return a stamp of all accounts, aliases and declared networks; another stamp means: read them again."""
    stamps = []
    for column in (accounts_table.c.imported_at, declared_networks.c.declared_at):
        number, latest = connection.execute(select(func.count(column), func.max(column))).one()
        stamps.append(f"{number}:{latest.isoformat() if latest else ''}")
    stamps.append(str(connection.execute(select(func.count()).select_from(account_aliases)).scalar_one()))
    return " ".join(stamps)


def remove_demo(connection: Connection) -> int:
    """Delete the demo's accounts and all that hangs on them in this stage; returns how many accounts were deleted."""
    ids = [row.id for row in connection.execute(select(accounts_table.c.id).where(accounts_table.c.is_demo))]
    children = (
        (account_domains, account_domains.c.account),
        (account_aliases, account_aliases.c.account),
        (declared_networks, declared_networks.c.account),
        (contacts, contacts.c.account),
        (activities, activities.c.account),
        (states_due, states_due.c.about),
        (usage_weeks, usage_weeks.c.about),
        (account_values, account_values.c.about),
        (slipping_denials, slipping_denials.c.account),
        (segment_members, segment_members.c.about),
        (segment_changes, segment_changes.c.about),
        (account_states, account_states.c.account),
        (dormancy_transitions, dormancy_transitions.c.account),
        (network_proposals, network_proposals.c.account),
        (corrections, corrections.c.account),
        (accounts_table, accounts_table.c.id),
    )
    for part in chunks(ids):
        connection.execute(delete(account_merges).where(account_merges.c.master.in_(part)))
        for table, column in children:
            connection.execute(delete(table).where(column.in_(part)))
    connection.execute(delete(declared_networks).where(declared_networks.c.is_demo))
    return len(ids)
