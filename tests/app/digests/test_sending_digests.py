"""Digests are sent once a working day when there is something to tell, and tell of held alerts exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from digest_world import BOSS, JO, MONDAY, OFFICE, World, morning
from line_world import NOON
from sqlalchemy import Engine, select, update

import alerts.shadow.store
from alerts.reps.rep import RepEntry
from alerts.reps.store import save as save_rep
from alerts.tables import alerts as told
from alerts.tables import deliveries
from app import actions
from app.digests.chore import text_for
from app.signed import DEMO_SITE
from core.alerting import Hold
from core.database import reading, writing


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> World:
    return World(any_engine, tmp_path)


def test_the_alert_is_of_a_friday() -> None:
    """What the tests below count from."""
    assert NOON.weekday() == 4


@pytest.mark.parametrize("hold", [Hold.QUIET, Hold.CAP, Hold.DEMOTED])
def test_a_held_alert_is_told_in_the_next_morning_once(world: World, hold: Hold) -> None:
    """Not at the weekend, not before 8:30 of the rep's Monday; then once, and the alert says where it was told."""
    world.hold(hold)
    assert [world.send(morning(1)), world.send(morning(2)), world.send(morning(MONDAY, 8, 29))] == [0, 0, 0]
    assert [world.send(morning(MONDAY)), world.send(morning(MONDAY, 9)), world.send(morning(MONDAY, 17))] == [1, 0, 0]
    ((kind, to, text),) = world.sent()
    assert (kind, to) == ("digest", JO)
    assert text.startswith("Jo, Mon ")
    told_in, released_at = world.marks()
    assert told_in is not None and released_at == morning(MONDAY)
    with reading(world.engine) as connection:
        assert connection.execute(select(deliveries.c.channel).where(deliveries.c.is_notice)).scalars().all() == [
            "slack"
        ]


def test_an_open_alert_stays_in_the_list_until_somebody_takes_it(world: World) -> None:
    """Told at once on Friday, still open on Monday and Tuesday; taken on Tuesday, Wednesday has nothing to say."""
    assert [world.send(morning(MONDAY)), world.send(morning(MONDAY + 1))] == [1, 1]
    with writing(world.engine) as connection:
        actions.ACTS["claim"](connection, world.alert, JO, morning(MONDAY + 1, 10))
    assert world.send(morning(MONDAY + 2)) == 0
    assert all("Jo took it" in text for _, _, text in world.sent())


def test_a_digest_that_was_sent_shows_what_came_of_it(world: World) -> None:
    """Taken in the digest, its row says so, and the sent message is due to be edited."""
    world.send(morning(MONDAY))
    with writing(world.engine) as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.is_notice)
            .values(status="sent", sent_version=1, remote="C:1", sent_at=morning(MONDAY))
        )
        actions.ACTS["claim"](connection, world.alert, JO, morning(MONDAY, 9))
    assert "— Jo took it" in world.sent()[0][2]
    with reading(world.engine) as connection:
        row = connection.execute(select(deliveries.c["status"]).where(deliveries.c.is_notice)).one()
    assert row.status == "due"


def test_the_held_out_are_told_after_some_days(world: World) -> None:
    """On Monday the three days of the alert of Friday noon aren't over in the morning; on Tuesday they are."""
    world.hold(Hold.HOLDOUT)
    assert [world.send(morning(MONDAY)), world.send(morning(MONDAY + 1))] == [0, 1]
    assert "held back to measure" in world.sent()[0][2]


def test_in_shadow_mode_nobody_is_told(world: World) -> None:
    """Neither digests nor marks, as long as it runs."""
    world.hold(Hold.QUIET)
    with writing(world.engine) as connection:
        alerts.shadow.store.start(connection, 14, BOSS, NOON)
    assert world.send(morning(MONDAY)) == 0
    assert world.marks() == (None, None)


def test_the_demo_stays_in_the_preview(world: World) -> None:
    """Alerts of the demo's site are in digests only where these go to the preview alone."""
    with writing(world.engine) as connection:
        connection.execute(update(told).values(site=DEMO_SITE))
    assert text_for(world.engine, OFFICE, JO, morning(MONDAY)) is None
    assert text_for(world.engine, replace(OFFICE, channels=("preview",)), JO, morning(MONDAY)) is not None


def test_nobody_is_told_on_a_holiday_or_while_away(world: World) -> None:
    """The digest waits for the next day at work."""
    monday = morning(MONDAY).date()
    with writing(world.engine) as connection:
        save_rep(connection, RepEntry(email=JO, name="Jo", holidays=frozenset({monday})), NOON)
    assert world.send(morning(MONDAY)) == 0
    with writing(world.engine) as connection:
        tuesday = monday + timedelta(days=1)
        save_rep(connection, RepEntry(email=JO, name="Jo", away_from=tuesday, away_until=tuesday), NOON)
    assert [world.send(morning(MONDAY + 1)), world.send(morning(MONDAY + 2))] == [0, 1]


def test_the_managers_week_comes_on_its_day(world: World) -> None:
    """On Monday, once; with what is open in the team."""
    with writing(world.engine) as connection:
        save_rep(connection, RepEntry(email=JO, name="Jo Maier", team="South", manager=BOSS), NOON)
    for now in (morning(MONDAY), morning(MONDAY, 9), morning(MONDAY + 1)):
        world.send(now)
    weekly = [(to, text) for kind, to, text in world.sent() if kind == "weekly"]
    assert [to for to, _ in weekly] == [BOSS]
    assert ", South: 1 alert, 1 open" in weekly[0][1]
