"""What has had its time is gone: every class of data by its own clock, from rows and from files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from line_world import NOON, PUMPS_IP, content, counts, fill, line, page
from sqlalchemy import Engine, select

import alerts.store
from app import privacy
from app.audit import record
from app.auth.users import ensure_admin, login_link
from app.pipeline import Batch
from app.privacy import DATA_CLASSES, expire
from app.schema import metadata
from app.tables import sessions
from core.clock import at
from core.database import reading, writing
from core.domain import AlertId
from enrichment.tables import judgements
from tracker.site_store import salt_for
from tracker.tables import page_views, visits

DAY = timedelta(hours=24)


@pytest.fixture
def lived_in(any_engine: Engine, tmp_path: Path) -> Iterator[Engine]:
    """A database with a row in every table that has a clock, all from NOON."""
    fill(any_engine)
    views = [page(seconds=60), page("/contact", seconds=9)]
    pipeline = line(any_engine, tmp_path, at(NOON + timedelta(minutes=2)))
    told = pipeline.run(Batch(views=views)).alerts
    assert len(told) == 1
    with writing(any_engine) as connection:
        salt_for(connection, views[0].site, NOON.date())
        ensure_admin(connection, NOON)
        login_link(connection, NOON)
        connection.execute(sessions.insert().values(id_hash="x", user="u", created_at=NOON, seen_at=NOON))
        alerts.store.claim(connection, AlertId(told[0].id), "anna@example.com", NOON)
        record(connection, "anna@example.com", "alert.claim", "a-1", NOON)
    yield any_engine


def left(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {name: number for name, number in counts(connection).items() if number}


def test_every_table_has_a_class_that_exists() -> None:
    """No row without a clock, or without somebody who decided that it has none."""
    known = {data_class.name for data_class in DATA_CLASSES}
    assert {str(table.info.get("data_class")) for table in metadata.tables.values()} <= known
    assert {name for name, _ in privacy._EXPIRE} | {"addresses", "ask_queue", "salts"} == {
        data_class.name for data_class in DATA_CLASSES if data_class.keep is not None
    }


def test_nothing_goes_before_its_time(lived_in: Engine) -> None:
    """An hour after the visit everything is there, the address too."""
    before = content(lived_in)
    assert expire(lived_in, NOON + timedelta(hours=1), DAY) == 0
    assert content(lived_in) == before


def test_after_its_hours_no_address_is_anywhere(lived_in: Engine, tmp_path: Path) -> None:
    """Not in a column, not in a reason, and with SQLite not in the file either; the network and the hash stay."""
    assert PUMPS_IP in repr(content(lived_in))
    expire(lived_in, NOON + DAY + timedelta(minutes=10), DAY)
    assert PUMPS_IP not in repr(content(lived_in))
    with reading(lived_in) as connection:
        (row,) = connection.execute(select(visits.c.prefix, visits.c.address_hash))
    assert row.prefix == "203.0.113.0/28" and len(row.address_hash) == 64
    if lived_in.dialect.name == "sqlite":
        files = list(tmp_path.glob("test.db*"))
        assert files and all(PUMPS_IP.encode() not in file.read_bytes() for file in files)


def test_the_operators_own_hours_count(lived_in: Engine) -> None:
    """One hour, if they say so; none at all removes at once."""
    expire(lived_in, NOON + timedelta(minutes=59), timedelta(hours=1))
    assert PUMPS_IP in repr(content(lived_in))
    expire(lived_in, NOON + timedelta(minutes=61), timedelta(hours=1))
    assert PUMPS_IP not in repr(content(lived_in))


@pytest.mark.parametrize(
    ("days", "gone"),
    [
        (1.1, set()),
        (2.1, {"salts"}),
        (7.1, {"salts", "sessions", "login_links"}),
        (90.1, {"salts", "sessions", "login_links", "page_views"}),
        (395.1, {"salts", "sessions", "login_links", "page_views", "visits", "judgements"}),
        (
            731.1,
            {
                *("salts", "sessions", "login_links", "page_views", "visits", "judgements"),
                *("hit_counts", "alerts", "deliveries", "feedback", "audit"),
            },
        ),
    ],
)
def test_each_class_goes_by_its_clock(lived_in: Engine, days: float, gone: set[str]) -> None:
    """Whole tables empty at their time, and no other table loses a row."""
    before = left(lived_in)
    expire(lived_in, NOON + timedelta(days=days), DAY)
    after = left(lived_in)
    assert set(before) - set(after) - ({"salts"} if days < 2 else set()) == gone
    assert {name: number for name, number in after.items() if before[name] != number} == {}


def test_what_is_younger_stays(lived_in: Engine, tmp_path: Path) -> None:
    """Of two visits a month apart only the older goes, with its judgement and its pages."""
    late = NOON + timedelta(days=30)
    line(lived_in, tmp_path, at(late)).run(Batch(views=[page(name="new", visitor="v9", at=late)]))
    expire(lived_in, NOON + timedelta(days=396), DAY)
    with reading(lived_in) as connection:
        kept = connection.execute(
            select(visits.c.visitor, judgements.c.visitor).select_from(
                visits.join(judgements, judgements.c.visit == visits.c.id)
            )
        ).all()
    assert [tuple(row) for row in kept] == [("v9", "v9")]
    assert left(lived_in)["judgements"] == 1


def test_dropped_hits_go_with_the_page_views(lived_in: Engine) -> None:
    """A hit that formed no visit has the clock of page views too."""
    with writing(lived_in) as connection:
        connection.execute(
            page_views.insert().values(
                id="dropped", site="shop.example.com", at=NOON, received_at=NOON, path="/x.css", source="beacon",
                drop="not_a_page",
            )
        )  # fmt: skip
    expire(lived_in, NOON + timedelta(days=91), DAY)
    assert "page_views" not in left(lived_in)


def test_the_salt_lives_while_its_visits_are_open(lived_in: Engine, tmp_path: Path) -> None:
    """A visit over midnight needs yesterday's salt; half an hour after its last page the salt is gone."""
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    pipeline = line(lived_in, tmp_path, at(midnight + timedelta(minutes=16)))
    pipeline.run(Batch(views=[page(name="late", visitor="v8", at=midnight - timedelta(minutes=5))]))
    pipeline.run(Batch(views=[page("/more", visitor="v8", at=midnight + timedelta(minutes=15))]))
    expire(lived_in, midnight + timedelta(minutes=40), DAY)
    assert left(lived_in)["salts"] == 1
    expire(lived_in, midnight + timedelta(minutes=46), DAY)
    assert "salts" not in left(lived_in)


def test_expiring_again_finds_nothing(lived_in: Engine) -> None:
    """The job may run as often as one likes."""
    moment = NOON + timedelta(days=800)
    assert expire(lived_in, moment, DAY) > 0
    assert expire(lived_in, moment, DAY) == 0


def test_only_classes_with_a_clock_can_be_asked() -> None:
    """A misspelt class is a mistake in the code, not something that is kept for ever."""
    assert privacy.keep("visits") == timedelta(days=395)
    for name in ("accounts", "visit"):
        with pytest.raises(KeyError):
            privacy.keep(name)
