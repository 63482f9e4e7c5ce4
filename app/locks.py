"""Lets one process at a time build visits; the lock dies with its holder, so a killed process blocks nobody."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from threading import Event

from sqlalchemy import Engine, text

from core.clock import monotonic
from core.errors import DormouseError

_ADVISORY_KEY = 0x0D0A_0053

_SHORTEST_REST, _LONGEST_REST = 0.005, 0.25
"""Seconds."""

STOPPING: ContextVar[Event | None] = ContextVar("STOPPING", default=None)
"""What ends a long work before its time; each thread sets its own."""


class StoppedError(DormouseError):
    """A long work was ended between two slices; it has to be done again."""


@contextmanager
def visit_builder(engine: Engine) -> Iterator[None]:
    """Hold the right to build visits; waits until it is free.

    SQLite: a file lock beside the database. PostgreSQL: an advisory lock of its own connection.
    """
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database and database != ":memory:":
        with Path(f"{database}.visits.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_KEY})
            connection.commit()
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
                connection.commit()
        return
    yield


@contextmanager
def giving_way() -> Iterator[None]:
    """Do one slice of a long work, and rest as long as it took: whoever waits for a lock or the processor comes first.

    Neither a file's lock nor SQLite's knows a queue: who lets go of one and asks for it again at once has it again,
    and page views would wait until all slices are done. Raises StoppedError when the process is to end meanwhile.
    """
    started = monotonic()
    yield
    rest = min(max(monotonic() - started, _SHORTEST_REST), _LONGEST_REST)
    if (STOPPING.get() or Event()).wait(rest):
        raise StoppedError("stopped before the end: what is left is done at the next start")
