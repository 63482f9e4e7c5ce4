"""Writes what an import found: only what is new or changed, so that the same file again changes nothing."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, Table, delete, select
from sqlalchemy.sql.dml import Insert

from core.database import chunks, insert_new, reading, upsert, writing
from core.domain import Account, AccountId, Activity, Contact
from core.ids import derived
from enrichment.account.normal_form import normal_form
from enrichment.account.store import accounts_by_id
from enrichment.account.touched_queries import forget_weeks, touch
from enrichment.tables import account_aliases, account_domains, accounts, activities, contacts, declared_networks

LAST_ORDER = "last order, from the list of accounts"
"""The note of a purchase that only the "last order" column of an accounts file tells of."""

BATCH = 5000
"""Rows per executemany."""

SLICE = 1000
"""Records written in one transaction: few enough that a page view need not wait for them."""

Database = Engine | Connection
"""An engine: each step is a short transaction of its own. A connection: all steps are part of its transaction."""


@contextmanager
def step(database: Database, *, writes: bool) -> Iterator[Connection]:
    """One step of an import."""
    if isinstance(database, Connection):
        yield database
        return
    with writing(database) if writes else reading(database) as connection:
        yield connection


PAUSE_SECONDS = 0.1
"""How long others get to write between two slices: SQLite's waiting writers look every 100 ms."""

Part = TypeVar("Part", bound=Sized)


def in_slices(
    database: Database,
    parts: Sequence[Part],
    work: Callable[[Connection, Part, bool], Written],
    *,
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> Written:
    """Write one part after the other, each in a short transaction of its own, and return what was written.

    `work` is given a connection, a part, and whether only to count. A part that has nothing new takes no lock.
    """
    total, done, whole = Written(), 0, sum(map(len, parts))
    for part in parts:
        if isinstance(database, Connection):
            written = work(database, part, dry_run)
        else:
            with step(database, writes=False) as connection:
                written = work(connection, part, True)
            if written.anything and not dry_run:
                with step(database, writes=True) as connection:
                    written = work(connection, part, False)
                if database.dialect.name == "sqlite" and done + len(part) < whole:
                    time.sleep(PAUSE_SECONDS)
        total += written
        done += len(part)
        progress(done, whole)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many records were new, different, or the same as before."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    purchases: int = 0
    """Purchases of which only the list of accounts tells."""
    networks: int = 0
    """Networks declared."""

    @property
    def anything(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.added or self.changed or self.purchases or self.networks)

    def __add__(self, more: Written) -> Written:
        return Written(
            added=self.added + more.added,
            changed=self.changed + more.changed,
            unchanged=self.unchanged + more.unchanged,
            purchases=self.purchases + more.purchases,
            networks=self.networks + more.networks,
        )


def joined(known: Account, more: Account) -> Account:
    """Return one account from two rows of a file: the later fills gaps, another spelling of the name is an alias."""
    aliases = [*known.aliases, *more.aliases]
    if normal_form(more.name).key != normal_form(known.name).key:
        aliases.append(more.name)
    return replace(
        known,
        domains=tuple(dict.fromkeys((*known.domains, *more.domains))),
        aliases=tuple(dict.fromkeys(aliases)),
        country=known.country or more.country,
        industry=known.industry or more.industry,
        location=known.location or more.location,
        owner_email=known.owner_email or more.owner_email,
        lifecycle=known.lifecycle or more.lifecycle,
        parent=known.parent or (more.parent if more.parent != known.id else None),
        registry_number=known.registry_number or more.registry_number,
        contract=known.contract or more.contract,
        contract_until=known.contract_until or more.contract_until,
        do_not_contact=known.do_not_contact or more.do_not_contact,
    )


def write_accounts(
    connection: Connection, found: Sequence[Account], now: datetime, *, dry_run: bool = False
) -> Written:
    """Add or change these accounts; an empty field of theirs leaves what is known. A dry run only counts."""
    known = {
        key: replace(before, former_ids=())
        for key, before in accounts_by_id(connection, (account.id for account in found)).items()
    }
    new = [account for account in found if account.id not in known]
    changed = []
    for account in found:
        before = known.get(account.id)
        if before is not None and (after := updated(before, account)) != _in_order(before):
            changed.append(after)
    written = Written(added=len(new), changed=len(changed), unchanged=len(found) - len(new) - len(changed))
    if not dry_run:
        _write_accounts(connection, new, changed, now)
        touch(connection, (account.id for account in (*new, *changed)))
    return written


_COLUMNS = (
    *("name", "country", "industry", "location", "owner_email", "lifecycle"),
    *("parent", "registry_number", "contract", "contract_until", "do_not_contact", "is_demo", "imported_at"),
)


def _write_accounts(connection: Connection, new: Sequence[Account], changed: Sequence[Account], now: datetime) -> None:
    columns = _COLUMNS
    rows = [
        {"id": account.id, "imported_at": now} | {name: getattr(account, name) for name in columns[:-1]}
        for account in (*new, *changed)
    ]
    _many(connection, upsert(connection, accounts, ("id",), columns), rows)
    for ids in chunks([account.id for account in changed]):
        connection.execute(delete(account_domains).where(account_domains.c.account.in_(ids)))
        connection.execute(delete(account_aliases).where(account_aliases.c.account.in_(ids)))
    for table, column, attribute in ((account_domains, "domain", "domains"), (account_aliases, "alias", "aliases")):
        children = [
            {"account": account.id, column: value}
            for account in (*new, *changed)
            for value in dict.fromkeys(getattr(account, attribute))
        ]
        _many(connection, insert_new(connection, table), children)


def _in_order(account: Account) -> Account:
    return replace(account, domains=tuple(sorted(set(account.domains))), aliases=tuple(sorted(set(account.aliases))))


def updated(before: Account, file: Account) -> Account:
    """Return an account as it is after a file said `file` of it: an empty field leaves what is known."""
    return _in_order(
        replace(
            file,
            domains=file.domains or before.domains,
            aliases=file.aliases or before.aliases,
            country=file.country or before.country,
            industry=file.industry or before.industry,
            location=file.location or before.location,
            owner_email=file.owner_email or before.owner_email,
            lifecycle=file.lifecycle or before.lifecycle,
            parent=file.parent or before.parent,
            registry_number=file.registry_number or before.registry_number,
            contract=file.contract or before.contract,
            contract_until=file.contract_until or before.contract_until,
            do_not_contact=file.do_not_contact or before.do_not_contact,
            is_demo=file.is_demo and before.is_demo,
        )
    )


def declare_networks(
    connection: Connection,
    networks: Mapping[AccountId, Iterable[str]],
    now: datetime,
    is_demo: bool,
    *,
    dry_run: bool = False,
) -> int:
    """Set down the networks (CIDR) that belong to accounts; returns how many weren't yet."""
    rows = [
        {"prefix": prefix, "account": account, "declared_at": now, "is_demo": is_demo, "organisation": "", "kind": ""}
        for account, prefixes in networks.items()
        for prefix in sorted(prefixes)
    ]
    known: set[tuple[str, str]] = set()
    for part in chunks(sorted({str(row["prefix"]) for row in rows})):
        query = select(declared_networks.c.prefix, declared_networks.c.account)
        known.update(
            (row.prefix, row.account) for row in connection.execute(query.where(declared_networks.c.prefix.in_(part)))
        )
    new = [row for row in rows if (row["prefix"], row["account"]) not in known]
    if not dry_run:
        _many(connection, insert_new(connection, declared_networks), new)
    return len(new)


def write_last_orders(connection: Connection, purchases: Sequence[Activity], *, dry_run: bool = False) -> int:
    """Add purchases that an accounts file tells of, unless a purchase of that day is known; returns how many."""
    known: dict[str, set[date]] = defaultdict(set)
    for ids in chunks(sorted({purchase.account for purchase in purchases})):
        rows = connection.execute(
            select(activities.c.account, activities.c.at).where(
                activities.c.account.in_(ids), activities.c.kind == "purchase"
            )
        )
        for row in rows:
            known[row.account].add(row.at.date())
    added: dict[str, Activity] = {}
    for purchase in purchases:
        if purchase.at.date() not in known[purchase.account]:
            added[derived("last-order", purchase.account, purchase.at.date().isoformat())] = purchase
    if not dry_run:
        _many(connection, insert_new(connection, activities), [activity_row(*item) for item in added.items()])
        touch(connection, (purchase.account for purchase in added.values()))
    return len(added)


def write_activities(connection: Connection, found: Mapping[str, Activity], *, dry_run: bool = False) -> Written:
    """Add or change these activities, by id; a "last order" of the same day gives way to the purchase itself."""
    known: dict[str, dict[str, object]] = {}
    stand_ins: dict[tuple[str, date], str] = {}
    for ids in chunks(sorted({activity.account for activity in found.values()})):
        for row in connection.execute(select(activities).where(activities.c.account.in_(ids))):
            if row.note == LAST_ORDER:
                stand_ins[row.account, row.at.date()] = row.id
            known[row.id] = dict(row._mapping)
    rows = [activity_row(key, activity) for key, activity in found.items()]
    new = [row for row in rows if row["id"] not in known]
    changed = [row for row in rows if row["id"] in known and known[str(row["id"])] != row]
    written = Written(added=len(new), changed=len(changed), unchanged=len(rows) - len(new) - len(changed))
    if dry_run:
        return written
    columns = tuple(activity_row("", next(iter(found.values()))))[1:] if found else ()
    _many(connection, upsert(connection, activities, ("id",), columns), [*new, *changed])
    moved = [str(row["account"]) for row in (*new, *changed)]
    touch(connection, moved)
    forget_weeks(connection, [str(row["account"]) for row in (*new, *changed) if row["kind"] in ("usage", "login")])
    real = {(activity.account, activity.at.date()) for activity in found.values() if activity.kind == "purchase"}
    _delete(connection, activities, [key for day, key in stand_ins.items() if day in real and key not in found])
    return written


def activity_row(key: str, activity: Activity) -> dict[str, object]:
    """Return an activity as a row of its table, under its id."""
    return {
        "id": key,
        "account": activity.account,
        "kind": activity.kind,
        "at": activity.at,
        "product": activity.product,
        "amount_hundredths": hundredths(activity.amount),
        "currency": activity.currency,
        "note": activity.note,
        "reason": activity.reason,
        "source": activity.source,
        "said_by": activity.said_by,
    }


def hundredths(amount: Decimal | None) -> int | None:
    """Return an amount as it is kept: whole hundredths, halves away from zero."""
    return None if amount is None else int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def write_contacts(connection: Connection, found: Mapping[str, Contact], *, dry_run: bool = False) -> Written:
    """Add or change these contacts, by id."""
    known: dict[str, dict[str, object]] = {}
    for ids in chunks(sorted(found)):
        for row in connection.execute(select(contacts).where(contacts.c.id.in_(ids))):
            known[row.id] = dict(row._mapping)
    names = ("account", "name", "role", "email", "phone", "prefers", "has_left", "do_not_contact", "last_spoke_at")
    rows: list[dict[str, object]] = [
        {"id": key} | {name: getattr(contact, name) for name in names} for key, contact in found.items()
    ]
    for one in rows:
        if kept := known.get(str(one["id"])):  # a file that doesn't say so takes nothing back
            one["do_not_contact"] = one["do_not_contact"] or kept["do_not_contact"]
            one["last_spoke_at"] = one["last_spoke_at"] or kept["last_spoke_at"]
    new = [row for row in rows if row["id"] not in known]
    changed = [row for row in rows if row["id"] in known and known[str(row["id"])] != row]
    if not dry_run:
        _many(connection, upsert(connection, contacts, ("id",), names), [*new, *changed])
    return Written(added=len(new), changed=len(changed), unchanged=len(rows) - len(new) - len(changed))


def write_aliases(
    connection: Connection, found: Sequence[tuple[AccountId, Sequence[str]]], *, dry_run: bool = False
) -> Written:
    """Give accounts further names; counts rows that have a new one. The account's own name is no alias."""
    known: dict[str, set[str]] = {
        key: {before.name, *before.aliases}
        for key, before in accounts_by_id(connection, (account for account, _ in found)).items()
    }
    rows: list[dict[str, object]] = []
    added = 0
    for account, aliases in found:
        new = [alias for alias in aliases if account in known and alias not in known[account]]
        added += bool(new)
        rows += [{"account": account, "alias": alias} for alias in new]
        if new:
            known[account].update(new)
    if not dry_run:
        _many(connection, insert_new(connection, account_aliases), rows)
    return Written(added=added, unchanged=len(found) - added)


def _delete(connection: Connection, table: Table, ids: Sequence[str]) -> None:
    for part in chunks(ids):
        connection.execute(delete(table).where(table.c.id.in_(part)))


def _many(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, object]]) -> None:
    for part in chunks(rows, BATCH):
        connection.execute(statement, list(part))
