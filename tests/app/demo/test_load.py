"""The demo is loaded through the line, again as often as one likes, and removed without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from line_world import NOON, SITE, content, fill, page
from line_world import line as world_line
from sqlalchemy import Engine, select

from alerts.tables import alerts, deliveries
from app import actions, store, wiring
from app.demo.load import load_demo, remove_demo
from app.pipeline import Batch
from core.clock import at
from core.database import reading, writing
from core.domain import Signal
from core.settings import Settings, read_settings
from enrichment.tables import account_states, accounts, declared_networks, judgements
from tracker.site_store import add_site
from tracker.tables import visits

DEMO = re.compile(r"DEMO-\d|demo\.dormouse|dormouse\.example|Example (Broadband|Cloud|Mobile|Search)")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"DORMOUSE_HOME": str(tmp_path / "home"), "DORMOUSE_SECRET": "x"})


@pytest.fixture
def loaded(any_engine: Engine, settings: Settings) -> Iterator[Engine]:
    fill(any_engine)
    load_demo(settings, any_engine, lambda _text: None, now=NOON)
    yield any_engine


def sizes(engine: Engine) -> dict[str, int]:
    return {name: len(found) for name, found in content(engine).items()}


def quiet(_text: str) -> None:
    pass


@pytest.mark.slow
def test_the_demo_shows_what_the_line_does(loaded: Engine) -> None:
    """Forty accounts; visits judged at their own moment; alerts told in the preview; some awake, most dormant."""
    with reading(loaded) as connection:
        own = connection.execute(select(accounts.c.id).where(accounts.c.is_demo)).all()
        told = connection.execute(
            select(alerts.c.backfill, deliveries.c.channel, deliveries.c.status).select_from(
                alerts.join(deliveries, deliveries.c.alert == alerts.c.id)
            )
        ).all()
        standing = list(connection.execute(select(account_states.c.state)).scalars())
        judged = set(connection.execute(select(judgements.c.drop)).scalars())
        latest = connection.execute(select(visits.c.last_at).order_by(visits.c.last_at.desc())).scalars().first()
    assert len(own) == 40
    assert {tuple(row) for row in told} == {(False, "preview", "sent")} and len(told) >= 5
    assert standing.count("awake") >= 3 and standing.count("dormant") > standing.count("awake")
    assert {None, "network_isp", "network_hosting", "network_mobile", "account_none", "bot_declared"} <= judged
    assert latest is not None and NOON - timedelta(days=2) < latest < NOON


@pytest.mark.slow
@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=1, hours=5)], ids=["the same day", "the next day"])
def test_loading_twice_leaves_one_demo(loaded: Engine, settings: Settings, later: timedelta) -> None:
    """The past is dated from the moment of loading, so the first one must not stay beside the second."""
    once = sizes(loaded)
    load_demo(settings, loaded, quiet, now=NOON + later)
    again = sizes(loaded)
    if later == timedelta(0):
        assert again == once
    assert {name: again[name] for name in ("accounts", "contacts", "sites")} == {
        name: once[name] for name in ("accounts", "contacts", "sites")
    }
    assert abs(again["visits"] - once["visits"]) <= 5  # not twice as many


@pytest.mark.slow
def test_removing_leaves_no_trace_and_touches_nothing_else(
    any_engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    """What people did with it goes too; the operator's own data is as it was."""
    fill(any_engine)
    own = world_line(any_engine, tmp_path, at(NOON))
    own.run(Batch(views=[page(seconds=60, ip="198.51.100.70")]))
    with closing(wiring.outbox(settings, any_engine, now=at(NOON))) as outbox:
        outbox.run_due()
        outbox.settle()
    before = content(any_engine)
    load_demo(settings, any_engine, quiet, now=NOON)
    assert DEMO.search(repr(content(any_engine)))
    _play(any_engine)
    assert remove_demo(settings, any_engine) == 40
    after = content(any_engine)
    found = {name: [row for row in rows if DEMO.search(repr(row))] for name, rows in after.items() if name != "audit"}
    assert {name: rows for name, rows in found.items() if rows} == {}
    for name in ("facts", "audit", "account_states"):  # the fact that it was removed; who did what; own states judged
        before.pop(name), after.pop(name)
    assert after == before
    with reading(any_engine) as connection:
        assert store.fact(connection, "demo") == "removed"
    assert not list(settings.networks_dir.iterdir())


def _play(engine: Engine) -> None:
    """Claim one alert of the demo, take another one's visit away."""
    with writing(engine) as connection:
        first, second = connection.execute(
            select(alerts.c.id).where(alerts.c.account.like("DEMO%")).order_by(alerts.c.id).limit(2)
        ).scalars()
        assert actions.claim(connection, first, "anna@example.com", NOON) is not None
        assert actions.wrong_company(connection, second, "anna@example.com", NOON) is not None


@pytest.mark.slow
def test_a_demo_account_seen_on_another_site_is_nobodys_after_removal(any_engine: Engine, settings: Settings) -> None:
    """Somebody tried the own site with a demo address: the visit stays, the fictional account goes."""
    with writing(any_engine) as connection:
        add_site(connection, SITE, NOON)
    load_demo(settings, any_engine, quiet, now=NOON)
    with reading(any_engine) as connection:
        own = select(declared_networks.c.account, declared_networks.c.prefix).where(declared_networks.c.is_demo)
        account, prefix = min(tuple(row) for row in connection.execute(own) if ":" not in row.prefix)
    ip = str(next(ip_network(prefix).hosts()))
    result = wiring.pipeline(settings, any_engine, now=at(NOON)).run(
        Batch(views=[page(seconds=60, ip=ip, visitor="me")])
    )
    assert [item.outcome.account.id for item in result.visits if isinstance(item.outcome, Signal)] == [account]
    remove_demo(settings, any_engine)
    with reading(any_engine) as connection:
        left = connection.execute(select(judgements.c.account, judgements.c.drop, judgements.c.qualified)).all()
        assert connection.execute(select(alerts.c.id)).all() == []
    assert [tuple(row) for row in left] == [(None, "account_none", False)]


def test_removing_what_was_never_loaded_is_harmless(any_engine: Engine, settings: Settings) -> None:
    """It says that nothing was removed, and the demo won't come by itself."""
    fill(any_engine)
    before = content(any_engine)
    assert remove_demo(settings, any_engine) == 0
    after = content(any_engine)
    assert after.pop("facts") == [("demo", "removed")]
    before.pop("facts")
    assert after == before
