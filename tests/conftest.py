"""Fixtures that every room's tests share: real databases and servers, a browser, no network but loopback."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import argon2
import browser as chromium
import postgres
import pytest
import redis_server
from playwright.sync_api import Browser, Page
from scheduling import Scheduling
from sqlalchemy import Engine
from xdist.remote import Producer

from app.auth import passwords
from app.schema import metadata
from core.database import open_engine
from core.settings import VARIABLES

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
CURE = "run `make test-deps`"

# What the developer's own shell sets must not change a result.
for _name in list(os.environ):
    if _name.startswith(("DORMOUSE_", "SLACK_")) or _name in VARIABLES.values():
        del os.environ[_name]

_MARK_OF_FIXTURE = {
    "postgres_server": "postgres",
    "redis_url": "redis",
    "browser": "browser",
    "page": "browser",
    "shared_data": "real_data",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it needs, so that `-m "not browser"` holds without anybody remembering to mark."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARK_OF_FIXTURE:
                item.add_marker(_MARK_OF_FIXTURE[fixture])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer | None) -> Scheduling:
    """Keep together what shares a costly fixture."""
    return Scheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested, and why."""
    skipped = Counter(
        str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
    )
    if skipped:
        terminalreporter.section("NOT TESTED HERE", sep="!", red=True, bold=True)
        for reason, number in skipped.most_common():
            terminalreporter.write_line(f"{number} skipped: {reason}")


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Passwords are hashed as in earnest, but with little work: else tests that log in would wait for it."""
    with pytest.MonkeyPatch.context() as patch:
        quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody's"))
        yield


@pytest.fixture(scope="session")
def _sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "with_tables.db"
    made = open_engine(f"sqlite:///{path}")
    metadata.create_all(made)
    made.dispose()
    return path


@pytest.fixture
def engine(tmp_path: Path, _sqlite_with_tables: Path) -> Iterator[Engine]:
    """An empty SQLite database with all tables, at `tmp_path / "test.db"`."""
    path = tmp_path / "test.db"
    shutil.copyfile(_sqlite_with_tables, path)
    opened = open_engine(f"sqlite:///{path}")
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """A private PostgreSQL server."""
    if postgres.programs() is None:
        pytest.skip(f"{postgres.MISSING}; {CURE}")
    server = postgres.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_engine(postgres_server: postgres.PostgresServer) -> Iterator[Engine]:
    """An empty PostgreSQL database with all tables."""
    opened = postgres_server.open_fresh()
    yield opened
    opened.dispose()
    postgres_server.drop(opened.url.render_as_string())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_engine(request: pytest.FixtureRequest) -> Engine:
    """An empty database with all tables, once on SQLite and once on PostgreSQL."""
    name = "engine" if request.param == "sqlite" else "postgres_engine"
    found = request.getfixturevalue(name)
    assert isinstance(found, Engine)
    return found


@pytest.fixture
def any_database_url(any_engine: Engine) -> str:
    """The URL of `any_engine`'s database, for processes of their own."""
    return any_engine.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[redis_server.RedisServer]:
    if redis_server.program() is None:
        pytest.skip(f"{redis_server.MISSING}; {CURE}")
    server = redis_server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(_redis_server: redis_server.RedisServer) -> str:
    """The URL of a private, empty Redis server that writes everything to disk before it answers."""
    _redis_server.empty()
    return _redis_server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium that reaches nothing but loopback."""
    if chromium.program() is None:
        pytest.skip(f"{chromium.MISSING}; {CURE}")
    with chromium.running() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A blank page in a browser profile of its own, 1280 by 800."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; skips loudly where it isn't there."""
    if not SHARED.is_dir():
        pytest.skip(f"the folder of real data is not at {SHARED.parent.name}/{SHARED.name} beside the checkout")
    return SHARED
