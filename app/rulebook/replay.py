"""The line's own functions over stored visits, as of each moment of them; nothing is written and nobody is told.

Visits grow page by page as they did; whose a visit is stays as it was judged. Several rulebooks are replayed in one
pass, each with its own memory of what it said.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

import alerts.reps.store
import tracker.store
from alerts.decide import Context, decide
from alerts.policy import AlertPolicy, roster_of
from alerts.reps.hours import local_day
from alerts.reps.rep import Rep, Roster
from alerts.routing import Asked, route
from alerts.throttle import LastAlert, Restraint
from app.rulebook import queries_replay as queries
from app.signed import DEMO_SITE
from core.alerting import Alert, Briefing, PurchaseFacts
from core.database import chunks, reading
from core.domain import Account, AccountId, Activity, Identification, Network, PageView, Signal, Visit, VisitId
from enrichment.account import store as account_store
from enrichment.account.purchases import purchase_facts
from enrichment.dormancy.usage import UsageWeek
from enrichment.dormancy.usage_queries import usage_of
from enrichment.enrich import Lookups, Recognised, Rules, assess
from enrichment.intent import store as intent_store
from enrichment.intent.history import PastVisit
from enrichment.intent.scoring import past_of
from tracker.sessions import ended

AT_ONCE = 200
"""Visits read in one transaction: nobody waits for a long one."""
MOST_PAGES = 40
"""Pages of one visit after which only its end is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All rules that decide whether to speak."""

    rules: Rules
    policy: AlertPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What decides beside the rules."""

    cool_down: timedelta
    zone: ZoneInfo
    alert_point: float


@dataclass(slots=True)
class Memory:
    """What one rulebook has said so far, and what visits were worth by it."""

    book: Book
    roster: Roster
    said: list[tuple[Alert, Signal]] = field(default_factory=list)
    told: dict[AccountId, list[Alert]] = field(default_factory=lambda: defaultdict(list))
    of_rep: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    past: dict[AccountId, dict[VisitId, PastVisit]] = field(default_factory=lambda: defaultdict(dict))
    done: set[VisitId] = field(default_factory=set)


@dataclass(slots=True)
class _World:
    """What is known of the accounts met so far."""

    made: Mapping[VisitId, queries.Made]
    snoozed: Mapping[AccountId, Sequence[tuple[datetime, datetime]]]
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    activities: dict[AccountId, Sequence[Activity]] = field(default_factory=dict)
    usage: dict[AccountId, Sequence[UsageWeek]] = field(default_factory=dict)
    moves: dict[AccountId, queries.Moves] = field(default_factory=dict)


def replay(
    engine: Engine,
    books: Sequence[Book],
    setting: Setting,
    since: datetime,
    until: datetime,
    progress: Callable[[int, int], bool] = lambda _done, _all: True,
) -> tuple[list[Memory], int, datetime | None]:
    """Replay the visits of a span by each of `books`: (what each said, visits replayed, how far it came).

    `progress` is told (visits done, of how many) and stops the replay by answering False; then the third value is
    the start of the first visit left out, else None.
    """
    with reading(engine) as connection:
        ids = queries.recognised_visits(connection, since, until)
        made = queries.alerts_made(connection, since - setting.cool_down, until)
        entries = alerts.reps.store.entries(connection)
    world = _World(made=made, snoozed=_snoozes(made))
    memories = [Memory(book, roster_of(entries, book.policy, setting.zone)) for book in books]
    waiting: list[tuple[datetime, str, int, Recognised]] = []
    done = 0
    for some in chunks(ids, AT_ONCE):
        with reading(engine) as connection:
            found = _recognised(connection, some, world, memories)
        starts = min((one.visit.started_at for one in found), default=until)
        if not progress(done, len(ids)):
            return memories, done, starts
        _work_off(waiting, starts, world, memories, setting)
        for one in found:
            for number, step in enumerate(_steps(one.visit)):
                heapq.heappush(waiting, (step.last_at, step.id, number, replace(one, visit=step)))
        done += len(some)
    _work_off(waiting, None, world, memories, setting)
    progress(done, len(ids))
    return memories, done, None


def _recognised(
    connection: Connection, ids: Sequence[VisitId], world: _World, memories: Sequence[Memory]
) -> list[Recognised]:
    judged = queries.judged(connection, ids)
    _meet(connection, {one.account for one in judged.values()}, world)
    found = []
    for visit in tracker.store.visits_by_ids(connection, list(judged)):
        one = judged[visit.id]
        if one.account in world.accounts and visit.views:
            account = world.accounts[one.account]
            confidence = 0.0 if one.is_wrong_for_owner else one.confidence
            found.append(Recognised(visit=visit, account=account, confidence=confidence, seen=Identification()))
    fresh = {one.account.id: one for one in reversed(found) if one.account.id not in memories[0].past}
    for memory in memories:
        horizon = timedelta(days=memory.book.rules.scoring.horizon_days)
        asked = [
            intent_store.Asked(account=key, visit=first.visit.id, at=first.visit.started_at)
            for key, first in fresh.items()
        ]
        before = intent_store.past_visits(connection, asked, horizon)
        for key, first in fresh.items():
            memory.past[key] = {past.id: past for past in before.get(first.visit.id, ())}
    return found


def _meet(connection: Connection, ids: Collection[AccountId], world: _World) -> None:
    new = sorted(ids - world.accounts.keys())
    world.accounts.update(account_store.accounts_by_id(connection, new))
    world.activities.update(account_store.activities_of(connection, new))
    world.usage.update(usage_of(connection, new))
    world.moves.update(queries.moves_of(connection, new))


def _steps(visit: Visit) -> Iterator[Visit]:
    """Yield the visit as it was when each page was opened and when it had been read, the last time at its end."""
    views = sorted(visit.views, key=lambda view: (view.at, view.id))
    for place, view in enumerate(views):
        is_last = place == len(views) - 1
        if place >= MOST_PAGES and not is_last:
            continue
        before = tuple(views[:place])
        if view.engaged_ms:
            yield _grown(visit, (*before, replace(view, engaged_ms=0)))
        yield visit if is_last else _grown(visit, (*before, view))


def _grown(visit: Visit, views: tuple[PageView, ...]) -> Visit:
    last_at = max(ended(view) for view in views)
    return replace(visit, views=views, last_at=last_at, received_at=max(view.received_at for view in views))


def _work_off(
    waiting: list[tuple[datetime, str, int, Recognised]],
    before: datetime | None,
    world: _World,
    memories: Sequence[Memory],
    setting: Setting,
) -> None:
    while waiting and (before is None or waiting[0][0] < before):
        found = heapq.heappop(waiting)[3]
        for memory in memories:
            _judge(found, world, memory, setting)


def _judge(found: Recognised, world: _World, memory: Memory, setting: Setting) -> None:
    visit, account = found.visit, found.account.id
    others = [past for key, past in memory.past[account].items() if key != visit.id and past.at <= visit.last_at]
    memory.past[account][visit.id] = past_of(visit, memory.book.rules.scoring)
    if visit.id in memory.done:
        return
    now = max(visit.last_at, *(view.received_at for view in visit.views))
    signal = assess(found, _lookups(world, others, visit), memory.book.rules, visit.last_at)
    if signal.kind is None or not signal.qualified:
        return
    said = decide(signal, *_context(signal, world, memory, setting, now), now)
    if isinstance(said, Alert):
        memory.done.add(visit.id)
        memory.said.append((said, signal))
        memory.told[account].append(said)
        if said.to and said.hold is None and not said.backfill and visit.site != DEMO_SITE:
            memory.of_rep[said.to].append(now)


def _lookups(world: _World, others: Sequence[PastVisit], visit: Visit) -> Lookups:
    def unasked(_ip: str) -> Network:
        raise AssertionError("a replay identifies nobody")

    return Lookups(
        network=unasked,
        match=lambda _company, _by_clue: None,
        rejected=lambda _ip: frozenset(),
        activities=lambda key: world.activities.get(key, ()),
        usage=world.usage.get,
        history=lambda key: world.moves[key].at(visit.started_at) if key in world.moves else None,
        past=lambda _key: others,
    )


def _context(
    signal: Signal, world: _World, memory: Memory, setting: Setting, now: datetime
) -> tuple[Briefing, Context]:
    account, policy = signal.account, memory.book.policy
    bought: PurchaseFacts = purchase_facts(world.activities.get(account.id, ()), signal.visit.started_at)
    told = [one for one in memory.told[account.id] if not _was_wrong(world.made.get(one.visit), now)]
    news, history = [one for one in told if not one.backfill], [one for one in told if one.backfill]
    asked = Asked(
        account=account,
        at=now,
        product=signal.line or bought.last_product,
        value=bought.lifetime,
        told_today={email: _today(memory, memory.roster.rep(email), now) for email in memory.of_rep},
    )
    routed = route(asked, memory.roster, policy.routes)
    rep = memory.roster.rep(routed.to) if routed.to else None
    is_demo = signal.visit.site == DEMO_SITE
    restraint = Restraint(is_exempt=is_demo, rep=rep, told_today=_today(memory, rep, now) if rep else 0)
    hours = policy.cool_down_hours
    last = max(news, key=lambda one: one.at, default=None)
    return Briefing(purchases=bought), Context(
        last_alert_at=last.at if last else None,
        last_alert=LastAlert(at=last.at, score=last.score, rule=last.rule, kind=last.kind) if last else None,
        last_backfill_at=max((one.at for one in history), default=None),
        cool_down=setting.cool_down if hours is None else timedelta(hours=hours),
        again=policy.again,
        alert_point=setting.alert_point,
        zone=setting.zone,
        needed_points=memory.book.rules.scoring.threshold,
        snoozed_until=max(
            ((at, end) for at, end in world.snoozed.get(account.id, ()) if at <= now), default=(now, None)
        )[1],
        routed=routed,
        restraint=restraint,
    )


def _today(memory: Memory, rep: Rep, now: datetime) -> int:
    day = local_day(rep.hours, now)
    return sum(local_day(rep.hours, at) == day for at in memory.of_rep.get(rep.email, ()))


def _was_wrong(made: queries.Made | None, now: datetime) -> bool:
    return made is not None and any(one.kind == "wrong_company" and one.at <= now for one in made.said)


def _snoozes(made: Mapping[VisitId, queries.Made]) -> Mapping[AccountId, Sequence[tuple[datetime, datetime]]]:
    found: dict[AccountId, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in made.values():
        found[one.account] += [(said.at, said.until) for said in one.said if said.kind == "snoozed" and said.until]
    return found
