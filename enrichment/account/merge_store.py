"""Which accounts were merged into which, and what imports have said of the merged ones since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select, update

from core.domain import Account, AccountId
from enrichment.tables import account_merges

_RECORDED = tuple(field.name for field in fields(Account) if field.name not in ("owner_via", "former_ids", "segments"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """One account that was merged into another and stands so."""

    id: str
    merged: AccountId
    master: AccountId
    at: datetime
    by: str
    record: Account
    """The merged account, as the newest import describes it."""
    added_domains: tuple[str, ...] = ()
    """Domains that the master has by the merge alone."""
    added_aliases: tuple[str, ...] = ()


class Redirects:
    """Where the ids of merged accounts lead."""

    def __init__(self, merges: Iterable[Merge] = ()) -> None:
        self.merges: Sequence[Merge] = tuple(merges)
        self._to: dict[AccountId, AccountId] = {merge.merged: merge.master for merge in self.merges}

    def __bool__(self) -> bool:
        return bool(self._to)

    def now(self, account: AccountId) -> AccountId:
        """Return the account that `account` means now: itself unless it was merged."""
        seen = {account}
        while (there := self._to.get(account)) is not None and there not in seen:
            seen.add(there)
            account = there
        return account

    def into(self) -> Mapping[AccountId, tuple[Merge, ...]]:
        """Return, for each account that others were merged into, those merges in order of time."""
        found: dict[AccountId, list[Merge]] = {}
        for merge in self.merges:
            found.setdefault(self.now(merge.master), []).append(merge)
        return {master: tuple(of) for master, of in found.items()}


def standing(connection: Connection) -> tuple[Merge, ...]:
    """Return the merges that nobody has undone, oldest first."""
    rows = connection.execute(
        select(account_merges)
        .where(account_merges.c.undone_at.is_(None))
        .order_by(account_merges.c.at, account_merges.c.id)
    )
    return tuple(
        Merge(
            id=row.id,
            merged=AccountId(row.merged),
            master=AccountId(row.master),
            at=row.at,
            by=row.by,
            record=record,
            added_domains=_without(record.domains, row.kept["domains"]),
            added_aliases=_without((*record.aliases, record.name), row.kept["aliases"]),
        )
        for row, record in ((row, account_of(row.record)) for row in rows)
    )


def _without(values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    known = set(known)
    return tuple(value for value in values if value not in known)


def redirects(connection: Connection) -> Redirects:
    """Return where merged accounts' ids lead."""
    return Redirects(standing(connection))


def keep_record(connection: Connection, merge: str, record: Account) -> None:
    """Keep what the newest import says of a merged account, for the day it is un-merged."""
    connection.execute(update(account_merges).where(account_merges.c.id == merge).values(record=record_of(record)))


def record_of(account: Account) -> Mapping[str, object]:
    """Return an account as JSON values."""
    values = asdict(account)
    plain = {name: list(value) if isinstance(value := values[name], tuple) else value for name in _RECORDED}
    return plain | {"contract_until": account.contract_until.isoformat() if account.contract_until else None}


def account_of(record: Mapping[str, object]) -> Account:
    """Return the account that `record_of` gave away."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
    until = values.get("contract_until")
    values["contract_until"] = datetime.fromisoformat(until) if isinstance(until, str) else None
    return Account(**{name: values[name] for name in _RECORDED if name in values})  # type: ignore[arg-type]
