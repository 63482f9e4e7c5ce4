"""Settings → working parts; the only module that knows them all."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from alerts.channels.protocol import Channel
from alerts.channels.registry import channel_names as named_channels
from alerts.channels.registry import make_channels
from alerts.deliveries.store import DeliveryQueue
from alerts.outbox import Outbox
from alerts.policy import AlertPolicy
from app import again, privacy, remote_parts, signed, uploads
from app.digests.chore import Office, send_due
from app.follow_up.chore import follow_up
from app.jobs import Job
from app.known import Known
from app.learned import LearnedMap
from app.outlook import fit_imported
from app.parts import Parts
from app.pipeline import Pipeline
from app.rulebook.live import LiveRules, read_once, read_policy_once, read_segments_once
from app.segments import refresh_segments
from app.set_aside import SetAside
from app.signed import DEMO_SITE
from app.slack.clicks import Clicks
from app.slack.listening import Listening
from app.slack.people import People
from app.states import refresh_due, refresh_states, refresh_values
from app.worker import Worker
from core import clock, ids
from core.clock import Clock
from core.database import open_engine, reading
from core.domain import Account, SiteId
from core.errors import InputError
from core.log import logger
from core.settings import Settings
from core.signing import keyed_hash
from enrichment.account import store as account_store
from enrichment.account.discovery import store as discovery_store
from enrichment.account.hierarchy import with_owners
from enrichment.account.match import AccountIndex
from enrichment.company import store as correction_store
from enrichment.company.corrections import Corrections
from enrichment.enrich import Rules
from enrichment.network import store as network_store
from enrichment.network.lookup import NetworkLookup
from enrichment.network.protocol import Resolver
from enrichment.network.resolvers.declared import DeclaredResolver
from enrichment.network.resolvers.discovered import DiscoveredResolver
from enrichment.network.resolvers.mmdb import MmdbResolver
from enrichment.segments.definitions import SegmentFile
from tracker.buffer.protocol import BufferReader
from tracker.buffer.registry import open_reader

_PREVIEW = ("preview",)

_log = logger("wiring")

SLOW_SECONDS = 0.5
"""What takes longer to read anew is read beside the line: tens of thousands of accounts take seconds."""

LOOK_AGAIN_SECONDS = 1.0
"""How stale accounts, declared networks and corrections may be in a running worker."""


def engine(settings: Settings) -> Engine:
    """Open the database of these settings."""
    return open_engine(settings.database_url)


def rules(settings: Settings, engine: Engine | None = None) -> Rules:
    """Return the rules that act now; without an engine, those of the folder of rules or the built-in ones."""
    return read_once(engine, settings.rules_dir)


def policy(settings: Settings, engine: Engine | None = None) -> AlertPolicy:
    """Return when to speak and to whom, as it is now; without an engine, the folder's or the built-in policy."""
    return read_policy_once(engine, settings.rules_dir)


def segments(settings: Settings, engine: Engine | None = None) -> SegmentFile:
    """Return the saved segments as they are defined now; without an engine, the folder's or the built-in ones."""
    return read_segments_once(engine, settings.rules_dir)


class KnownCache:
    """Keeps networks, accounts and corrections in memory, and loads them anew when the database has newer ones."""

    def __init__(self, settings: Settings, engine: Engine, now: Clock = clock.now) -> None:
        self._settings = settings
        self._engine = engine
        self._files = network_files(settings)
        self._mmdb = MmdbResolver(self._files)
        self._registries = remote_parts.registry_resolver(engine)
        self._hosts = remote_parts.rdns_resolver(settings, engine)
        self.learned = LearnedMap(settings.secret)
        self._now = now
        self._lock = threading.Lock()
        self._known: Known | None = None
        self._resolvers: tuple[Resolver, ...] = ()
        self._version = ""
        self._looked_at = float("-inf")
        self._took = 0.0
        self._beside: threading.Thread | None = None

    def __call__(self) -> Known:
        """Return the newest known; asks the database at most once a second.

        Where making it anew takes long (many accounts, much learned), that is done beside the line, which goes on with
        what it has.
        """
        with self._lock:
            due = self._known is None or clock.monotonic() - self._looked_at > LOOK_AGAIN_SECONDS
            if due and not (self._beside and self._beside.is_alive()):
                if self._known is None or not (self._took >= SLOW_SECONDS or self.learned.is_large):
                    self._refresh()
                else:
                    self._beside = threading.Thread(target=self._refresh_beside, name="known", daemon=True)
                    self._looked_at, before = clock.monotonic(), self._known
                    self._beside.start()
                    return before
                self._looked_at = clock.monotonic()
            assert self._known is not None
            return self._known

    def catch_up(self) -> None:
        """Know what the database says now, before returning: for chores; the line itself never waits."""
        if beside := self._beside:
            beside.join()  # it may have looked before
        with self._lock:
            self._looked_at = float("-inf")
        self()
        if beside := self._beside:
            beside.join()

    def _refresh_beside(self) -> None:
        try:
            self._refresh()
        except Exception as error:
            _log.error("accounts and networks can't be read anew; the line goes on with the old", why=str(error))

    def _refresh(self) -> None:
        started = clock.monotonic()
        self._look_for_files()
        with reading(self._engine) as connection:
            stores = (account_store, network_store, correction_store, discovery_store)
            version = "|".join(store.version(connection) for store in stores)
            if self._known is not None and version == self._version:
                if self.learned.load(connection, self._now()):
                    networks = NetworkLookup(self._resolvers, monotonic=clock.monotonic)
                    self._known = replace(self._known, networks=networks)
                return
            declared = DeclaredResolver(network_store.declared(connection))
            discovered = DiscoveredResolver(discovery_store.acting(connection))
            self._resolvers = (
                declared,
                self.learned.resolver,
                discovered,
                self._registries,
                self._mmdb,
                self._hosts,
            )
            accounts = account_store.accounts(connection, segments=False)  # they change all the time: the line asks
            index = self._index(with_owners(accounts))
            corrections = Corrections(correction_store.words(connection), self._hashed)
            self.learned.know((declared, discovered, self._registries, self._mmdb), accounts, index, corrections)
            self.learned.load(connection, self._now())
            self._known = Known(
                networks=NetworkLookup(self._resolvers, monotonic=clock.monotonic),
                accounts=index,
                corrections=corrections,
                verdicts=correction_store.verdicts(connection),
            )
            self._version = version
        self._took = clock.monotonic() - started

    def _hashed(self, ip: str) -> str:
        return keyed_hash(self._settings.secret, "address", ip) if self._settings.secret else ""

    def _index(self, accounts: list[Account]) -> AccountIndex:
        """Return the index of these accounts; the one that is there, where only corrections or networks are new."""
        before = self._known.accounts if self._known else None
        same = before is not None and len(before) == len(accounts) and list(before.accounts()) == accounts
        return before if before is not None and same else AccountIndex(accounts)

    def _look_for_files(self) -> None:
        """Take up network databases that were put into the home folder, and let go of those that are gone."""
        files = network_files(self._settings)
        if files == self._files:
            return
        self._files = files
        try:
            self._mmdb = MmdbResolver(files)
        except InputError as error:
            _log.error("a new network database can't be used; the others stay", why=str(error))
        else:
            self._version = ""


def network_files(settings: Settings) -> tuple[Path, ...]:
    """Return the network databases that are there now: those named, else all in the home folder's `networks`."""
    if any(path.parent != settings.networks_dir for path in settings.mmdb_paths):
        return settings.mmdb_paths
    return tuple(sorted(settings.networks_dir.glob("*.mmdb")))


def pipeline(
    settings: Settings,
    engine: Engine,
    now: Clock = clock.now,
    known: KnownCache | None = None,
    live: LiveRules | None = None,
) -> Pipeline:
    """Return the line for these settings; `now` is another clock than the present's for past visits of the demo."""
    cache, acting = known or KnownCache(settings, engine, now), live or LiveRules(engine, settings.rules_dir)
    acting.look()

    def newest() -> Known:
        acting.look()
        return cache()

    return Pipeline(
        Parts(
            engine=engine,
            known=newest,
            rules=acting.rules,
            policy=acting.policy,
            channels=lambda site: channel_names(settings, site),
            cool_down=timedelta(hours=settings.cool_down_hours),
            zone=settings.time_zone,
            secret=settings.secret,
            keep_address=settings.raw_ip_hours > 0,
            clock=now,
            alert_point=settings.alert_point,
            digest_point=settings.digest_point,
        )
    )


def channel_names(settings: Settings, site: SiteId) -> tuple[str, ...]:
    """Return where alerts about visits to `site` go; nothing said of the demo leaves the preview."""
    return _PREVIEW if site == DEMO_SITE else named_channels(settings)


def channels(settings: Settings) -> Mapping[str, Channel]:
    """Return the channels that the settings name, and the preview, where the demo's alerts go."""
    named = replace(settings, channels=tuple(dict.fromkeys((*settings.channels, *_PREVIEW))))
    return make_channels(named, signed.links(settings))


def outbox(settings: Settings, engine: Engine, now: Clock = clock.now) -> Outbox:
    """Return the outbox that hands alerts to the channels."""
    return Outbox(DeliveryQueue(engine), channels(settings), now, holder=ids.random_token(8))


def buffer_reader(settings: Settings) -> BufferReader:
    """Return the worker's side of the buffer."""
    return open_reader(settings)


def jobs(settings: Settings, engine: Engine) -> tuple[Job, ...]:
    """Return the chores, with how often each is due."""
    keep = timedelta(hours=settings.raw_ip_hours)
    return (
        Job(name="expire", every=timedelta(minutes=10), run=lambda now: privacy.expire(engine, now, keep)),
        Job(
            name="uploads",
            every=timedelta(minutes=10),
            run=lambda now: uploads.expire_files(settings.home / "uploads", now),
        ),
        Job(name="set-aside", every=timedelta(minutes=10), run=lambda now: set_aside(settings).expire(now - keep)),
        Job(
            name="states",
            every=timedelta(hours=6),
            run=lambda now: refresh_states(engine, rules(settings, engine).dormancy, now),
            is_long=True,
        ),
        Job(
            name="states-due",
            every=timedelta(0),
            run=lambda now: refresh_due(engine, rules(settings, engine).dormancy, now),
        ),
        Job(  # after the states, which segments ask about
            name="segments",
            every=timedelta(0),
            run=lambda now: refresh_segments(engine, segments(settings, engine), now),
        ),
        Job(name="follow-up", every=timedelta(minutes=1), run=lambda now: follow_up_now(settings, engine, now)),
        Job(
            name="digests", every=timedelta(minutes=1), run=lambda now: send_due(engine, office(settings, engine), now)
        ),
        Job(name="values", every=timedelta(hours=6), run=lambda now: refresh_values(engine, now), is_long=True),
        Job(name="cadence", every=timedelta(days=7), run=lambda now: fit_imported(engine, now), is_long=True),
    )


def follow_up_now(settings: Settings, engine: Engine, now: datetime) -> int:
    """Send the reminders and escalations that are due; return how many."""
    said = policy(settings, engine)
    return follow_up(engine, said, settings.time_zone, lambda site: channel_names(settings, site), now)


def office(settings: Settings, engine: Engine) -> Office:
    """Return what digests need of the settings and rules as they are now."""
    return Office(
        policy=policy(settings, engine),
        rules=rules(settings, engine).dormancy,
        zone=settings.time_zone,
        channels=named_channels(settings),
        alert_point=settings.alert_point,
        digest_point=settings.digest_point,
        public_url=settings.public_url,
    )


def set_aside(settings: Settings) -> SetAside:
    """Return where records go on which the line fails."""
    return SetAside(settings.buffer_dir / "set-aside")


def worker(settings: Settings, engine: Engine) -> Worker:
    """Return the worker for these settings."""
    known = KnownCache(settings, engine)
    live = LiveRules(engine, settings.rules_dir, takes_up=True)
    line = pipeline(settings, engine, known=known, live=live)
    spoken_of = Job(
        name="again",
        every=timedelta(0),
        run=lambda now: again.judge_again(engine, line, known.catch_up, now),
    )
    return Worker(
        engine,
        buffer_reader(settings),
        line,
        outbox(settings, engine),
        (*jobs(settings, engine), spoken_of),
        set_aside(settings),
        clock.now,
        second_pass=remote_parts.second_pass(settings, engine, line),
        clicks=slack_clicks(settings, engine),
        listening=slack_listening(settings, engine),
    )


def slack_clicks(settings: Settings, engine: Engine) -> Clicks | None:
    """Return what works off clicks in Slack; None where none can come."""
    if not (settings.slack_signing_secret or settings.slack_app_token):
        return None
    return Clicks(
        engine,
        People(settings.slack_token, settings.slack_api_url),
        clock.now,
        rules=lambda: rules(settings, engine),
        api_url=settings.slack_api_url,
        public_url=settings.public_url,
    )


def slack_listening(settings: Settings, engine: Engine) -> Listening | None:
    """Return Slack's Socket Mode; None without its token."""
    if not settings.slack_app_token:
        return None
    return Listening(engine, settings.slack_app_token, settings.slack_api_url, clock.now)
