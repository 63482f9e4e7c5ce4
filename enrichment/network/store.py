"""Keeps the networks that the operator or accounts declared."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from core.database import upsert
from core.domain import AccountId, NetworkKind
from core.errors import InputError
from enrichment.network.addresses import parse_prefix
from enrichment.network.resolvers.declared import DeclaredNetwork
from enrichment.tables import declared_networks


def declare(
    connection: Connection,
    prefix: str,
    account: AccountId | None,
    organisation: str = "",
    kind: NetworkKind | None = None,
    *,
    now: datetime,
    is_demo: bool = False,
) -> str:
    """Keep a statement (again: overwrites) and return the prefix as kept, in CIDR form.

    Raises InputError when `prefix` isn't a network or is so wide (below /8, below /16 for IPv6) that it can't be one
    organisation's.
    """
    network = parse_prefix(prefix)
    if network is None:
        raise InputError(f"{prefix!r} isn't a network: give it as 192.0.2.0/24, 2001:db8::/48 or 192.0.2.0-192.0.2.15")
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise InputError(f"{prefix!r} is too wide to be one organisation's network: give the part that it uses")
    statement = upsert(
        connection, declared_networks, ("prefix", "account"), ("organisation", "kind", "declared_at", "is_demo")
    )
    connection.execute(
        statement.values(
            prefix=str(network),
            account=account or "",
            organisation=organisation[:300],
            kind=kind.value if kind else "",
            declared_at=now,
            is_demo=is_demo,
        )
    )
    return str(network)


def declared(connection: Connection) -> tuple[DeclaredNetwork, ...]:
    """Return all statements, in the order of their prefixes."""
    table = declared_networks.c
    rows = connection.execute(
        select(table.prefix, table.account, table.organisation, table.kind).order_by(table.prefix, table.account)
    )
    return tuple(
        DeclaredNetwork(
            prefix=row.prefix,
            account=AccountId(row.account) if row.account else None,
            organisation=row.organisation,
            kind=NetworkKind(row.kind) if row.kind else None,
        )
        for row in rows
    )


def remove(connection: Connection, prefix: str, account: AccountId | None) -> bool:
    """Forget a statement; False when there was none."""
    network = parse_prefix(prefix)
    table = declared_networks.c
    done = connection.execute(
        delete(declared_networks).where(table.prefix == str(network or prefix), table.account == (account or ""))
    )
    return done.rowcount > 0


def remove_demo(connection: Connection) -> int:
    """Forget the demo's statements; return how many there were."""
    return connection.execute(delete(declared_networks).where(declared_networks.c.is_demo)).rowcount


def version(connection: Connection) -> str:
    """Return a stamp of all statements; another stamp than before means that what was loaded is out of date."""
    count, newest = connection.execute(select(func.count(), func.max(declared_networks.c.declared_at))).one()
    return f"{count}:{newest}"
