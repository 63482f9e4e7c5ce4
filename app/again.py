"""Judges past visits again: from networks that people declared, accepted or rejected, and those given to an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from app import again_queries as queries
from app.locks import giving_way, visit_builder
from app.pipeline import Pipeline
from core.database import chunks, reading, writing
from core.domain import VisitId
from core.log import logger

LOOK_BACK = timedelta(days=30)
"""How old a visit may be; in practice its address is gone before, and without one nothing new can be known of it."""

LOOK_AT_ONCE = 5_000
MOST = 5_000
"""Visits judged per round, the newest first; the older ones of a larger network stay as they are."""

JUDGE_AT_ONCE = 100
"""Few enough that a new page view waits for less than half a second."""

_log = logger("again")


def judge_again(engine: Engine, line: Pipeline, catch_up: Callable[[], None], now: datetime) -> int:
    """Judge the visits of all networks that wait, and those that wait by themselves; return how many were judged.

    `catch_up` makes the line know what the database says now. Visits that are history are told to nobody: the line
    decides as ever. Killed half-way, it begins anew: judging again is harmless.
    """
    with reading(engine) as connection:
        networks, given = queries.wanted(connection), queries.wanted_visits(connection)
    if not networks and not given:
        return 0
    catch_up()
    inside = _visits(engine, networks, now) if networks else []
    ids = list(dict.fromkeys((*given, *inside)))
    alerts = 0
    for some in chunks(ids, JUDGE_AT_ONCE):
        with giving_way(), visit_builder(engine):
            alerts += len(line.rejudge(some).alerts)
    with writing(engine) as connection:
        queries.done(connection, networks)
        queries.done_visits(connection, given)
    _log.info(
        "people spoke of networks or visits: judged again", networks=len(networks), visits=len(ids), alerts=alerts
    )
    return len(ids)


def _visits(engine: Engine, networks: dict[str, str], now: datetime) -> list[VisitId]:
    found: list[VisitId] = []
    until: tuple[datetime, str] | None = (now + timedelta(days=1), "")
    while until is not None and len(found) < MOST:
        with reading(engine) as connection:
            some, until = queries.visits_inside(connection, networks, now - LOOK_BACK, until, LOOK_AT_ONCE)
        found += some
    return found[:MOST]
