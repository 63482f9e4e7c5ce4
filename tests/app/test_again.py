"""What people say of a network reaches its past visits: declared, accepted, rejected, taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from line_world import FREIGHT, FREIGHT_IP, NOON, PUMPS, SILENT_IP, fill, networks_file, page
from pages import MovingClock, settings
from sqlalchemy import Engine, func, select

from alerts.after import with_feedback
from alerts.message import from_data
from alerts.store import alert_row
from alerts.tables import alerts
from app import actions, again, again_queries, wiring
from app.cli.main import dormouse
from app.network_actions import decide
from app.pipeline import Batch
from core.database import reading, writing
from core.domain import AlertId
from core.ids import derived
from enrichment.account.discovery import store as discovery_store
from enrichment.account.discovery.judging import Finding
from enrichment.company import store as correction_store
from enrichment.network import store as network_store
from enrichment.tables import judgements

NEXT_DOOR = "198.51.101.7"
ADMIN = "admin@localhost"
PAGES = ("/pricing", "/request-quote")


class World:
    """A shop, its line and its clock."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine, self.clock = engine, MovingClock(NOON)
        (home / "networks").mkdir(exist_ok=True)
        networks_file(home / "networks")
        fill(engine)
        given = settings(home)
        self.known = wiring.KnownCache(given, engine, self.clock)
        self.line = wiring.pipeline(given, engine, self.clock, self.known)

    def visit(self, ip: str, name: str, age: timedelta) -> None:
        """Somebody read a page `age` ago, and is judged now."""
        view = page(ip=ip, at=self.clock() - age, seconds=40, visitor=name, name=name)
        self.line.run(Batch(views=[view]))

    def round(self) -> int:
        """One turn of the worker's chore."""
        return again.judge_again(self.engine, self.line, self.known.catch_up, self.clock())

    def accounts(self) -> list[str | None]:
        """Whose the visits are, in their order."""
        with reading(self.engine) as connection:
            return list(connection.execute(select(judgements.c.account).order_by(judgements.c.at)).scalars())

    def alerts(self) -> int:
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(alerts)).scalar_one()


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> World:
    return World(any_engine, tmp_path)


def test_a_declared_network_names_its_past_visits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those inside it alone, in slices, once; what is beyond 30 days stays."""
    monkeypatch.setattr(again, "JUDGE_AT_ONCE", 1)
    monkeypatch.setattr(again, "LOOK_AT_ONCE", 2)
    world.visit(SILENT_IP, "long ago", timedelta(days=31))
    world.visit(SILENT_IP, "last week", timedelta(days=7))
    world.visit(SILENT_IP, "yesterday", timedelta(days=1))
    world.visit(NEXT_DOOR, "next door", timedelta(hours=2))
    assert world.accounts() == [None, None, None, None]
    with writing(world.engine) as connection:
        network_store.declare(connection, "198.51.100.248/29", FREIGHT, now=world.clock())
        again_queries.want(connection, "198.51.100.248/29", world.clock())

    assert world.round() == 2

    assert world.accounts() == [None, FREIGHT, FREIGHT, None]
    assert world.round() == 0


def test_history_is_told_to_nobody(world: World) -> None:
    """A visit of a week ago that turns out to be a customer's is no news; one of a moment ago is."""
    world.visit(SILENT_IP, "last week", timedelta(days=7))
    with writing(world.engine) as connection:
        network_store.declare(connection, "198.51.100.248/29", FREIGHT, now=world.clock())
        again_queries.want(connection, "198.51.100.248/29", world.clock())
    world.round()
    with reading(world.engine) as connection:
        live = connection.execute(select(func.count()).where(alerts.c.backfill.is_(False))).scalar_one()
    assert (world.accounts(), live) == ([FREIGHT], 0)


def test_a_decision_on_a_proposal_and_its_undoing_reach_past_visits(world: World) -> None:
    """Accepted, the visit is the account's; rejected, it is nobody's."""
    finding = Finding(
        account=FREIGHT,
        prefix="198.51.100.248/29",
        organisation="Nordwind",
        source="dns:mx",
        group="dns",
        text="The mail server of nordwind.example",
        confidence=0.4,
        waits="the DNS alone is no proof",
    )
    with writing(world.engine) as connection:
        discovery_store.propose(connection, [finding], world.clock())
    world.visit(SILENT_IP, "yesterday", timedelta(days=1))
    assert world.accounts() == [None]
    key = discovery_store.proposal_id(FREIGHT, finding.prefix)
    found = []
    for status in ("accepted", "rejected"):
        world.clock.forward(minutes=1)
        with writing(world.engine) as connection:
            decide(connection, key, status, "admin@localhost", world.clock())  # type: ignore[arg-type]
        world.round()
        found += world.accounts()
    assert found == [FREIGHT, None]


def test_what_is_said_during_a_round_is_not_forgotten(engine: Engine) -> None:
    """A round forgets only what it saw."""
    with writing(engine) as connection:
        again_queries.want(connection, "198.51.100.248/29", NOON)
        seen = again_queries.wanted(connection)
        again_queries.want(connection, "198.51.100.248/29", NOON + timedelta(seconds=1))
        again_queries.done(connection, seen)
        assert list(again_queries.wanted(connection)) == ["198.51.100.248/29"]
        again_queries.done(connection, again_queries.wanted(connection))
        assert again_queries.wanted(connection) == {}


def test_the_command_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`networks declare` and `--remove` both leave word for the worker."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    given = settings(tmp_path)
    run = CliRunner().invoke
    assert run(dormouse, ["init"]).exit_code == 0
    engine = wiring.engine(given)
    for more in (("--organisation", "Acme"), ("--remove", "--organisation", "")):
        said = run(dormouse, ["networks", "declare", "192.0.2.0/28", *more])
        assert said.exit_code == 0, said.output
        with writing(engine) as connection:
            waiting = again_queries.wanted(connection)
            again_queries.done(connection, waiting)
        assert list(waiting) == ["192.0.2.0/28"]


def given_to_pumps(world: World, age: timedelta) -> str:
    """A visit that was told as Nordwind's `age` ago; an admin says now that it was Hartmann Pumpen. Returns it."""
    views = [page(path, ip=FREIGHT_IP, at=world.clock(), seconds=90, name=path) for path in PAGES]
    (told,) = world.line.run(Batch(views=views)).alerts
    world.clock.at += age
    with writing(world.engine) as connection:
        actions.wrong_company(connection, told.id, ADMIN, world.clock())
        actions.pick_account(connection, told.id, ADMIN, world.clock(), choice=PUMPS)
    return told.visit


def judged(world: World) -> tuple[str | None, str | None]:
    """Whose the visit is, and why nobody was told."""
    with reading(world.engine) as connection:
        return tuple(connection.execute(select(judgements.c.account, judgements.c.silence)).one())  # type: ignore[return-value]


def told(world: World) -> list[tuple[str, str]]:
    """The accounts that alerts are about, each with whom it was for."""
    with reading(world.engine) as connection:
        return [
            tuple(row) for row in connection.execute(select(alerts.c.account, alerts.c.to).order_by(alerts.c.account))
        ]


def test_the_right_rep_is_told_of_a_visit_that_was_given_to_their_account(world: World) -> None:
    """Until the line has judged it again it has a silence; then its rep has an alert, once."""
    given_to_pumps(world, timedelta(minutes=20))
    assert (judged(world), told(world)) == ((PUMPS, "given"), [(FREIGHT, "jo@example.com")])
    assert world.round() == 1
    assert (judged(world), told(world)) == ((PUMPS, None), [(PUMPS, "anna@example.com"), (FREIGHT, "jo@example.com")])
    assert (world.round(), world.alerts()) == (0, 2)


def test_a_visit_given_a_day_later_is_history_and_says_so(world: World) -> None:
    """Nobody "is back" then: no alert, and the timeline says why."""
    given_to_pumps(world, timedelta(hours=25))
    assert world.round() == 0
    assert (judged(world), world.alerts()) == ((PUMPS, "given"), 1)


def test_the_message_that_asked_says_who_it_was_until_that_is_taken_back(world: World) -> None:
    """Whom it was taken from reads the answer; undone, the question stands again."""
    visit = given_to_pumps(world, timedelta(minutes=20))

    def asks() -> tuple[bool, bool]:
        with reading(world.engine) as connection:
            row = alert_row(connection, AlertId(derived("alert", FREIGHT, visit)))
            assert row is not None
            note = with_feedback(from_data(row.alert.message), row.feedback).note
        return "It was Hartmann Pumpen GmbH." in note, "Who was it?" in note

    assert asks() == (True, False)
    with writing(world.engine) as connection:
        (right,) = [each.word.id for each in correction_store.listed(connection) if each.word.verdict == "right"]
        actions.undo_correction(connection, right, ADMIN, world.clock())
    assert asks() == (False, True)
