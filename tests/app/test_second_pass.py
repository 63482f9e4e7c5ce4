"""The second pass: a registry's late answer makes the line judge a visit again, and nothing is doubled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from asking_world import AskingWorld, filled
from line_world import HOSTER_IP, ISP_IP, PUMPS, content
from rdap_stand_in import RdapStandIn, Record
from sqlalchemy import Engine, func, select

from alerts.tables import alerts
from app.pipeline import Result
from app.schema import metadata
from core.database import reading
from core.domain import VisitId
from enrichment.network.remote.tables import ask_queue
from enrichment.network.remote.worth import Seen, worth
from enrichment.tables import judgements
from tracker.tables import page_views, visits

CUSTOMER = Record(prefix="192.0.2.8/29", name="Hartmann Pumpen GmbH", netname="HARTMANN-NET", country="DE")


def number(engine: Engine, name: str) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()


def judged(engine: Engine) -> list[tuple[str | None, str | None, str | None]]:
    """(account, drop, prefix) of each visit."""
    with reading(engine) as connection:
        rows = connection.execute(select(judgements.c.account, judgements.c.drop, judgements.c.prefix))
        return [tuple(row) for row in rows]  # type: ignore[misc]


def test_a_late_answer_names_the_customer_of_a_carriers_range(engine: Engine, tmp_path: Path) -> None:
    """The first pass sees a carrier; the registry names the customer; the same visit leads to an alert, once."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        first = world.visit(ISP_IP, paths=("/pricing", "/request-quote"))
        assert (judged(engine), first.alerts) == ([(None, "network_isp", "192.0.2.0/26")], ())
        assert rdap.log == []

        step = world.step()

        assert [(call.registry, call.address) for call in rdap.log] == [("ripencc", ISP_IP)]
        assert (step.judged_again, len(step.alerts)) == (1, 1)
        assert judged(engine) == [(PUMPS, None, "192.0.2.8/29")]
        assert [number(engine, table.name) for table in (visits, page_views, alerts, ask_queue)] == [1, 2, 1, 0]


def test_a_second_look_costs_no_call(engine: Engine, tmp_path: Path) -> None:
    """Neighbours in the answered range are recognised in the first pass, and nobody is asked again."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        world.visit(ISP_IP)
        world.step()
        before = content(engine)

        again = [world.step() for _ in range(3)]
        assert content(engine) == before
        assert [step.round.asked for step in again] == [0, 0, 0]

        world.clock.turn(minutes=5)
        world.line._parts.known().networks.refresh()
        world.visit("192.0.2.14", visitor="visitor-2")
        assert judged(engine)[1] == (PUMPS, None, "192.0.2.8/29")
        world.step()
        assert len(rdap.log) == 1


def test_answers_survive_a_restart(engine: Engine, tmp_path: Path) -> None:
    """A process that starts on the database knows the answers of the one before it, and asks nobody."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        world.visit(ISP_IP)
        world.step()

        restarted = AskingWorld(engine, tmp_path, rdap_url=rdap.by_registry, clock=world.clock)
        world.clock.turn(minutes=40)
        restarted.visit(ISP_IP, visitor="visitor-3")

        assert judged(engine)[1][0] == PUMPS
        assert restarted.step().round.asked == 0
        assert len(rdap.log) == 1


def test_a_killed_second_pass_is_made_good(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the process dies between storing the answer and judging again, the next one judges."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        world.visit(ISP_IP)
        with monkeypatch.context() as patch:
            patch.setattr(world.line, "rejudge", lambda _ids: (_ for _ in ()).throw(SystemExit))
            with pytest.raises(SystemExit):
                world.step()
        assert judged(engine)[0][0] is None

        world.asking = world.second_pass()
        assert world.step().judged_again == 1
        world.asking = world.second_pass()
        assert world.step().judged_again == 0, "the judgement has the registry's word already"
        assert judged(engine)[0][0] == PUMPS
        assert len(rdap.log) == 1


def test_one_visit_that_cannot_be_judged_holds_up_no_other(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line fails on one visit: the others get the registry's word, and the second pass goes on."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        ids = [world.visit(f"192.0.2.{last}", visitor=f"visitor-{last}").visits[0].visit.id for last in (9, 10, 11)]
        rejudge = world.line.rejudge

        def fails(some: Sequence[VisitId]) -> Result:
            if ids[1] in some:
                raise RuntimeError("a fault of ours")
            return rejudge(some)

        monkeypatch.setattr(world.line, "rejudge", fails)
        with pytest.raises(RuntimeError):
            world.step()
        assert world.step().judged_again == 3
        assert sorted(account or "" for account, _, _ in judged(engine)) == ["", PUMPS, PUMPS]
        assert world.step().judged_again == 0


def test_what_is_settled_is_not_asked_about(engine: Engine, tmp_path: Path) -> None:
    """Nobody is asked about visitors who came by a bot's agent or from VPNs; data centres come last of all."""

    def asked(drop: str, kind: str) -> float:
        return worth(Seen(drop=drop, kind=kind, pages=3, engaged_ms=60_000, points=30, by_clue=False))

    assert asked("network_vpn", "vpn") == 0
    assert asked("bot_declared", "isp") == 0
    assert 0 < asked("network_hosting", "hosting") < asked("account_none", "business") < asked("network_isp", "isp")
    with RdapStandIn() as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        world.visit(HOSTER_IP)

        assert world.step().queued == 1


def test_one_answer_serves_all_who_wait_in_its_range(engine: Engine, tmp_path: Path) -> None:
    """Five visitors of one office cost one call, and all five visits are judged again."""
    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        for last in range(9, 14):
            world.visit(f"192.0.2.{last}", visitor=f"visitor-{last}")

        steps = [world.step() for _ in range(3)]

        assert len(rdap.log) == 1
        assert sum(step.judged_again for step in steps) == 5
        assert {account for account, _, _ in judged(engine)} == {PUMPS}


def test_history_stays_history(engine: Engine, tmp_path: Path) -> None:
    """A visit of an imported log that a late answer recognises is marked as found in history, and never sent."""
    from datetime import timedelta

    from line_world import NOON, page

    from app.pipeline import Batch

    with RdapStandIn([CUSTOMER]) as rdap:
        world = filled(engine, tmp_path, rdap_url=rdap.by_registry)
        old = [
            page(path, ip=ISP_IP, at=NOON - timedelta(days=3), late=timedelta(days=3), seconds=60)
            for path in ("/pricing", "/request-quote")
        ]
        world.line.run(Batch(views=old))

        step = world.step()

        assert [alert.backfill for alert in step.alerts] == [True]


def test_without_permission_nobody_is_asked(engine: Engine, tmp_path: Path) -> None:
    """Asking is off until the operator turns it on, and where no address may be kept."""
    from app import remote_parts
    from core.settings import read_settings

    world = filled(engine, tmp_path, rdap_url="http://127.0.0.1:9")
    off = read_settings({"DORMOUSE_HOME": str(tmp_path), "DORMOUSE_SECRET": "s"})
    keeps_none = read_settings({"DORMOUSE_RDAP": "on", "DORMOUSE_RAW_IP_HOURS": "0", "DORMOUSE_SECRET": "s"})
    assert remote_parts.second_pass(off, engine, world.line) is None
    assert remote_parts.second_pass(keeps_none, engine, world.line) is None
