"""Opens the database: engine, transactions, table base, column types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    types,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.dml import Insert

from core.clock import iso

T = TypeVar("T")

DATABASE_AWAY: tuple[type[Exception], ...] = (OperationalError, InterfaceError)
"""What the database itself raises when it can't be reached or written now, and nothing else does."""

AWAY: tuple[type[Exception], ...] = (*DATABASE_AWAY, OSError)
"""What is raised when the database can't be reached or written now: trying again later may help."""

UNUSABLE: tuple[type[Exception], ...] = (*AWAY, ProgrammingError)
"""The same, and what is raised where the tables aren't there yet."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""The one collection of tables; each table says in `info["data_class"]` how long its rows are kept."""


class UtcTime(types.TypeDecorator[datetime]):
    """An aware UTC moment: `timestamptz` on PostgreSQL, sortable text to the millisecond on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        return dialect.type_descriptor(String(24) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: every time in Dormouse is aware")
        return iso(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def database_url(text: str) -> URL:
    """Return the URL with the driver we ship: `postgresql://` means psycopg 3."""
    url = make_url(text)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url


def has_no_database(text: str) -> bool:
    """Say whether `dormouse init` is still to come: opening an SQLite database would make an empty one."""
    url = database_url(text)
    return url.get_backend_name() == "sqlite" and bool(url.database) and not Path(str(url.database)).is_file()


def open_engine(text: str) -> Engine:
    """Open the database at the URL `text` (`sqlite:///path` or `postgresql://…`).

    Its errors name statements without their values: in a log these would be people's names and addresses.
    """
    url = database_url(text)
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"connect_timeout": 5},
        pool_size=5,
        max_overflow=10,
        pool_pre_ping=True,
    )
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_postgres(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Have each statement planned for the tables as they are.

    A plan that was kept from when a table was empty reads it from end to end for as long as the connection lives, and
    compares each row with each value of an IN list: imports and workers grow tables that began empty.
    """
    cursor = connection.cursor()
    cursor.execute("SET plan_cache_mode = force_custom_plan")
    cursor.close()
    connection.commit()  # a rollback would take the setting back


_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",  # a killed process loses nothing; after a power cut the buffer is read again
    "foreign_keys=ON",
    "busy_timeout=30000",
    "cache_size=-65536",
    "secure_delete=ON",  # what has expired is overwritten, not only forgotten
)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that writers can say IMMEDIATE
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lower(value: object) -> object:
    """SQLite's own `lower` knows no letter beyond A to Z: "Österreich" would never be found."""
    return value.lower() if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


_ONE_VIEW = "REPEATABLE READ"
"""PostgreSQL's own default shows each statement another state; SQLite never does."""


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One short transaction that writes; on SQLite it begins IMMEDIATE, so it can't fail half-way for the lock."""
    with engine.connect() as plain, plain.execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database for reading."""
    with engine.connect() as plain:
        connection = plain if plain.dialect.name == "sqlite" else plain.execution_options(isolation_level=_ONE_VIEW)
        with connection.begin():
            yield connection


def empty_journal(engine: Engine) -> None:
    """Take what SQLite's journal still holds of older states off the disk, unless a reader needs it now."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def insert_new(connection: Connection, table: Table) -> Insert:
    """Return an INSERT that silently skips rows whose key exists already; its `rowcount` says how many were new."""
    statement = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    # without the option, SQLAlchemy forgets the count of an INSERT on PostgreSQL and says -1
    return statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def upsert(connection: Connection, table: Table, key: tuple[str, ...], update: tuple[str, ...]) -> Insert:
    """Return an INSERT that, where `key` exists already, overwrites the columns `update` with the new values."""
    statement = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={name: statement.excluded[name] for name in update}
    )


def chunks(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Yield `items` in slices short enough for one IN list on either database."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
