"""Chores as data: what is done how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from app import store
from app.locks import StoppedError
from core.database import reading, writing
from core.log import logger

_log = logger("jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One chore. `run` may be called twice for the same moment without harm; it returns a count for the log."""

    name: str
    every: timedelta
    run: Callable[[datetime], int]
    is_long: bool = False
    """Whether it goes over everything that there is: those that come each minute don't wait for it."""


def run_due(engine: Engine, jobs: tuple[Job, ...], now: datetime) -> list[str]:
    """Run each job whose last run lies `every` or longer ago; return the names of those that ran.

    One that fails is told of, comes again at the next call, and keeps no other from running.
    """
    ran: list[str] = []
    for job in jobs:
        fact = f"job:{job.name}"
        with reading(engine) as connection:
            last = store.fact(connection, fact)
        if last and datetime.fromisoformat(last) + job.every > now:
            continue
        try:
            count = job.run(now)
        except StoppedError:
            return ran
        except Exception:
            _log.exception("job failed", job=job.name)
            continue
        with writing(engine) as connection:
            store.set_fact(connection, fact, now.isoformat())
        _log.debug("job done", job=job.name, count=count)
        ran.append(job.name)
    return ran
