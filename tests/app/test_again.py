"""What people say of a network reaches its past visits: declared, accepted, rejected, taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from line_world import FREIGHT, NOON, SILENT_IP, fill, networks_file, page
from pages import MovingClock, settings
from sqlalchemy import Engine, func, select

from alerts.tables import alerts
from app import again, again_queries, wiring
from app.cli.main import dormouse
from app.network_actions import decide
from app.pipeline import Batch
from core.database import reading, writing
from enrichment.account.discovery import store as discovery_store
from enrichment.account.discovery.judging import Finding
from enrichment.network import store as network_store
from enrichment.tables import judgements

NEXT_DOOR = "198.51.101.7"


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
