"""The second pass: asks registries and the DNS about visitors' addresses, and judges their visits again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from app import remote_queries
from app.locks import visit_builder
from app.pipeline import Pipeline
from app.remote_queries import SeenVisit
from core.alerting import Alert
from core.clock import Clock
from core.database import AWAY, reading, writing
from core.domain import VisitId
from core.log import logger
from enrichment.network.addresses import not_public, parse_address
from enrichment.network.remote import store
from enrichment.network.remote.asker import DNS, Asker, Round
from enrichment.network.remote.registries import Bootstrap
from enrichment.network.remote.store import StoredHost, StoredRange, Wanted
from enrichment.network.remote.worth import worth
from enrichment.network.resolvers.rdns import RdnsResolver
from enrichment.network.resolvers.registry import RegistryResolver

LOOK_AT_ONCE = 2_000
"""Visits looked at in one step."""
OVERLAP = timedelta(seconds=2)
LOOK_BACK = timedelta(minutes=15)
LOOK_BACK_EVERY = timedelta(minutes=5)
JUDGE_AT_ONCE = 100
"""Visits judged again in one transaction: short, since new visits wait for it."""

_log = logger("second-pass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step did."""

    looked_at: int
    queued: int
    round: Round
    judged_again: int
    alerts: tuple[Alert, ...]

    @property
    def is_idle(self) -> bool:
        return not (self.looked_at or self.round.asked)


class SecondPass:
    """Works beside the line: nothing of it is in the way of a hit. Any number of processes may do so at once."""

    def __init__(
        self,
        engine: Engine,
        asker: Asker,
        pipeline: Pipeline,
        *,
        registries: RegistryResolver,
        hosts: RdnsResolver,
        bootstrap: Bootstrap,
        keep_addresses: timedelta,
        clock: Clock,
        is_askable: Callable[[str], bool] | None = None,
    ) -> None:
        """`registries` and `hosts` are this pass's own view of what was answered. `is_askable` says of an address
        whether anybody outside may be asked about it; by default that is any public address.
        """
        self._engine = engine
        self._asker = asker
        self._pipeline = pipeline
        self._registries = registries
        self._hosts = hosts
        self._bootstrap = bootstrap
        self._keep = keep_addresses
        self._clock = clock
        self._is_askable = is_askable or _is_public
        self._seen_until: tuple[datetime, str] | None = None
        self._look_back_at = clock()
        self._just_seen: set[tuple[VisitId, datetime]] = set()
        self._pending: list[VisitId] = []
        self._failures = 0

    def step(self, most: int | None = None) -> Step:
        """Look for new visits, ask once around (at most `most` addresses), and judge again whatever got news."""
        self._registries.refresh()
        self._hosts.refresh()
        looked_at, queued = self._look()
        done = self._asker.round(most)
        if done.news:
            with reading(self._engine) as connection:
                self._pending += remote_queries.visits_of(connection, done.news, self._clock() - self._keep)
        judged, alerts = self._judge_again()
        return Step(looked_at=looked_at, queued=queued, round=done, judged_again=judged, alerts=tuple(alerts))

    def _look(self) -> tuple[int, int]:
        """Put the addresses of visits that came since the last look into the queue."""
        now = self._clock()
        if self._seen_until is None or now >= self._look_back_at:
            # Visits of a backlog, or of a log being imported, may be written after newer ones.
            start = now - self._keep if self._seen_until is None else self._seen_until[0] - LOOK_BACK
            self._seen_until, self._look_back_at = (start, ""), now + LOOK_BACK_EVERY
        since = self._seen_until
        with reading(self._engine) as connection:
            visits = remote_queries.recent_visits(connection, since, LOOK_AT_ONCE)
        fresh = [visit for visit in visits if (visit.id, visit.received_at) not in self._just_seen]
        if visits and len(visits) == LOOK_AT_ONCE:
            self._seen_until = (visits[-1].received_at, visits[-1].id)
        elif visits:  # others of the same moments may be on their way into the database
            self._seen_until = (max(visits[-1].received_at - OVERLAP, since[0]), "")
        self._just_seen = {(visit.id, visit.received_at) for visit in visits}
        wanted = self._wanted(fresh, now)
        if not wanted:
            return len(fresh), 0
        with writing(self._engine) as connection:
            return len(fresh), store.want(connection, wanted)

    def _wanted(self, visits: Sequence[SeenVisit], now: datetime) -> list[Wanted]:
        found: dict[tuple[str, str], Wanted] = {}
        for visit in visits:
            if not self._is_askable(visit.address):
                continue
            for source in self._asker.sources:
                item = self._wanted_of(visit, source, now)
                if item is None:
                    continue
                before = found.get((source, item.address))
                total = item.worth + (before.worth if before else 0.0)
                found[source, item.address] = replace(item, worth=round(total, 3))
        return list(found.values())

    def _wanted_of(self, visit: SeenVisit, source: str, now: datetime) -> Wanted | None:
        address = visit.address
        known: StoredRange | StoredHost | None = None
        known = self._registries.answer(address) if source == "rdap" else self._hosts.answer(address)
        if known is not None and now < known.fresh_until:
            says_something = known.found if isinstance(known, StoredRange) else known.host is not None
            if says_something and source not in visit.sources:  # it came after the visit's judgement
                self._pending.append(visit.id)
            return None
        value = worth(replace(visit.seen, stale=known is not None))
        lane = DNS if source == "rdns" else self._bootstrap.registry(address)
        if not value or lane is None:
            return None
        return Wanted(source=source, address=address, lane=lane, worth=value, seen_at=visit.received_at)

    def _judge_again(self) -> tuple[int, list[Alert]]:
        ids = self._pending = list(dict.fromkeys(self._pending))
        alerts: list[Alert] = []
        size = JUDGE_AT_ONCE if self._failures == 0 else 1
        while self._pending:
            some = self._pending[:size]
            try:
                with visit_builder(self._engine):
                    alerts += self._pipeline.rejudge(some).alerts
            except AWAY:
                raise  # the same again, later
            except Exception:
                self._failures += 1
                if len(some) > 1:
                    raise
                _log.exception("a visit can't be judged again; it stays as it was judged", visit=some[0])
            self._pending = self._pending[size:]
        self._failures = 0
        if ids:
            _log.info("judged again", visits=len(ids), alerts=len(alerts))
        return len(ids), alerts


def _is_public(ip: str) -> bool:
    address = parse_address(ip)
    return address is not None and not_public(address) is None
