"""Examines an installation: what works, what is missing, what to do about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import urllib3
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.channels.registry import channel_names as named_channels
from alerts.deliveries.log_store import pauses
from alerts.deliveries.store import dead_letters
from alerts.shadow import store as shadow_store
from app import remote_parts, wiring
from app.dashboard.wording import ago
from app.migrate import is_current
from app.serve import own_url
from core import clock
from core.database import has_no_database, reading
from core.errors import DormouseError, InputError
from core.settings import Settings
from enrichment.company.reliability import PRIOR_WEIGHT, prior, reliability
from enrichment.company.store import verdicts
from enrichment.network.remote import store as remote_store
from enrichment.network.resolvers.mmdb import MmdbResolver
from tracker.buffer import registry
from tracker.site_store import list_sites

OLD_NETWORKS = timedelta(days=45)
LOW_DISK_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    severity: int = 0
    """0 well, 1 worth knowing, 2 wrong."""
    to_do: str = ""

    @property
    def mark(self) -> str:
        return ("ok   ", "note ", "WRONG")[self.severity]


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each part, in the order in which data flows."""
    yield from _home(settings)
    if has_no_database(settings.database_url):
        yield Finding(what="database", found="there is none yet", severity=2, to_do="run `dormouse init`")
        return
    try:
        engine = wiring.engine(settings)
        yield from _database(engine)
    except (SQLAlchemyError, DormouseError) as error:
        reason = str(error).splitlines()[0]
        yield Finding(what="database", found=reason, severity=2, to_do="start it, or correct DORMOUSE_DATABASE_URL")
        return
    if not is_current(engine):
        return
    yield _tried("buffer", lambda: registry.check(settings))
    yield _answers("collector", f"{own_url(settings, settings.collector_port)}/readyz")
    yield _answers("dashboard", f"{own_url(settings, settings.port)}/readyz")
    yield from _sites(engine)
    yield from _networks(settings)
    yield from _asking(settings, engine)
    yield from _messages(settings, engine)
    yield from _shadow(engine)
    yield from _doubted(settings, engine)


def _home(settings: Settings) -> Iterator[Finding]:
    if not settings.home.is_dir() or not settings.secret:
        yield Finding(what="home", found=f"{settings.home} has no secret", severity=2, to_do="run `dormouse init`")
        return
    space = os.statvfs(settings.home)
    free = space.f_bavail * space.f_frsize
    found = f"{settings.home}, {free / 2**30:.1f} GB free"
    if free < LOW_DISK_BYTES:
        yield Finding(what="home", found=found, severity=2, to_do="make room: hits are refused when the disk is full")
    else:
        yield Finding(what="home", found=found)


def _database(engine: Engine) -> Iterator[Finding]:
    with reading(engine) as connection:
        connection.execute(select(1))
    if is_current(engine):
        yield Finding(what="database", found=f"{engine.dialect.name}, tables up to date")
    else:
        yield Finding(what="database", found="tables not up to date", severity=2, to_do="run `dormouse migrate`")


def _answers(what: str, url: str) -> Finding:
    try:
        answer = urllib3.request("GET", url, timeout=2.0, retries=False)
    except urllib3.exceptions.HTTPError:
        return Finding(what=what, found=f"no answer at {url}", severity=1, to_do="start it with `dormouse serve`")
    if answer.status == 200:
        return Finding(what=what, found="ready")
    return Finding(what=what, found=answer.data.decode(errors="replace")[:200], severity=2)


def _sites(engine: Engine) -> Iterator[Finding]:
    with reading(engine) as connection:
        sites = list_sites(connection)
    if not sites:
        yield Finding(what="sites", found="none", severity=1, to_do="run `dormouse site add HOST`")
    for site in sites:
        if site.snippet_seen_at is None:
            yield Finding(
                what=f"site {site.id}",
                found="the snippet has not been seen",
                severity=1,
                to_do=f"embed what `dormouse site snippet {site.id}` prints",
            )
        else:
            yield Finding(what=f"site {site.id}", found=f"snippet seen {ago(site.snippet_seen_at, clock.now())}")


def _networks(settings: Settings) -> Iterator[Finding]:
    if not settings.mmdb_paths:
        yield Finding(
            what="networks",
            found="no network database",
            severity=1,
            to_do="run `dormouse networks update`, or name files in MMDB_PATHS",
        )
    for path in settings.mmdb_paths:
        yield _network_file(path)


def _network_file(path: Path) -> Finding:
    try:
        (facts,) = MmdbResolver([path]).databases()
    except InputError as error:
        return Finding(what=f"networks {path.name}", found=str(error), severity=2, to_do="the worker can't start so")
    age = clock.now() - facts.built_at
    old = age > OLD_NETWORKS
    return Finding(
        what=f"networks {path.name}",
        found=f"{facts.database_type}, made {ago(facts.built_at, clock.now())}",
        severity=int(old),
        to_do="run `dormouse networks update`, or fetch it anew where it came from" if old else "",
    )


def _asking(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Whether registries and the DNS are asked, who of them is left alone, and how many addresses wait."""
    if settings.raw_ip_hours == 0 and (settings.rdap or settings.rdns):
        to_do = "set DORMOUSE_RAW_IP_HOURS, or turn asking off"
        yield Finding(what="registries", found="no address is kept to ask about", severity=1, to_do=to_do)
        return
    on = [name for name, is_on in (("registries", settings.rdap), ("host names", settings.rdns)) if is_on]
    if not on:
        yield Finding(what="registries", found="not asked (DORMOUSE_RDAP=off): docs/registries.md")
        return
    with reading(engine) as connection:
        waiting = remote_store.queue_lengths(connection)
        budgets = remote_store.budgets(connection)
    calls = sum(budget.asked for budget in budgets.values())
    yield Finding(
        what="registries",
        found=f"{' and '.join(on)} asked: {calls:,} calls, {sum(waiting.values()):,} addresses waiting",
    )
    for name, budget in sorted(budgets.items()):
        if budget.open_until is not None:
            why = remote_parts.held(budget, name, clock.now()) or "to be tried again"
            yield Finding(what=f"registry {name}", found=why, severity=1, to_do="nothing: it is tried again by itself")


def _messages(settings: Settings, engine: Engine) -> Iterator[Finding]:
    channels = wiring.channels(settings)
    for name in named_channels(settings):
        yield _tried(f"channel {name}", channels[name].check)
    with reading(engine) as connection:
        dead = len(dead_letters(connection))
        paused = pauses(connection)
    for pause in paused:
        to_do = (
            f"correct it, then run `dormouse deliveries resume {pause.channel}`"
            if pause.until is None
            else "correct it; then it is tried again by itself"
        )
        found = f"paused {ago(pause.since, clock.now())}: {pause.why}"
        yield Finding(what=f"channel {pause.channel}", found=found, severity=2, to_do=to_do)
    if dead:
        to_do = "see `dormouse deliveries list`, or Deliveries in the dashboard"
        yield Finding(what="outbox", found=f"{dead} messages were given up", severity=2, to_do=to_do)


def _shadow(engine: Engine) -> Iterator[Finding]:
    with reading(engine) as connection:
        run = shadow_store.running(connection)
    if run is not None:
        found = f"on since {clock.iso(run.started_at)}: reps get nothing"
        to_do = "judge samples on the page Shadow mode, then run `dormouse golive`"
        yield Finding(what="shadow mode", found=found, severity=1, to_do=to_do)


def _doubted(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Yield the sources that people called wrong so often that what they name is told to nobody any more."""
    with reading(engine) as connection:
        counted = verdicts(connection)
    for source, said in sorted(counted.items()):
        before = prior(source)[0] / PRIOR_WEIGHT
        now = before * reliability((source,), {source: said})
        if now < settings.alert_point <= before:
            found = (
                f"said to be wrong {said.wrong} of {said.judged} times: what it names is believed {now:.0%}, before "
                f"{before:.0%}: less than the {settings.alert_point:.0%} at which reps are told"
            )
            to_do = "see Sources in the dashboard, and take back what was said in error: `dormouse corrections list`"
            yield Finding(what=f"source {source}", found=found, severity=1, to_do=to_do)


def _tried(what: str, trial: Callable[[], str]) -> Finding:
    try:
        return Finding(what=what, found=trial())
    except DormouseError as error:
        return Finding(what=what, found=str(error), severity=2, to_do="correct its settings (docs/settings.md)")
