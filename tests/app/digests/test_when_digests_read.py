"""Digests ask little: nothing at night, nothing slow while they hold the lock, nothing twice; and lose no week."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from digest_world import BOSS, JO, MONDAY, OFFICE, World, morning
from sqlalchemy import Connection, Engine, event, update

from alerts.reps.rep import RepEntry
from alerts.tables import alerts as told
from app import actions
from app.digests.chore import send_due, text_for
from app.follow_up.chore import follow_up
from core.alerting import Hold
from core.database import upsert, writing
from core.domain import Account, AccountId, Activity
from core.ids import derived
from enrichment.account.importer.store import write_accounts, write_activities
from enrichment.tables import account_states

ANNA = "anna@example.com"


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> World:
    return World(any_engine, tmp_path)


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[bool, str]]]:
    """(whether the lock was held, the statement) of all that is asked of the database meanwhile."""
    found: list[tuple[bool, str]] = []

    def note(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        found.append((bool(connection.get_execution_options().get("writes")), statement))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def of_alerts(statements: list[tuple[bool, str]]) -> list[str]:
    """The statements that read the table of alerts."""
    return [text for _, text in statements if "FROM alerts" in text]


@pytest.mark.parametrize("moment", [morning(MONDAY, 3), morning(1, 12), morning(MONDAY, 17, 59)])
def test_where_nobody_is_due_no_alert_is_read(world: World, moment: datetime) -> None:
    """At night, at the weekend, and once all have had theirs: the chore runs each minute."""
    if moment.astimezone(OFFICE.zone).hour == 17:
        assert world.send(morning(MONDAY)) == 1
    with asked(world.engine) as statements:
        assert world.send(moment) == 0
    assert statements and of_alerts(statements) == []


def test_at_night_nobody_is_followed_up_and_no_alert_is_read(world: World) -> None:
    """Reminders wait for their reader's hours: until then there is nothing to ask."""
    with asked(world.engine) as statements:
        assert follow_up(world.engine, OFFICE.policy, OFFICE.zone, lambda _: ("slack",), morning(MONDAY, 3)) == 0
    assert statements and of_alerts(statements) == []


def test_while_the_lock_is_held_nothing_slow_is_read(world: World) -> None:
    """Visits, judgements and orders are read before; the line goes on."""
    world.hold(Hold.QUIET)
    world.enter(RepEntry(email=JO, name="Jo Maier", manager=BOSS))
    with asked(world.engine) as statements:
        assert world.send(morning(MONDAY)) == 2
    held = [text for is_held, text in statements if is_held]
    slow = ("FROM visits", "FROM judgements", "FROM activities", "FROM accounts", "FROM corrections")
    assert any("INSERT INTO notices" in text for text in held)
    assert [text for text in held if any(each in text for each in slow)] == []


def kept_counts(statements: list[tuple[bool, str]]) -> int:
    return sum("coalesce(visits." in text and "GROUP BY" in text for _, text in statements)


def test_the_visits_kept_from_people_are_counted_once_for_all(world: World) -> None:
    """Three people are told at the same time; and whoever hears nothing needs no count."""
    world.copies(1, to=ANNA)
    world.copies(1, to="zoe@example.com")
    with asked(world.engine) as statements:
        assert world.send(morning(MONDAY)) == 3
    assert kept_counts(statements) == 1


def test_where_there_is_nothing_to_say_nothing_is_counted(world: World) -> None:
    """A taken alert leaves no digest to send."""
    with writing(world.engine) as connection:
        actions.ACTS["claim"](connection, world.alert, JO, morning(0, 17))
    with asked(world.engine) as statements:
        assert world.send(morning(MONDAY)) == 0
    assert kept_counts(statements) == 0


def test_alerts_for_people_who_were_not_entered_come_in_the_morning_only(world: World) -> None:
    """The owner of an account whom nobody entered has the policy's hours; what comes later waits for the next day."""
    assert world.send(morning(MONDAY)) == 1
    world.copies(1, to=ANNA)
    assert [world.send(morning(MONDAY, 11)), world.send(morning(MONDAY + 1))] == [0, 2]


def again(world: World, moment: datetime) -> None:
    """Let the alert be of then."""
    with writing(world.engine) as connection:
        connection.execute(update(told).values(at=moment, created_at=moment))


def weeks(world: World) -> int:
    return sum(kind == "weekly" for kind, _, _ in world.sent())


def test_a_manager_who_does_not_work_on_the_day_gets_the_week_on_the_next(world: World) -> None:
    """Tuesday to Thursday: the week of Monday comes on Tuesday, once."""
    world.enter(RepEntry(email=JO, name="Jo Maier", manager=BOSS), RepEntry(email=BOSS, days=frozenset({1, 2, 3})))
    found = []
    for days in (MONDAY, MONDAY + 1, MONDAY + 2):
        world.send(morning(days))
        found.append(weeks(world))
    assert found == [0, 1, 1]


def test_a_manager_who_was_away_gets_the_week_when_back(world: World) -> None:
    """Away on the second Monday: on the Tuesday; nobody who is entered on a Wednesday begins in the middle."""
    world.enter(RepEntry(email=JO, name="Jo Maier", manager=BOSS))
    world.send(morning(MONDAY + 2))
    assert weeks(world) == 0
    again(world, morning(MONDAY + 6))
    world.send(morning(MONDAY + 7))
    assert weeks(world) == 1
    monday = morning(MONDAY + 14).date()
    world.enter(RepEntry(email=BOSS, away_from=monday, away_until=monday))
    again(world, morning(MONDAY + 13))
    world.send(morning(MONDAY + 14))
    assert weeks(world) == 1
    world.send(morning(MONDAY + 15))
    assert weeks(world) == 2


def test_what_slipped_since_the_last_digest_is_told_after_a_fortnight_away(world: World) -> None:
    """Not only what slipped within the last seven days."""
    assert world.send(morning(MONDAY)) == 1
    slips, back = morning(MONDAY + 1), morning(MONDAY + 14)
    late = Account(id=AccountId("C-9"), name="Adria Ventile", domains=("adria.example",), owner_email=JO)
    orders = [
        Activity(account=late.id, kind="purchase", at=slips - timedelta(days=100 + 60 * number), amount=Decimal(100))
        for number in range(8)
    ]
    with writing(world.engine) as connection:
        write_accounts(connection, [late], slips)
        write_activities(connection, {derived("slips", number): one for number, one in enumerate(orders)})
        row = {"account": late.id, "state": "going_quiet", "tier": "", "since": slips, "judged_at": slips}
        connection.execute(upsert(connection, account_states, ("account",), ("state", "since")), [row])
    text = text_for(world.engine, OFFICE, JO, back)
    assert text is not None and "Adria Ventile" in str(text)
    assert send_due(world.engine, OFFICE, back) == 1
