"""START HERE: where the three stages meet. Page views in; visits, judgements and alerts out, in one transaction.

Look first, decide next, write once: questions to the database are asked per batch, judgement is per visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

import alerts.store
import enrichment.store
import tracker.store
from alerts.decide import grow, not_worth_telling
from alerts.notices import store as notice_store
from alerts.notices.notice import Notice
from alerts.throttle import is_history
from app.batch_facts import Facts, with_segments
from app.known import Known, is_taken_away, lookups
from app.learned import observed
from app.parts import Parts
from app.speaking import speak
from app.withdrawal import withdraw
from core.alerting import Alert, Silence
from core.database import reading, writing
from core.domain import (
    AccountId,
    Dormancy,
    Drop,
    PageView,
    PageViewId,
    Signal,
    State,
    Visit,
    VisitId,
    VisitorId,
)
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy.states import Standing
from enrichment.enrich import Lookups, Recognised, assess, identify
from enrichment.intent.scoring import past_of
from enrichment.network.learned import store as learned_store
from enrichment.store import Judgement
from tracker.hits import Tally
from tracker.sessions import carried_over, forms_visit, join
from tracker.site_store import snippet_seen

TOGETHER = timedelta(hours=24)
"""Visitors of one account within this span are told of together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Hits to work off together, and what to commit with their results."""

    views: Sequence[PageView]
    yesterday: Mapping[PageViewId, VisitorId] = field(default_factory=dict)
    """Whom a view would have been the day before, while that day's salt lives."""
    tallies: Sequence[Tally] = ()
    """Counts of hits that were refused at the edge without being kept."""
    offsets: Mapping[str, int] = field(default_factory=dict)
    """How far the buffer was read for this batch."""
    read_from: Mapping[str, int] | None = None
    """How far it had been worked off before; when that has changed meanwhile, nothing of the batch is written."""
    is_live: bool = False
    """Whether the views come from snippets at work now, and not from a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a batch led to."""

    hits: int
    new_hits: int
    visits: tuple[Judgement, ...]
    alerts: tuple[Alert, ...]


class Pipeline:
    """The line from page views to alerts. One batch at a time; the caller holds the builder's lock."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def get_ready(self) -> None:
        """Load what takes long: the first batch needn't wait for it."""
        self._parts.known()

    def run(self, batch: Batch) -> Result:
        """Judge the batch and write everything that follows from it in one transaction."""
        parts = self._parts
        known, now = parts.known(), parts.clock()
        forming = [view for view in batch.views if forms_visit(view)]
        others = [view for view in batch.views if not forms_visit(view)]
        with reading(parts.engine) as connection:
            stored = tracker.store.known_views(connection, [view.id for view in forming])
            fresh = [
                view for view in forming if view.engaged_ms > stored.get(view.id, -1) or view.clues or view.refused
            ]
            before = _open_visits(connection, fresh, batch.yesterday)
            joined = join(before, carried_over(before, fresh, batch.yesterday))
            visits = [_not_in_future(visit, now) for visit in joined]
            judged, told, grown, woken, news = self._judge(connection, visits, known, now)
        told = _with_receipt(told, judged, fresh)
        with writing(parts.engine) as connection:
            self._save(connection, (judged, told, grown, woken, news), before, known, now)
            new = [view for view in fresh if view.id not in stored]
            new += tracker.store.save_dropped(connection, others)
            tracker.store.count(connection, new)
            for tally in batch.tallies:
                tracker.store.count_refused(connection, tally.received_at, tally.counts)
            if batch.is_live:
                snippet_seen(connection, {view.site for view in batch.views}, now)
            tracker.store.commit_offsets(connection, batch.offsets, batch.read_from)
        return Result(
            hits=len(batch.views), new_hits=len({view.id for view in new}), visits=tuple(judged), alerts=tuple(told)
        )

    def rejudge(self, ids: Sequence[VisitId]) -> Result:
        """Judge stored visits again, because more is known of their networks now; may be called any number of times.

        Only visits whose address is still there: without it less would be known than before. Visits, views and counts
        stay as they are; what was told grows, and what can be told now is.
        """
        parts = self._parts
        known, now = parts.known(), parts.clock()
        known.networks.refresh()
        with reading(parts.engine) as connection:
            visits = [visit for visit in tracker.store.visits_by_ids(connection, ids) if visit.ip]
            judged, told, grown, woken, news = self._judge(connection, visits, known, now)
        told = _with_receipt(told, judged, [view for visit in visits for view in visit.views])
        with writing(parts.engine) as connection:
            self._save(connection, (judged, told, grown, woken, news), visits, known, now)
        return Result(hits=0, new_hits=0, visits=tuple(judged), alerts=tuple(told))

    def _save(
        self,
        connection: Connection,
        results: tuple[
            Sequence[Judgement], Sequence[Alert], Sequence[Alert], Sequence[Dormancy], Sequence[tuple[Alert, Notice]]
        ],
        before: Sequence[Visit],
        known: Known,
        now: datetime,
    ) -> None:
        """Write what `_judge` returned: visits, judgements, alerts, states, what is new for alerts' threads."""
        judged, told, grown, woken, news = results
        parts = self._parts
        prefixes = {item.visit.id: seen.prefix for item in judged if (seen := item.outcome.seen.network)}
        visits = [item.visit for item in judged]
        tracker.store.save(connection, visits, prefixes, parts.secret, before=before, keep_address=parts.keep_address)
        enrichment.store.save_judgements(connection, judged)
        proving = [item for item in judged if not is_taken_away(item.outcome, known)]
        learned_store.observe(connection, observed(proving, parts.secret), now)
        dormancy_store.save_states(connection, woken, now)
        withdraw(connection, [visit.id for visit in before], now)  # nothing was said of others yet
        for alert in told:
            alerts.store.save(connection, (alert,), parts.channels(alert.site), now)
        for alert in grown:
            alerts.store.save_grown(connection, alert, now)
        for alert, notice in news:
            if not alerts.store.is_wrong(connection, alert.id):
                notice_store.save(connection, notice, parts.channels(alert.site), now)

    def _judge(
        self, connection: Connection, visits: Sequence[Visit], known: Known, now: datetime
    ) -> tuple[list[Judgement], list[Alert], list[Alert], list[Dormancy], list[tuple[Alert, Notice]]]:
        """Judge the visits: (judgements, new alerts, alerts that have grown, accounts that were woken, milestones)."""
        look = lookups(known, self._parts.digest_point)
        in_order = sorted(visits, key=lambda visit: visit.last_at)
        found = with_segments(connection, [(visit, identify(visit, look)) for visit in in_order])
        recognised = [item for _, item in found if isinstance(item, Recognised)]
        facts = Facts(connection, recognised, self._parts.rules().scoring)
        judged: list[Judgement] = []
        told: list[Alert] = []
        grown: list[Alert] = []
        for visit, item in found:
            if isinstance(item, Drop):
                judged.append(Judgement(visit=visit, outcome=item))
                continue
            judgement, alert, is_new = self._tell(item, look, facts, known, now)
            judged.append(judgement)
            if alert is not None:
                (told if is_new else grown).append(alert)
        waking = [item for item in judged if not is_taken_away(item.outcome, known)]
        return judged, told, grown, _woken(waking, facts.standings, now), facts.news

    def _tell(
        self, found: Recognised, look: Lookups, facts: Facts, known: Known, now: datetime
    ) -> tuple[Judgement, Alert | None, bool]:
        """Assess one recognised visit and decide whether somebody should know: (judgement, alert, is it new?)."""
        parts, account = self._parts, found.account.id
        rules = parts.rules()
        others = facts.others(account, found.visit)
        look = replace(
            look,
            activities=lambda key: facts.activities.get(key, ()),
            usage=facts.usage.get,
            history=facts.history,
            past=lambda _key: others,
        )
        signal = assess(found, look, rules, found.visit.last_at)
        own = past_of(found.visit, rules.scoring)
        facts.remember(account, own)
        judged = Judgement(visit=found.visit, outcome=signal, own_points=own.own_points, held=own.held)
        before = facts.alert_of.get(found.visit.id)
        is_told = before is not None and before.account == account
        if not is_told and (unworthy := not_worth_telling(signal)):
            return replace(judged, silence=unworthy), None, False
        briefing = facts.briefing(signal)
        if before and is_told:
            facts.tell_in_thread(before, signal, briefing)
            return judged, grow(before, signal, briefing), False
        said = speak(found, signal, briefing, facts, known, parts, now)
        if said is Silence.COOL_DOWN and not is_history(found.visit, now) and (last := facts.told(account)):
            facts.tell_in_thread(last, signal, briefing)
        if isinstance(said, Alert):
            facts.said[account] = said
            if said.backfill:
                facts.last_backfill[account] = said.at
            return judged, said, True
        return replace(judged, silence=said), None, False


def _with_receipt(told: Sequence[Alert], judged: Sequence[Judgement], fresh: Sequence[PageView]) -> list[Alert]:
    """The alerts with when their visit's newest hit reached us; a page view keeps only when its first one did."""
    heard: dict[PageViewId, datetime] = {}
    for view in fresh:
        heard[view.id] = max(view.received_at, heard.get(view.id, view.received_at))
    views = {item.visit.id: item.visit.views for item in judged}
    return [
        replace(alert, received_at=max((heard[one.id] for one in views[alert.visit] if one.id in heard), default=None))
        for alert in told
    ]


def _not_in_future(visit: Visit, now: datetime) -> Visit:
    """The visit, ended by `now`. Where the first beacon was lost, or in the demo's quick time, its reading would end
    later than that, and what is judged as of the future is shown nowhere."""
    return replace(visit, last_at=max(visit.started_at, now)) if visit.last_at > now else visit


def _woken(judged: Sequence[Judgement], standings: Mapping[AccountId, Standing], now: datetime) -> list[Dormancy]:
    """The dormant accounts that a qualified visit has woken, as of that visit.

    Never as of later than `now`: where a visit's first beacon was lost, its reading time counts from its arrival on.
    News isn't as of earlier than the account's last judgement: that would be history, and change nothing.
    """
    woken: list[Dormancy] = []
    for signal in (item.outcome for item in judged if isinstance(item.outcome, Signal)):
        if not (signal.qualified and signal.dormancy.dormant) or signal.dormancy.state is State.IN_CONTACT:
            continue
        as_of, standing = signal.at, standings.get(signal.account.id)
        if standing and not is_history(signal.visit, now):
            as_of = max(as_of, standing.judged_at)
        woken.append(replace(signal.dormancy, state=State.AWAKE, as_of=min(as_of, now)))
    return woken


def _open_visits(
    connection: Connection, views: Sequence[PageView], yesterday: Mapping[PageViewId, VisitorId]
) -> list[Visit]:
    """The visits that these views may join or lengthen."""
    if not views:
        return []
    keys = {(view.site, view.visitor) for view in views}
    keys |= {(view.site, yesterday[view.id]) for view in views if view.id in yesterday}
    around = (min(view.at for view in views), max(view.at for view in views))
    return tracker.store.open_visits(connection, keys, around, holding=[view.id for view in views])
