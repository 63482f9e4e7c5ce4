"""Asking registries: budgets kept, breakers opened and closed, answers remembered, the line never in the way."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from asking_world import AskingWorld, TurnedClock, filled
from dns_stand_in import DnsStandIn
from line_world import ISP_IP, NOON, PUMPS, SILENT_IP
from rdap_stand_in import RdapStandIn, Record
from sqlalchemy import Engine, select

from app import remote_parts
from core.database import reading, writing
from enrichment.network.remote import asker as asking
from enrichment.network.remote import store
from enrichment.network.remote.answers import RegistryAnswer
from enrichment.network.remote.asker import Asker, Round
from enrichment.network.remote.budget import BreakerState, breaker
from enrichment.network.remote.registries import built_in
from enrichment.network.remote.store import Wanted
from enrichment.network.remote.tables import ask_queue, registry_answers
from enrichment.tables import judgements

CUSTOMER = Record(prefix="192.0.2.8/29", name="Hartmann Pumpen GmbH", netname="HARTMANN-NET", country="DE")


def state(world: AskingWorld, lane: str) -> BreakerState:
    with reading(world.engine) as connection:
        return breaker(store.budgets(connection)[lane], world.clock())


def accounts(engine: Engine) -> list[str | None]:
    with reading(engine) as connection:
        return list(connection.execute(select(judgements.c.account).order_by(judgements.c.at)).scalars())


def test_a_registry_that_asks_for_a_rest_gets_it(engine: Engine, tmp_path: Path) -> None:
    """429 with Retry-After: no call until then, one probe, and the breaker closes; the visit is judged after all."""
    clock = TurnedClock()
    with RdapStandIn([CUSTOMER], clock=lambda: (clock() - NOON).total_seconds()) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry, clock=clock)
        rdap.fault("rate_limited", seconds=600)
        world.visit(ISP_IP)
        world.visit("192.0.2.40", visitor="visitor-2")
        world.step()
        assert state(world, "ripencc") is BreakerState.OPEN

        for _ in range(26):
            clock.turn(seconds=25)
            world.step()

        assert [call.at for call in rdap.log if call.registry == "ripencc"][:2] == [0.0, 600.0]
        assert state(world, "ripencc") is BreakerState.CLOSED
        assert accounts(engine).count(PUMPS) == 1


@pytest.mark.parametrize("fault", ["server_error", "truncated", "lie"])
def test_a_registry_out_of_order_is_left_alone(engine: Engine, tmp_path: Path, fault: str) -> None:
    """After three failures in a row it is asked ever more seldom: not 60 times in ten minutes but a handful."""
    clock = TurnedClock()
    with RdapStandIn([CUSTOMER], clock=lambda: (clock() - NOON).total_seconds()) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry, clock=clock)
        rdap.fault(fault, times=10_000)  # type: ignore[arg-type]
        for last in range(1, 60, 4):
            world.visit(f"192.0.2.{last}", visitor=f"visitor-{last}")
        for _ in range(60):
            world.step()
            clock.turn(seconds=10)
        assert 3 <= len(rdap.log) <= 8
        assert state(world, "ripencc") is not BreakerState.CLOSED
        with reading(engine) as connection:
            assert not list(connection.execute(select(registry_answers).where(registry_answers.c.found)))

        rdap.recover()
        for _ in range(34):
            clock.turn(seconds=60)
            world.step()
        assert state(world, "ripencc") is BreakerState.CLOSED
        assert PUMPS in accounts(engine)


def test_one_registry_out_of_order_holds_up_no_other(engine: Engine, tmp_path: Path) -> None:
    """While LACNIC rests, RIPE is asked."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        rdap.fault("rate_limited", registry="lacnic", seconds=3600)
        world.visit(SILENT_IP)
        world.step()
        world.visit(ISP_IP, visitor="visitor-2")
        step = world.step()
        assert (step.round.answered, rdap.asked("lacnic"), rdap.asked("ripencc")) == (1, [SILENT_IP], [ISP_IP])


def test_budget_and_breaker_survive_a_restart(engine: Engine, tmp_path: Path) -> None:
    """Killed and started again and again, the process asks no more often than one that runs on."""
    with RdapStandIn() as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        for number in range(2, 9):
            world.visit(f"198.51.100.{number + 150}", visitor=f"visitor-{number}")
        for _ in range(6):
            world.asking = world.second_pass()
            world.step()
        assert len(rdap.asked("lacnic")) == 1, "the first answer, 404, covers the others of its /29"

        rdap.fault("rate_limited", registry="arin", seconds=900)
        world.visit("203.0.113.200", visitor="visitor-99")
        world.step()
        world.clock.turn(minutes=10)
        world.asking = world.second_pass()
        assert world.step().round.asked == 0
        assert world.step().round.held_until["arin"] == NOON + timedelta(minutes=15)


def test_no_such_network_is_remembered(engine: Engine, tmp_path: Path) -> None:
    """A 404 isn't asked again for about a day, for any neighbour; then it is."""
    with RdapStandIn() as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        world.visit(ISP_IP)
        assert world.step().round.unknown == 1
        for hours in (1, 10, 18):
            world.clock.moment = NOON + timedelta(hours=hours)
            world.visit("192.0.2.12", visitor=f"visitor-{hours}")
            world.step()
        assert len(rdap.log) == 1
        world.clock.moment = NOON + timedelta(hours=30)
        world.visit("192.0.2.12", visitor="visitor-30")
        world.step()
        assert len(rdap.log) == 2


def test_an_old_answer_serves_while_it_is_asked_for_anew(engine: Engine, tmp_path: Path) -> None:
    """After 40 days the first pass still recognises the customer; the registry is asked once; the range has moved."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        world.visit(ISP_IP)
        world.step()
        world.clock.turn(days=40)
        later = world.visit(ISP_IP, visitor="visitor-2")
        networks = [item.outcome.seen.network for item in later.visits]
        assert [network.prefix for network in networks if network] == ["192.0.2.8/29"]

        rdap.add(Record(prefix="192.0.2.0/27", name="Nordwind Maschinenbau GmbH", netname="NORDWIND-NET"))
        rdap._tables.pop((4, 29))
        world.step()

        assert len(rdap.log) == 2
        with reading(engine) as connection:
            assert list(connection.execute(select(registry_answers.c.range)).scalars()) == ["192.0.2.0-192.0.2.31"]


def test_a_referral_costs_the_other_registrys_budget(engine: Engine, tmp_path: Path) -> None:
    """LACNIC sends us to registro.br, which is asked in its own time and whose answer counts."""
    record = Record(prefix="198.51.100.248/29", name="Hartmann Pumpen GmbH", registry="registro.br")
    with RdapStandIn([record]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        rdap.fault("referral", registry="lacnic", to="registro.br")
        world.visit(SILENT_IP)
        world.step()
        world.step()
        assert [call.registry for call in rdap.log] == ["lacnic", "registro.br"]
        assert accounts(engine) == [PUMPS]


def test_registries_that_send_us_round_in_circles_are_given_up(engine: Engine, tmp_path: Path) -> None:
    """After a few hops the address counts as unknown."""
    with RdapStandIn() as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        rdap.fault("referral", times=50, registry="lacnic", to="registro.br")
        rdap.fault("referral", times=50, registry="registro.br", to="lacnic")
        world.visit(SILENT_IP)
        for _ in range(40):
            world.step()
            world.clock.turn(seconds=60)
        assert len(rdap.log) <= asking.TRIES + 1
        with reading(engine) as connection:
            assert store.queue_lengths(connection) == {}


def test_ipv6_leaves_the_house_without_its_last_half(engine: Engine, tmp_path: Path) -> None:
    """Of an IPv6 address only the /64 is sent."""
    with RdapStandIn() as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        world.visit("2001:db8:1:2:3:4:5:6")
        world.step()
        assert rdap.asked() == ["2001:db8:1:2::"]


def test_two_processes_never_ask_for_the_same(any_engine: Engine, tmp_path: Path) -> None:
    """Two at once share queue and budget: 12 networks, 12 calls, none twice, on either database."""
    with RdapStandIn() as rdap:
        world = filled(any_engine, tmp_path, rdap_url=rdap.url)
        for number in range(12):
            world.visit(f"2001:db8:{number:x}::1", visitor=f"visitor-{number}")
        both = [world.second_pass() for _ in range(2)]
        both[0].step(0)

        def work(one: int) -> None:
            for _ in range(12):
                both[one].step()
                world.clock.turn(seconds=4)

        threads = [threading.Thread(target=work, args=(one,)) for one in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asked = rdap.asked()
        assert sorted(asked) == sorted(set(asked))
        assert len(asked) == 12


def test_the_line_doesn_t_wait_for_a_registry_that_hangs(engine: Engine, tmp_path: Path) -> None:
    """While a call hangs, hits are judged as fast as ever: nothing is locked, no transaction is open."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        rdap.fault("hang", seconds=2)
        world.visit(ISP_IP)
        hanging = threading.Thread(target=world.step)
        hanging.start()
        while not rdap.log:
            time.sleep(0.01)
        slowest = 0.0
        for number in range(20):
            began = time.monotonic()
            world.visit("192.0.2.131", visitor=f"visitor-{number}")
            slowest = max(slowest, time.monotonic() - began)
        assert hanging.is_alive()
        assert slowest < 0.5
        hanging.join()


def test_host_names_are_asked_for_once_and_kept_without_the_address(engine: Engine, tmp_path: Path) -> None:
    """The DNS gives a confirmed host name; the evidence has it; a second visit asks nobody."""
    names = {ISP_IP: ["vpn.hartmann.example"]}
    with DnsStandIn(names, {"vpn.hartmann.example": [ISP_IP]}) as dns:
        world = filled(engine, tmp_path, dns_server=dns.server)
        world.visit(ISP_IP)
        world.step()
        assert len(dns.log) == 2
        evidence = world.line._parts.known().networks.network(ISP_IP).evidence
        assert [(item.host, item.confirmed, item.domain) for item in evidence if item.source == "rdns"] == [
            ("vpn.hartmann.example", True, "hartmann.example")
        ]
        world.visit(ISP_IP, visitor="visitor-2")
        world.step()
        assert len(dns.log) == 2


@pytest.mark.slow
def test_ten_thousand_new_addresses_are_asked_about_in_order_and_within_budget(engine: Engine) -> None:
    """10,000 networks, 500 of them LACNIC's, four minutes: no minute above its limit, the worthiest first, no ban."""
    clock = TurnedClock()
    owners = built_in()
    items = _ten_thousand()
    with writing(engine) as connection:
        assert store.want(connection, items) == 10_000
    calls: list[tuple[float, str, str]] = []

    def ask(registry: str, ip: str) -> RegistryAnswer:
        calls.append(((clock() - NOON).total_seconds(), registry, ip))
        return RegistryAnswer(registry=registry, first=ip, last=ip, organisation="Example Foods GmbH")

    asker = Asker(
        lambda: writing(engine),
        clock,
        ask=ask,
        ask_host=None,
        limits=remote_parts.LIMITS,
        narrower=lambda *_: (),
        hashed=str,
        is_known=lambda _item: False,
    )
    done = Round()
    for _ in range(120):
        done = asker.round()
        clock.turn(seconds=2)
    assert done.failed == 0

    for registry, limits in remote_parts.LIMITS.items():
        times = [at for at, name, _ in calls if name == registry]
        assert all(sum(start <= at < start + 60 for at in times) <= limits.per_minute for start in times)
    lacnic = [ip for _, name, ip in calls if name == "lacnic"]
    assert 4 * 7 <= len(lacnic) <= 4 * 10
    worths = {item.address: item.worth for item in items}
    asked = [worths[ip] for ip in lacnic]
    assert asked == sorted(asked, reverse=True)
    assert len({ip for _, _, ip in calls}) == len(calls)
    assert all(owners.registry(ip) == name for _, name, ip in calls)
    with reading(engine) as connection:
        assert len(list(connection.execute(select(ask_queue.c.address)))) == 10_000 - len(calls)


def _ten_thousand() -> list[Wanted]:
    """Made-up addresses spread over the registries, each in a network of its own; what they are worth is mixed."""
    spread = (
        ("lacnic", "177.0.0.9", 500),
        ("arin", "64.0.0.9", 4000),
        ("ripencc", "81.0.0.9", 3000),
        ("apnic", "1.0.0.9", 2000),
        ("afrinic", "41.0.0.9", 500),
    )
    items = []
    for lane, first, count in spread:
        base = int(ip_address(first))
        for number in range(count):
            worth = float((number * 7919) % 1000)
            address = str(ip_address(base + number * 256))
            items.append(Wanted(source="rdap", address=address, lane=lane, worth=worth, seen_at=NOON))
    return items
