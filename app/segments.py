"""Keeps the members of saved segments up to date: at once where something happened, all accounts every few minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Engine

from app import store as facts
from app.locks import giving_way
from core.clock import monotonic
from core.database import chunks, reading, writing
from core.domain import AccountId
from core.log import logger
from enrichment.segments import store
from enrichment.segments.definitions import Segment, SegmentFile

EVERY = timedelta(minutes=5)
"""How often all accounts are looked at: days go by without anything happening."""

OVERLAP = timedelta(minutes=2)
"""How far each look reaches back behind the one before: visits are written a little after their moment."""

MOST_TOUCHED = 5_000
"""Where more accounts than that were touched, all are looked at: that is then the cheaper question."""

MOST_SECONDS = 10.0
"""How long one call may look at all accounts; the segments that waited longest come first, the others next time."""

_LOOKED_AT = "segments:looked_at"
_AT_ONCE = 500
"""Changes written in one transaction: few enough that a page view need not wait for them."""

_log = logger("segments")


def refresh_segments(engine: Engine, file: SegmentFile, now: datetime, *, most_seconds: float = MOST_SECONDS) -> int:
    """Bring the members of all segments up to date with what happened until `now`; return how many came or went.

    Accounts that visited, were judged or imported since the last call are looked at in each call. All accounts are
    looked at for a segment that is new or was changed, and for each every `EVERY`.
    """
    with reading(engine) as connection:
        before = store.evaluations(connection)
        looked = facts.fact(connection, _LOOKED_AT)
        since = datetime.fromisoformat(looked) - OVERLAP if looked else None
        touched = sorted(store.touched(connection, since)) if since and before else []
    by_name = {one.name: one for one in file.segment}
    for gone in sorted(set(before) - set(by_name)):
        with writing(engine) as connection:
            store.forget_segment(connection, gone, now)
    all_due = len(touched) > MOST_TOUCHED
    due = [one for one in file.segment if all_due or _is_due(before.get(one.name), one, now)]
    done, changed = _look_at_all(engine, due, before, now, most_seconds)
    if not all_due:
        others = [one for one in file.segment if one.name not in done and one.name in before]
        changed += _look_at(engine, others, touched, now)
    with writing(engine) as connection:
        facts.set_fact(connection, _LOOKED_AT, now.isoformat())
    return changed


def definition_of(segment: Segment) -> str:
    """Return a hash of what decides who is in a segment; its description doesn't."""
    return hashlib.sha256(msgspec.json.encode((segment.all, segment.any, segment.none))).hexdigest()


def _is_due(before: store.Evaluation | None, segment: Segment, now: datetime) -> bool:
    return before is None or before.definition != definition_of(segment) or before.at + EVERY <= now


def _look_at_all(
    engine: Engine, due: Sequence[Segment], before: Mapping[str, store.Evaluation], now: datetime, most_seconds: float
) -> tuple[set[str], int]:
    """Look at all accounts for these segments, as far as the time allows: (names of those, how many came or went)."""
    started, number, done = monotonic(), 0, set[str]()
    fresh = {one.name for one in due if one.name not in before or before[one.name].definition != definition_of(one)}
    waiting = sorted(due, key=lambda one: (one.name not in fresh, before[one.name].at if one.name in before else now))
    for segment in waiting:
        if done and monotonic() - started > most_seconds:
            _log.info("segments wait for the next look", waiting=len(waiting) - len(done))
            break
        with giving_way(), reading(engine) as connection:
            found = store.changes(connection, segment, now)
        number += _save(engine, replace(found, by_definition=segment.name in fresh), now)
        with writing(engine) as connection:
            store.evaluated(
                connection, store.Evaluation(segment=segment.name, definition=definition_of(segment), at=now)
            )
        done.add(segment.name)
    return done, number


def _look_at(engine: Engine, segments: Sequence[Segment], touched: Sequence[AccountId], now: datetime) -> int:
    number = 0
    for part in chunks(touched):
        with giving_way(), reading(engine) as connection:
            found = [store.changes(connection, segment, now, part) for segment in segments]
        number += sum(_save(engine, one, now) for one in found)
    return number


def _save(engine: Engine, found: store.Changes, now: datetime) -> int:
    """Keep changes, a part at a time, so that nobody waits long for the database."""
    number = 0
    for came in chunks(found.entered, _AT_ONCE):
        with giving_way(), writing(engine) as connection:
            number += store.save(connection, replace(found, entered=tuple(came), left=()), now)
    for left in chunks(found.left, _AT_ONCE):
        with giving_way(), writing(engine) as connection:
            number += store.save(connection, replace(found, entered=(), left=tuple(left)), now)
    return number
