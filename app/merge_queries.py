"""What a merge of two accounts changes in the tables of all stages, and how it is put back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, func, or_, select, update
from sqlalchemy import UniqueConstraint as Unique

from app.schema import metadata
from core.database import UtcTime, chunks, insert_new
from core.domain import AccountId
from core.ids import derived
from enrichment.tables import account_aliases, account_domains, account_merges, accounts

Json = dict[str, object]

_OWN = ("account_aliases", "account_domains", "account_merges")
"""Tables with accounts in them that are not simply moved."""


def moved_tables() -> tuple[Table, ...]:
    """Return every table whose rows belong to an account, whichever stage's it is."""
    return tuple(table for table in metadata.sorted_tables if "account" in table.c and table.name not in _OWN)


def counts(connection: Connection, account: AccountId) -> Mapping[str, int]:
    """Return how many rows of each table belong to an account; tables without any are left out."""
    found = {}
    for table in moved_tables():
        number = connection.execute(select(func.count()).select_from(table).where(table.c.account == account))
        if rows := number.scalar_one():
            found[table.name] = rows
    return found


def weights(connection: Connection, ids: Collection[AccountId]) -> dict[AccountId, int]:
    """Return how much hangs on each of these accounts, in rows."""
    found: dict[AccountId, int] = dict.fromkeys(ids, 0)
    for table in moved_tables():
        for part in chunks(sorted(ids)):
            rows = connection.execute(
                select(table.c.account, func.count()).where(table.c.account.in_(part)).group_by(table.c.account)
            )
            for account, number in rows:
                found[AccountId(account)] += number
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A merge as it is kept, with all that is needed to put it back."""

    id: str
    merged: AccountId
    master: AccountId
    at: datetime
    kept: Json
    record: Json


def move(connection: Connection, merged: AccountId, master: AccountId) -> tuple[Json, Json]:
    """Give all rows of `merged` to `master`; return the keys of the moved ones and the rows that had to go.

    A row has to go where the master has one of the same key already, such as the same network or a state of its own.
    """
    moved: Json = {}
    gone: Json = {}
    for table in moved_tables():
        rows = connection.execute(select(table).where(table.c.account == merged)).all()
        if not rows:
            continue
        clashing = _clashing(connection, table, rows, master)
        for row in clashing:
            connection.execute(delete(table).where(_at(table, _key(table, row))))
        if clashing:
            gone[table.name] = [_as_json(table, row) for row in clashing]
        stay = [_key(table, row) for row in rows if row not in clashing]
        if stay:
            connection.execute(update(table).where(table.c.account == merged).values(account=master))
            moved[table.name] = [[_plain(value) for value in key] for key in stay]
    return moved, gone


def move_back(connection: Connection, kept: Kept) -> int:
    """Give the rows that a merge moved back to their account; return how many. Those that are gone since stay gone."""
    back = 0
    for name, keys in _items(kept.kept["moved"]):
        table = metadata.tables[name]
        columns = list(table.primary_key.columns)
        for part in chunks(list(keys), 200):
            where = [_at(table, _values(columns, _row_key(key)), account=kept.master) for key in part]
            statement = update(table).where(or_(*where), table.c.account == kept.master).values(account=kept.merged)
            back += connection.execute(statement).rowcount
    for name, rows in _items(kept.kept["gone"]):
        table = metadata.tables[name]
        connection.execute(
            insert_new(connection, table), [_from_json(table, row) for row in rows if isinstance(row, dict)]
        )
    return back


def _clashing(connection: Connection, table: Table, rows: Sequence[Row[tuple[object, ...]]], master: AccountId) -> list:  # type: ignore[type-arg]
    """Return the rows that the master has already, by any key of which the account is a part."""
    uniques = [tuple(c.name for c in one.columns) for one in table.constraints if isinstance(one, Unique)]
    uniques += [tuple(c.name for c in one.columns) for one in table.indexes if one.unique]
    keys = [names for names in (*uniques, tuple(c.name for c in table.primary_key.columns)) if "account" in names]
    if not keys:
        return []
    others = connection.execute(select(table).where(table.c.account == master)).all()
    clashing = []
    for row in rows:
        for names in keys:
            own = tuple(getattr(row, name) for name in names if name != "account")
            if any(own == tuple(getattr(other, name) for name in names if name != "account") for other in others):
                clashing.append(row)
                break
    return clashing


def _key(table: Table, row: Row[tuple[object, ...]]) -> tuple[object, ...]:
    return tuple(getattr(row, column.name) for column in table.primary_key.columns)


def _at(table: Table, key: Iterable[object], account: str | None = None) -> ColumnElement[bool]:
    """Return the condition that finds the row of this primary key, as another account's where one is given."""
    pairs = zip(table.primary_key.columns, key, strict=True)
    return and_(*(column == (account if account and column.name == "account" else value) for column, value in pairs))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value.hex() if isinstance(value, bytes) else value


def _as_json(table: Table, row: Row[tuple[object, ...]]) -> Json:
    return {column.name: _plain(getattr(row, column.name)) for column in table.columns}


def _values(columns: Iterable[object], values: Iterable[object]) -> tuple[object, ...]:
    return tuple(_value(column, value) for column, value in zip(columns, values, strict=True))


def _value(column: object, value: object) -> object:
    kind = getattr(column, "type", None)
    return datetime.fromisoformat(value) if isinstance(kind, UtcTime) and isinstance(value, str) else value


def _from_json(table: Table, row: Mapping[str, object]) -> Json:
    return {name: _value(table.c[name], value) for name, value in row.items() if name in table.c}


def _items(part: object) -> Iterable[tuple[str, Sequence[object]]]:
    assert isinstance(part, dict)
    return part.items()


def _row_key(key: object) -> list[object]:
    assert isinstance(key, list)
    return key


def account_row(connection: Connection, account: AccountId) -> Json:
    """Return an account's own row, as JSON values."""
    return _as_json(accounts, connection.execute(select(accounts).where(accounts.c.id == account)).one())


def put_account(connection: Connection, row: Mapping[str, object]) -> None:
    """Write an account's own row, as `account_row` gave it away."""
    values = _from_json(accounts, row)
    connection.execute(delete(accounts).where(accounts.c.id == values["id"]))
    connection.execute(accounts.insert().values(values))


def put_names(connection: Connection, account: AccountId, domains: Iterable[str], aliases: Iterable[str]) -> None:
    """Let an account have these domains and aliases and no others."""
    for table, column, values in ((account_domains, "domain", domains), (account_aliases, "alias", aliases)):
        connection.execute(delete(table).where(table.c.account == account))
        rows = [{"account": account, column: value} for value in sorted(set(values))]
        if rows:
            connection.execute(table.insert(), rows)


def remove_account(connection: Connection, account: AccountId) -> None:
    """Delete an account's own row, its domains and its aliases."""
    put_names(connection, account, (), ())
    connection.execute(delete(accounts).where(accounts.c.id == account))


def adopt(connection: Connection, children: Collection[str] | None, before: AccountId, after: AccountId) -> list[str]:
    """Let the accounts below `before` be below `after`; only those of `children` if given. Returns their ids."""
    found = list(connection.execute(select(accounts.c.id).where(accounts.c.parent == before)).scalars())
    found = sorted(one for one in found if one != after and (children is None or one in children))
    for part in chunks(found):
        connection.execute(update(accounts).where(accounts.c.id.in_(part)).values(parent=after))
    return found


def keep(connection: Connection, merge: Kept, by: str) -> None:
    """Write down a merge."""
    connection.execute(
        account_merges.insert().values(
            id=merge.id,
            merged=merge.merged,
            master=merge.master,
            at=merge.at,
            by=by[:254],
            kept=merge.kept,
            record=merge.record,
        )
    )


def merge_id(merged: AccountId, master: AccountId, at: datetime) -> str:
    """Return the id of a merge."""
    return derived("merge", merged, master, at.isoformat())


def standing(connection: Connection, merged: AccountId) -> Kept | None:
    """Return the merge of this account that nobody has undone."""
    row = connection.execute(
        select(account_merges).where(account_merges.c.merged == merged, account_merges.c.undone_at.is_(None))
    ).first()
    if row is None:
        return None
    return Kept(
        id=row.id,
        merged=AccountId(row.merged),
        master=AccountId(row.master),
        at=row.at,
        kept=row.kept,
        record=row.record,
    )


def mark_undone(connection: Connection, merge: str, by: str, now: datetime) -> None:
    """Note that a merge is undone."""
    statement = update(account_merges).where(account_merges.c.id == merge)
    connection.execute(statement.values(undone_at=now, undone_by=by[:254]))


def since(connection: Connection, account: AccountId, at: datetime) -> Mapping[str, int]:
    """Return how many rows with a moment later than `at` an account has, by table."""
    found = {}
    for table in moved_tables():
        if "at" not in table.c:
            continue
        query = select(func.count()).select_from(table).where(table.c.account == account, table.c["at"] > at)
        if number := connection.execute(query).scalar_one():
            found[table.name] = number
    return found
