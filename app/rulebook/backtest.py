"""What rules would have done: a candidate's and those that act now, over the same stored visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import msgspec
from sqlalchemy import Engine

from app.rulebook import queries_replay as queries
from app.rulebook.replay import Book, Memory, Setting, replay
from core import clock
from core.alerting import Alert
from core.database import reading
from core.domain import AccountId, VisitId

DAYS = 30
MOST_DAYS = 90
"""Page views are kept for so long; what was seen before can't be judged anew."""
WARM_UP = timedelta(days=21)
"""Visits before the span that are replayed too: what they still count for, cool-downs, limits of a day."""
MOST_SECONDS = 60.0
MOST_LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """One alert of a replay."""

    account: str
    name: str
    visit: str
    at: datetime
    points: float
    rule: str
    to: str
    hold: str
    """Why it would have waited for the digest; empty: it would have been told at once."""
    history: bool
    """Found in a log that was imported later: shown, never sent."""
    outcome: str
    """What people made of the alert that was really made: `claimed`, `wrong`, `not useful`, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What one rep would get."""

    rep: str
    """An e-mail address; empty: the team's channel."""
    name: str
    per_week: float
    per_week_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one set of rules would have done."""

    fired: int
    at_once: int
    digest: int
    history: int
    claimed: int
    wrong: int
    not_useful: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """A candidate beside the rules that act now."""

    file: str
    since: datetime
    until: datetime
    days: float
    """The days of the span in which visits were recorded at all."""
    visits: int
    candidate: Side
    now: Side
    made: int
    """Alerts really made in the span."""
    appear: tuple[str, ...]
    """Accounts that would be told of and aren't now."""
    vanish: tuple[str, ...]
    volumes: tuple[Volume, ...]
    fires: tuple[Fire, ...]
    """What the candidate would have told, the newest first, at most 200."""
    seconds: float
    stopped_at: datetime | None = None
    """Where the time was up: later visits are left out."""


def back_test(
    engine: Engine,
    file: str,
    candidate: Book,
    acting: Book,
    setting: Setting,
    now: datetime,
    *,
    days: int = DAYS,
    most_seconds: float = MOST_SECONDS,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> BackTest:
    """Replay the last `days` days by both rulebooks. Only reads; stops after `most_seconds`."""
    started = clock.monotonic()
    since = now - timedelta(days=min(days, MOST_DAYS))

    def go_on(done: int, total: int) -> bool:
        progress(done, total)
        return clock.monotonic() - started < most_seconds

    memories, visits, stopped = replay(engine, (candidate, acting), setting, since - WARM_UP, now, go_on)
    until = min(now, stopped) if stopped else now
    sides = [_within(memory, since, until) for memory in memories]
    with reading(engine) as connection:
        made = queries.alerts_made(connection, since, until)
        first = queries.recorded_since(connection)
        names = queries.names_of(connection, {alert.account for side in sides for alert in side})
    span = (until - max(since, first or since)) / timedelta(days=1)
    new, old = ({alert.account for alert in side} for side in sides)
    return BackTest(
        file=file,
        since=since,
        until=until,
        days=round(max(span, 1.0), 1),
        visits=visits,
        candidate=_side(sides[0], made),
        now=_side(sides[1], made),
        made=len(made),
        appear=_named(new - old, names),
        vanish=_named(old - new, names),
        volumes=_volumes(sides, memories[0], max(span, 1.0)),
        fires=tuple(_fire(one, made, names) for one in sorted(sides[0], key=lambda one: one.at, reverse=True))[
            :MOST_LISTED
        ],
        seconds=round(clock.monotonic() - started, 2),
        stopped_at=stopped,
    )


def to_data(test: BackTest) -> Mapping[str, object]:
    """Return the test ready for JSON."""
    return cast("Mapping[str, object]", msgspec.to_builtins(test))


def from_data(data: Mapping[str, object]) -> BackTest:
    """Return a test that was kept."""
    return msgspec.convert(data, BackTest)


def _within(memory: Memory, since: datetime, until: datetime) -> list[Alert]:
    return [alert for alert, _ in memory.said if since <= alert.at <= until]


def _outcome(alert: Alert, made: Mapping[VisitId, queries.Made]) -> str:
    real = made.get(alert.visit)
    kinds = {one.kind for one in real.said} if real else set()
    if "wrong_company" in kinds:
        return "wrong"
    if kinds & queries.USEFUL:
        return "claimed"
    return "not useful" if "not_useful" in kinds else ""


def _side(said: Sequence[Alert], made: Mapping[VisitId, queries.Made]) -> Side:
    outcomes = Counter(_outcome(one, made) for one in said)
    history = sum(one.backfill for one in said)
    digest = sum(one.hold is not None for one in said)
    return Side(
        fired=len(said),
        at_once=len(said) - history - digest,
        digest=digest,
        history=history,
        claimed=outcomes["claimed"],
        wrong=outcomes["wrong"],
        not_useful=outcomes["not useful"],
    )


def _volumes(sides: Sequence[Sequence[Alert]], memory: Memory, days: float) -> tuple[Volume, ...]:
    counts = [Counter(one.to for one in side) for side in sides]
    found = [
        Volume(
            rep=rep,
            name=memory.roster.rep(rep).called if rep else "The team's channel",
            per_week=round(counts[0][rep] / days * 7, 2),
            per_week_now=round(counts[1][rep] / days * 7, 2),
        )
        for rep in {*counts[0], *counts[1]}
    ]
    return tuple(sorted(found, key=lambda one: (-one.per_week, -one.per_week_now, one.rep)))


def _fire(alert: Alert, made: Mapping[VisitId, queries.Made], names: Mapping[AccountId, str]) -> Fire:
    return Fire(
        account=alert.account,
        name=names.get(alert.account, alert.account),
        visit=alert.visit,
        at=alert.at,
        points=alert.score,
        rule=alert.rule,
        to=alert.to,
        hold=str(alert.hold or ""),
        history=alert.backfill,
        outcome=_outcome(alert, made),
    )


def _named(ids: Collection[AccountId], names: Mapping[AccountId, str]) -> tuple[str, ...]:
    return tuple(sorted(names.get(each, each) for each in ids))
