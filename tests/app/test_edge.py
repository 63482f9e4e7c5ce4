"""The collector's own wiring: a database that is away costs no hit, and none is refused as of an unknown site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from edge import PAGE_VIEW, ask, environ
from sqlalchemy import Engine

import app.edge
from app.edge import Keeper, Sites
from core.database import open_engine, writing
from core.errors import BufferUnavailableError, UnavailableError
from core.settings import Settings, read_settings
from tracker.site_store import add_site

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = repr(PAGE_VIEW).replace("'", '"').encode()


@pytest.fixture
def settings(tmp_path: Path, engine: Engine) -> Settings:
    return replace(
        read_settings({"DORMOUSE_HOME": str(tmp_path), "DORMOUSE_SECRET": "x"}), database_url=str(engine.url)
    )


@pytest.fixture
def gone(tmp_path: Path) -> Iterator[Engine]:
    """A database without tables: every question to it fails."""
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    yield engine
    engine.dispose()


def test_sites_that_were_never_read_are_unavailable_not_empty(gone: Engine) -> None:
    """An empty list would mean that every hit is of an unknown site, and gone for good."""
    sites = Sites(gone)
    for _ in range(3):
        sites.refresh()
        with pytest.raises(UnavailableError):
            sites.names()
        assert sites.problems() == ["the database can't be read: OperationalError"]


def test_the_last_answer_stays_when_the_database_goes(engine: Engine) -> None:
    """Hits are taken on: the buffer needs no database."""
    with writing(engine) as connection:
        add_site(connection, "example.com", NOW)
    sites = Sites(engine)
    sites.refresh()
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE sites RENAME TO away")
    sites.refresh()
    assert (sites.names(), sites.problems()) == (frozenset({"example.com"}), [])
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO sites")
        add_site(connection, "example.org", NOW)
    sites.refresh()
    assert sites.names() == frozenset({"example.com", "example.org"})


def test_before_the_database_answers_hits_are_to_come_again(settings: Settings, tmp_path: Path) -> None:
    """503 with Retry-After, never a 204 for a hit that nobody keeps; and the collector says that it isn't ready."""
    collector = app.edge.build(replace(settings, database_url=f"sqlite:///{tmp_path / 'empty.db'}"))
    for _ in range(2):
        answer = ask(collector, environ("POST", "/b", BODY))
        assert (answer.status, "Retry-After" in answer.headers) == (503, True)
    assert ask(collector, environ("GET", "/readyz", peer="127.0.0.1")).status == 503


def test_a_collector_from_the_settings_keeps_hits(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    """The parts are joined: a known site's hit lies in the buffer, an unknown one's is refused with its reason."""
    with writing(engine) as connection:
        add_site(connection, "example.com", NOW)
    collector = app.edge.build(settings)
    assert ask(collector, environ("GET", "/readyz", peer="127.0.0.1")).status == 200
    kept = ask(collector, environ("POST", "/b", BODY))
    assert (kept.status, kept.headers.get("Dormouse-Ignored")) == (204, None)
    other = ask(collector, environ("POST", "/b", BODY.replace(b"example.com", b"example.net")))
    assert (other.status, other.headers.get("Dormouse-Ignored")) == (204, "unknown_site")
    segments = list((tmp_path / "buffer").glob("*.seg"))
    assert [b"/pricing" in path.read_bytes() for path in segments] == [True]


def test_without_a_secret_there_is_no_collector(settings: Settings, tmp_path: Path) -> None:
    """It says what to do, and leaves no thread or file behind."""
    with pytest.raises(UnavailableError, match="dormouse init"):
        app.edge.build(replace(settings, secret=""))
    assert not (tmp_path / "buffer").exists()


class FullDisk:
    """A buffer that refuses until there is room."""

    full = True

    def append(self, record: bytes) -> None:
        if self.full:
            raise BufferUnavailableError("No space left on device")

    def close(self) -> None:
        return None


def test_a_buffer_that_refuses_is_heard_of(capsys: pytest.CaptureFixture[str]) -> None:
    """The collector isn't ready and says why once, not with every hit; it is ready again with the first kept hit."""
    disk = FullDisk()
    keeper = Keeper(disk)
    for _ in range(3):
        with pytest.raises(BufferUnavailableError):
            keeper.append(b"hit")
    assert keeper.problems() == ["hits can't be kept: No space left on device"]

    disk.full = False
    keeper.append(b"hit")

    assert keeper.problems() == []
