"""Keeps people's corrections: this network is not that account. Undone by a mark, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from core.database import insert_new
from core.domain import AccountId
from core.errors import InputError
from core.ids import derived
from enrichment.network.addresses import parse_prefix
from enrichment.tables import corrections


def reject(connection: Connection, account: AccountId, prefix: str, by: str, now: datetime) -> str:
    """Keep that `prefix` is not `account`, said by `by`, and return the correction's id.

    The same word by the same person at the same moment is kept once. Raises InputError when `prefix` isn't a network.
    """
    network = parse_prefix(prefix)
    if network is None:
        raise InputError(f"{prefix!r} isn't a network: give it as 192.0.2.0/24 or 2001:db8::/48")
    correction = derived("correction", account, network, by, now.isoformat())
    connection.execute(
        insert_new(connection, corrections).values(
            id=correction, account=account, prefix=str(network), by=by, at=now, undone_at=None
        )
    )
    return correction


def undo(connection: Connection, correction: str, now: datetime) -> bool:
    """Take a correction back; False when there is none or it was taken back before."""
    table = corrections.c
    done = connection.execute(
        update(corrections).where(table.id == correction, table.undone_at.is_(None)).values(undone_at=now)
    )
    return done.rowcount > 0


def rejected(connection: Connection) -> Mapping[str, frozenset[AccountId]]:
    """Return the corrections in force: for each prefix the accounts that it is not."""
    table = corrections.c
    found: dict[str, set[AccountId]] = {}
    for row in connection.execute(select(table.prefix, table.account).where(table.undone_at.is_(None))):
        found.setdefault(row.prefix, set()).add(AccountId(row.account))
    return {prefix: frozenset(accounts) for prefix, accounts in found.items()}


def version(connection: Connection) -> str:
    """Return a stamp of all corrections; another stamp than before means that what was loaded is out of date."""
    stamp = select(func.count(), func.count(corrections.c.undone_at), func.max(corrections.c.at))
    return ":".join(map(str, connection.execute(stamp).one()))
