"""The learned map end to end: clicks in, visits without any clue recognised, and all of it undone with its evidence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import FREIGHT, HOSTER_IP, ISP_IP, NOON, PUMPS, SILENT_IP, STRANGER_IP, fill, networks_file, page
from pages import MovingClock, settings
from sqlalchemy import Engine, delete

from app import learned, privacy, wiring
from app.merging import merge
from app.pipeline import Batch, Pipeline
from core.database import reading, writing
from core.domain import AccountId, Drop, DropReason, Evidence, IdentityClue, NetworkKind, Signal
from enrichment.account.match import AccountIndex
from enrichment.company import store as correction_store
from enrichment.network import store as network_store
from enrichment.network.learned import store
from enrichment.network.learned.observation import ObservationKind, observation
from enrichment.network.learned.rule import Status
from enrichment.network.learned.tables import learned_observations
from enrichment.store import Judgement


class World:
    """A shop with customers, its line, and a clock."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine = engine
        self.clock = MovingClock(NOON)
        (home / "networks").mkdir(exist_ok=True)
        networks_file(home / "networks")
        fill(engine)
        self.settings = settings(home)
        self.line: Pipeline = wiring.pipeline(self.settings, engine, self.clock)
        self.visits = 0

    def visit(self, ip: str, *, account: AccountId | None = None, seconds: int = 40) -> Judgement:
        """Somebody reads a page; with an account, they came by its signed link. Then half an hour passes."""
        self.visits += 1
        at = self.clock() - timedelta(seconds=seconds)
        clues = (IdentityClue(kind="signed_link", value=account, at=at),) if account else ()
        view = page(ip=ip, at=at, seconds=seconds, visitor=f"v{self.visits}", name=str(self.visits), clues=clues)
        result = self.line.run(Batch(views=[view]))
        self.clock.forward(minutes=40)
        return result.visits[0]

    def sign_in(self, ip: str, account: AccountId, at: datetime, user: str, kind: ObservationKind = "login") -> None:
        """Evidence as the events API keeps it."""
        found = observation(self.settings.secret, ip, account, kind, at, user=user)
        assert found is not None
        with writing(self.engine) as connection:
            store.observe(connection, [found], self.clock())


@pytest.fixture
def world(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose line looks at the database for every batch."""
    monkeypatch.setattr(wiring, "LOOK_AGAIN_SECONDS", -1.0)
    monkeypatch.setattr(wiring, "SLOW_SECONDS", 1e9)  # on a busy machine too, in step with the line
    yield World(engine, tmp_path)


def account_of(judged: Judgement) -> AccountId | None:
    """Whom a visit was taken for."""
    return judged.outcome.account.id if isinstance(judged.outcome, Signal) else None


def test_three_signed_visits_make_an_address_an_accounts(world: World) -> None:
    """Two clicks aren't enough; after three the fourth visitor is recognised without any clue, and why is said."""
    for _ in range(2):
        assert account_of(world.visit(SILENT_IP, account=FREIGHT)) == FREIGHT
    assert account_of(world.visit(SILENT_IP)) is None
    world.visit(SILENT_IP, account=FREIGHT)

    known = world.visit(SILENT_IP)

    assert account_of(known) == FREIGHT
    network = known.outcome.seen.network
    assert network is not None
    [told] = [reason.text for reason in network.why if reason.code == "learned"]
    assert told == "3 signed links since 20 November by Nordwind Maschinenbau GmbH from this address"
    assert SILENT_IP not in str(network.evidence)
    evidence = next(item for item in network.evidence if item.source == "learned")
    assert (evidence.prefix, evidence.at) == ("198.51.100.0/24", world.clock() - timedelta(minutes=80))


def test_two_accounts_at_one_address_share_it(world: World) -> None:
    """A click for another account unmakes the mapping."""
    for _ in range(3):
        world.visit(SILENT_IP, account=FREIGHT)
    assert account_of(world.visit(SILENT_IP)) == FREIGHT
    world.visit(SILENT_IP, account=PUMPS)
    assert account_of(world.visit(SILENT_IP)) is None


def test_without_evidence_for_90_days_it_is_gone(world: World) -> None:
    """The mapping fades below the alert point, then ends; the chore deletes its evidence."""
    for _ in range(6):
        world.visit(SILENT_IP, account=FREIGHT)
    confidences = []
    for _ in range(4):
        judged = world.visit(SILENT_IP)
        confidences.append(judged.outcome.confidence if isinstance(judged.outcome, Signal) else 0.0)
        world.clock.forward(days=30)
    assert confidences[0] > world.settings.alert_point > confidences[2]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[3] == 0.0
    with reading(world.engine) as connection:
        assert store.count(connection) == 6
    privacy.expire(world.engine, world.clock(), timedelta(hours=24))
    with reading(world.engine) as connection:
        assert store.count(connection) == 0


def test_deleting_the_evidence_removes_the_match(world: World) -> None:
    """The map is nothing but its evidence: without it, the same visit judged again is nobody's."""
    for _ in range(3):
        world.visit(SILENT_IP, account=FREIGHT)
    assert account_of(world.visit(SILENT_IP)) == FREIGHT
    with writing(world.engine) as connection:
        connection.execute(delete(learned_observations))
    assert account_of(world.visit(SILENT_IP)) is None


def test_a_visit_recognised_by_the_map_is_no_evidence(world: World) -> None:
    """Otherwise the map would prove itself."""
    for _ in range(3):
        world.visit(SILENT_IP, account=FREIGHT)
    for _ in range(3):
        world.visit(SILENT_IP)
    with reading(world.engine) as connection:
        assert store.count(connection) == 3


def test_a_click_that_does_not_count_is_no_evidence(world: World) -> None:
    """A mail scanner opens links without reading."""
    for _ in range(4):
        world.visit(SILENT_IP, account=FREIGHT, seconds=0)
    with reading(world.engine) as connection:
        assert store.count(connection) == 0


def test_declared_beats_learned(world: World) -> None:
    """What somebody stated counts before what was learned."""
    for _ in range(3):
        world.visit(SILENT_IP, account=FREIGHT)
    with writing(world.engine) as connection:
        network_store.declare(connection, "198.51.100.240/28", PUMPS, "Hartmann", now=world.clock())
    assert account_of(world.visit(SILENT_IP)) == PUMPS


@pytest.mark.parametrize("by", [("anna@example.com", "jo@example.com")])
def test_wrong_company_blocks_the_mapping(world: World, by: tuple[str, ...]) -> None:
    """Once people said that the network isn't the account's, the map says so too."""
    for _ in range(3):
        world.visit(SILENT_IP, account=FREIGHT)
    with writing(world.engine) as connection:
        for person in by:
            correction_store.reject(connection, FREIGHT, "198.51.100.0/24", person, world.clock())
    judged = world.visit(SILENT_IP)
    assert account_of(judged) is None


def test_a_home_line_never_makes_an_alert(world: World) -> None:
    """One person at an internet provider's address: recognised while fresh, but below the alert point."""
    for day in range(5):
        world.sign_in(ISP_IP, FREIGHT, NOON - timedelta(days=day), "eva")
    judged = world.visit(ISP_IP)
    assert isinstance(judged.outcome, Signal)
    assert judged.outcome.confidence < world.settings.alert_point
    network = judged.outcome.seen.network
    assert network is not None and network.kind is NetworkKind.ISP
    world.clock.forward(days=31)
    later = world.visit(ISP_IP)
    assert isinstance(later.outcome, Drop) and later.outcome.reason is DropReason.NETWORK_ISP


def test_a_hosters_address_is_never_mapped(world: World) -> None:
    """Behind it are proxies and servers of many."""
    for day in range(5):
        world.sign_in(HOSTER_IP, FREIGHT, NOON - timedelta(days=day), f"user-{day}")
    assert account_of(world.visit(HOSTER_IP)) is None


def test_a_range_of_another_company_is_kept_to_who_was_seen(world: World) -> None:
    """The registry names a stranger that is no customer: signed evidence still holds for the address itself."""
    for day in range(4):
        world.sign_in(STRANGER_IP, FREIGHT, NOON - timedelta(days=day), f"user-{day}")
    assert account_of(world.visit(STRANGER_IP)) == FREIGHT
    assert account_of(world.visit("192.0.2.131")) is None


class _Talkative:
    """A source that first knows nothing of an address, and later whose servers stand there."""

    name = "mmdb"
    kind: NetworkKind | None = None

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        if self.kind is None:
            return ()
        return (Evidence(source="mmdb:late", prefix=f"{ip}/32", organisation="Example Hosting", kind=self.kind),)

    def refresh(self) -> bool:
        return False

    def problems(self) -> tuple[str, ...]:
        return ()


def test_what_other_sources_learn_later_reaches_the_map_within_an_hour(world: World) -> None:
    """A registry's word comes after the first judgement of a line; at the next it counts."""
    for day in range(4):
        world.sign_in(SILENT_IP, FREIGHT, NOON - timedelta(days=day), f"user-{day}")
    late, kept = _Talkative(), learned.LearnedMap(world.settings.secret)
    kept.know((late,), (), AccountIndex(()), None)
    with reading(world.engine) as connection:
        kept.load(connection, NOON)
        assert [line.status for line in kept.memory.lines()] == [Status.MAPPED]
        late.kind = NetworkKind.HOSTING
        assert kept.load(connection, NOON + learned.JUDGE_EVERY)
    assert [line.status for line in kept.memory.lines()] == [Status.SHARED_KIND]


def test_evidence_of_merged_accounts_is_one_accounts(world: World) -> None:
    """A line that two accounts shared is the master's once they are one customer."""
    for account in (FREIGHT, PUMPS):
        world.sign_in(SILENT_IP, account, NOON, "eva")
        world.sign_in(SILENT_IP, account, NOON - timedelta(days=1), "jo")
    assert account_of(world.visit(SILENT_IP)) is None
    with writing(world.engine) as connection:
        merge(connection, FREIGHT, PUMPS, "anna@example.com", world.clock())
    assert account_of(world.visit(SILENT_IP)) == FREIGHT


def test_a_large_map_is_judged_beside_the_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hourly judgement of much evidence takes seconds: the line goes on with what it knew until it is done."""
    for user in ("ada", "bo", "cy"):
        world.sign_in(SILENT_IP, FREIGHT, world.clock() - timedelta(days=1), user)
    known = wiring.KnownCache(world.settings, world.engine, world.clock)
    before = known()
    assert before.networks.network(SILENT_IP).accounts == (FREIGHT,)
    monkeypatch.setattr(learned, "LARGE", 3)
    world.clock.forward(days=120)

    assert known() is before

    for _ in range(500):
        if known() is not before:
            break
        time.sleep(0.01)
    assert known().networks.network(SILENT_IP).accounts == ()
