"""Loads the demo by putting it through the line with a set clock, and removes it again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Engine

import alerts.reps.store
from alerts.channels.registry import channel_names
from alerts.tables import notices
from app import store, wiring
from app.demo import data, networks
from app.demo.answers import Answers
from app.demo.past import PastVisit, past_visits
from app.digests.chore import forget, send_due
from app.locks import visit_builder
from app.pipeline import Batch
from app.removal_queries import remove_demo_traces, remove_notices, remove_site_traces
from app.signed import DEMO_SITE
from app.states import refresh_states
from core import clock
from core.database import chunks, writing
from core.domain import Activity, SiteId
from core.ids import derived
from core.settings import Settings
from enrichment.account import store as account_store
from enrichment.account.importer.store import write_accounts, write_activities, write_contacts
from enrichment.network import store as network_store
from tracker.site_store import add_site, list_sites, remove_site

Say = Callable[[str], None]

_AT_ONCE = 100
"""Past visits judged together, of those that nobody is told of."""


def load_demo(settings: Settings, engine: Engine, say: Say, now: datetime | None = None) -> int:
    """Load the demo as of `now` (default: the present); return the number of past visits.

    One that is there already begins afresh: its past is dated from `now`, and would be there twice.
    """
    now = now or clock.now()
    started = clock.monotonic()
    stories = data.stories()
    networks.write(stories, settings.networks_dir / networks.FILE, now)
    with visit_builder(engine), writing(engine) as connection:
        _remove_rows(connection)
        add_site(connection, DEMO_SITE, now, is_demo=True)
        write_accounts(connection, [data.dated(story, now) for story in stories], now)
        for rep in data.reps(now.date()):
            alerts.reps.store.save(connection, rep, now)
        write_contacts(connection, {contact.id: contact for contact in data.contacts()})
        write_activities(connection, _activities(stories, now))
        for story in stories:
            if story.is_declared:
                network_store.declare(
                    connection, story.network, story.account.id, story.account.name, now=now, is_demo=True
                )
        secret = next(site.secret for site in list_sites(connection) if site.id == DEMO_SITE)
    visits = past_visits(stories, secret, now)
    answers = Answers(engine, stories, wiring.rules(settings, engine), now)
    _replay(_with_demo_networks(settings), engine, visits, answers, now)
    answers.give(now)
    refresh_states(engine, wiring.rules(settings, engine).dormancy, now)
    with writing(engine) as connection:
        store.set_fact(connection, "demo", "loaded")
    say(f"demo: {len(stories)} accounts, {len(visits)} past visits ({clock.monotonic() - started:.1f} s)")
    return len(visits)


def remove_demo(settings: Settings, engine: Engine) -> int:
    """Remove everything of the demo; return the number of accounts removed. It never comes back by itself."""
    with visit_builder(engine), writing(engine) as connection:  # or the worker may write a visit after it
        removed = _remove_rows(connection)
        store.set_fact(connection, "demo", "removed")
    (settings.networks_dir / networks.FILE).unlink(missing_ok=True)
    return removed


def _remove_rows(connection: Connection) -> int:
    remove_site_traces(connection, SiteId(DEMO_SITE))
    remove_site(connection, SiteId(DEMO_SITE))
    remove_demo_traces(connection)
    for rep in data.reps(date.min + timedelta(days=99)):
        alerts.reps.store.remove(connection, rep.email)
        remove_notices(connection, notices.c.to == rep.email)
        forget(connection, rep.email)
    removed = account_store.remove_demo(connection)
    network_store.remove_demo(connection)
    return removed


def _activities(stories: Sequence[data.Story], now: datetime) -> dict[str, Activity]:
    found = [item for story in stories for item in data.activities(story, now)]
    return {derived("demo_activity", item.account, item.kind, number): item for number, item in enumerate(found)}


def _with_demo_networks(settings: Settings) -> Settings:
    """The demo's network file may be newer than the settings."""
    path = settings.networks_dir / networks.FILE
    paths = settings.mmdb_paths if path in settings.mmdb_paths else (*settings.mmdb_paths, path)
    return replace(settings, mmdb_paths=paths)


def _replay(settings: Settings, engine: Engine, visits: list[PastVisit], answers: Answers, until: datetime) -> None:
    """Let the line judge each visit when it ended, the outbox deliver what follows a moment later, reps answer it."""
    moment = datetime.min.replace(tzinfo=UTC)
    pipeline = wiring.pipeline(settings, engine, now=lambda: moment)
    preview = replace(settings, channels=("preview",))  # with a clock of the past, nothing real may be sent
    outbox = wiring.outbox(preview, engine, now=lambda: moment + timedelta(seconds=1))
    mornings = deque(_mornings(until) if tuple(channel_names(settings)) == ("preview",) else ())
    for batch in _batches(visits):
        while mornings and batch[-1].may_be_told and mornings[0] < batch[-1].ends_at:
            moment = mornings.popleft()
            answers.give(moment)
            if send_due(engine, wiring.office(settings, engine), moment, to_demo_only=True):
                outbox.run_due()
                outbox.settle()
        moment = batch[-1].ends_at
        answers.give(moment)
        with visit_builder(engine):
            result = pipeline.run(Batch(views=[view for visit in batch for view in visit.views]))
        if result.alerts:
            outbox.run_due()
            outbox.settle()
            for alert in result.alerts:
                answers.plan(alert)
    outbox.close()


def _mornings(until: datetime) -> Iterator[datetime]:
    """When reps of all zones begin to work, on the days of the last week."""
    for days_ago in range(7, 0, -1):
        for hour in (0, 8, 15):
            yield (until - timedelta(days=days_ago)).replace(hour=hour, minute=5, second=0, microsecond=0)


def _batches(visits: list[PastVisit]) -> Iterator[list[PastVisit]]:
    """Visits that may be told of each by themselves, so that each is judged at its own moment; before them the others,
    many at a time."""
    others = [visit for visit in visits if not visit.may_be_told]
    yield from (list(some) for some in chunks(others, _AT_ONCE))
    yield from ([visit] for visit in visits if visit.may_be_told)
