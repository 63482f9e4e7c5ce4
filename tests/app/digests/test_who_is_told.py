"""Held alerts reach somebody whatever happens to their rep; one fault stops nobody else's digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from digest_world import BOSS, JO, MONDAY, OFFICE, World, morning
from pages import settings
from sqlalchemy import Engine, update

from alerts.policy import AlertPolicy, Route
from alerts.reps.rep import RepEntry
from alerts.tables import alerts as told
from app import wiring
from app.follow_up import queries
from core.alerting import Hold
from core.database import reading, writing
from core.domain import SiteId

SIGNED_WITH = "whsec_" + "c2hvcnQ=" * 5
ANNA, ZOE = "anna@example.com", "zoe@example.com"
GONE = RepEntry(email=JO, name="Jo Maier", has_left=True)


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> World:
    return World(any_engine, tmp_path)


def sections(text: str, label: str) -> list[str]:
    """The rows under this label."""
    return [line.removeprefix(label).strip() for line in text.splitlines() if line.startswith(label)]


@pytest.mark.parametrize("channels", [("webhook",), ("webhook", "preview")])
def test_digests_and_reminders_go_to_channels_of_the_outbox(
    engine: Engine, tmp_path: Path, channels: tuple[str, ...]
) -> None:
    """A webhook's deliveries bear the name of its address, not the word of the settings."""
    urls = ("https://one.example.com/hook", "https://two.example.com/hook")
    given = settings(tmp_path, channels=channels, webhook_urls=urls, webhook_secret=SIGNED_WITH)
    known = set(wiring.channels(given))
    office = wiring.office(given, engine)
    assert len(office.channels) >= 2 and set(office.channels) <= known
    assert set(wiring.channel_names(given, SiteId("shop.example.com"))) <= known


def test_what_was_held_for_somebody_who_left_goes_to_the_fallback(world: World) -> None:
    """The account needs a new owner: the whole team hears of it, and the alert says why."""
    world.hold(Hold.QUIET)
    world.enter(GONE)
    assert world.send(morning(MONDAY)) == 1
    ((kind, to, text),) = world.sent()
    assert (kind, to) == ("digest", "")
    assert "Jo, who owned Nordwind Maschinenbau GmbH, has left" in text
    row = world.row(world.alert)
    assert (row["to"], row["released_at"]) == ("", morning(MONDAY))
    assert str(row["route"]).startswith("Jo, who owned Nordwind")


def test_what_was_held_for_somebody_who_is_away_goes_to_the_deputy(world: World) -> None:
    """In the deputy's digest, once; it is the deputy's from then on."""
    world.hold(Hold.CAP)
    day = morning(MONDAY).date()
    away = RepEntry(email=JO, name="Jo Maier", deputy=ANNA, away_from=day, away_until=day + timedelta(days=9))
    world.enter(away, RepEntry(email=ANNA, name="Anna"))
    assert world.send(morning(MONDAY)) == 1
    ((_, to, text),) = world.sent()
    assert to == ANNA and "Anna stands in" in text
    assert world.row(world.alert)["to"] == ANNA


def test_what_was_held_goes_where_a_route_leads(world: World) -> None:
    """As if the alert were made now."""
    world.hold(Hold.DEMOTED)
    world.enter(GONE, RepEntry(email=ZOE, name="Zoe", team="Inside"))
    policy: AlertPolicy = replace_routes(OFFICE.policy, Route(product="X200", team="Inside"))
    assert world.send(morning(MONDAY), replace(OFFICE, policy=policy)) == 1
    assert world.row(world.alert)["to"] == ZOE


def replace_routes(policy: AlertPolicy, route: Route) -> AlertPolicy:
    """The policy with one route."""
    return AlertPolicy(hours=policy.hours, holdout=policy.holdout, routes=(route,))


def test_what_was_held_without_a_recipient_is_told_in_the_fallbacks_digest(world: World) -> None:
    """An account without an owner is no reason to tell nobody."""
    world.hold(Hold.DEMOTED)
    with writing(world.engine) as connection:
        connection.execute(update(told).values(to=""))
    assert [world.send(morning(MONDAY)), world.send(morning(MONDAY, 9))] == [1, 0]
    assert [(kind, to) for kind, to, _ in world.sent()] == [("digest", "")]


def test_what_is_told_for_the_first_time_stands_first(world: World) -> None:
    """Five open alerts with better scores keep no held one out of sight."""
    world.copies(5, score=99.0)
    (held,) = world.copies(1, score=1.0, hold=Hold.CAP.value)
    assert world.send(morning(MONDAY)) == 1
    assert "over your cap of the day" in sections(world.sent()[0][2], "Call")[0]
    assert world.row(held)["released_at"] == morning(MONDAY)


def test_what_is_only_counted_becomes_a_task_too(world: World) -> None:
    """Eight were held, five have a row: all eight stand in My list afterwards."""
    world.hold(Hold.CAP)
    world.copies(7)
    assert world.send(morning(MONDAY)) == 1
    assert sections(world.sent()[0][2], "Call")[-1] == "and 3 more in Dormouse"
    with reading(world.engine) as connection:
        assert len(queries.tasks(connection, morning(-9))) == 8


def test_a_message_that_cannot_be_read_is_left_out(world: World) -> None:
    """The others are told, in the digest and in the manager's week."""
    world.copies(1, message={"of": "another version"})
    world.enter(RepEntry(email=JO, name="Jo Maier", manager=BOSS))
    assert world.send(morning(MONDAY)) == 2
    assert len(sections(world.sent()[0][2], "Call")) == 1


def test_one_faulty_person_keeps_nobody_else_from_a_digest(world: World) -> None:
    """A zone that this machine doesn't know is that person's own trouble, as rep and as manager."""
    world.enter(
        RepEntry(email=ANNA, name="Anna", zone="Mars/Olympus", manager="mars@example.com"),
        RepEntry(email="mars@example.com", zone="Mars/Olympus"),
        RepEntry(email=JO, name="Jo Maier", manager=BOSS),
    )
    world.copies(1, to=ANNA)
    assert world.send(morning(MONDAY)) == 2
    assert sorted(to for _, to, _ in world.sent()) == [BOSS, JO]
