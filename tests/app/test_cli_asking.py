"""`dormouse networks ask`: works the queue off and says what came of it; `doctor` says where asking stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking_world import AskingWorld
from click.testing import CliRunner
from line_world import ISP_IP, PUMPS, fill
from rdap_stand_in import RdapStandIn, Record
from sqlalchemy import Engine, select

from app import doctor, second_pass
from app.cli.main import dormouse
from core import clock
from core.database import reading
from core.settings import VARIABLES, shown
from enrichment.network.remote.update import fetch_table
from enrichment.tables import judgements

CUSTOMER = Record(prefix="192.0.2.8/29", name="Hartmann Pumpen GmbH", netname="HARTMANN-NET", country="DE")


def environment(world: AskingWorld) -> dict[str, str]:
    known = shown(world.settings)
    names = ("home", "database_url", "mmdb_paths", "rdap_url")
    values = {VARIABLES[name]: known[VARIABLES[name]].replace(", ", ",") for name in names}
    return {**values, "DORMOUSE_RDAP": "on", "DORMOUSE_SECRET": world.settings.secret}


def test_the_queue_is_worked_off_and_reported(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked, answered, unknown, judged again; what a registry in trouble holds back is named with the reason."""
    monkeypatch.setattr(second_pass, "_is_public", lambda _ip: True)
    fill(engine)
    with RdapStandIn([CUSTOMER]) as rdap:
        world = AskingWorld(engine, tmp_path, rdap_url=rdap.by_registry)
        world.clock.moment = clock.now()
        rdap.fault("rate_limited", registry="lacnic", seconds=1800)
        world.visit(ISP_IP)
        world.visit("192.0.2.50", visitor="visitor-2")
        world.visit("198.51.100.200", visitor="visitor-3")

        done = CliRunner().invoke(dormouse, ["networks", "ask"], env=environment(world))

        assert done.exit_code == 0, done.output
        lines = done.output.splitlines()
        assert "asked 3: 1 answered, 1 unknown to the registry or DNS, 1 in vain; 0 spared by another's answer" in lines
        assert any(line.startswith("1 visits judged again") for line in lines)
        assert any("lacnic: 1 still waiting, held back: left alone until" in line for line in lines)
        with reading(engine) as connection:
            assert PUMPS in list(connection.execute(select(judgements.c.account)).scalars())

        found = {item.what: item for item in doctor._asking(world.settings, engine)}
        assert found["registry lacnic"].severity == 1
        assert "429" in found["registry lacnic"].found


def test_asking_is_off_until_it_is_turned_on(tmp_path: Path) -> None:
    """The error says why, and how to turn it on."""
    done = CliRunner().invoke(dormouse, ["networks", "ask"], env={"DORMOUSE_HOME": str(tmp_path)})
    assert done.exit_code != 0
    assert "DORMOUSE_RDAP=on" in done.output + str(done.exception)


def test_whom_we_ask_can_be_seen() -> None:
    """Each registry with its limit and address."""
    done = CliRunner().invoke(dormouse, ["networks", "registries"])
    assert "lacnic       10 calls a minute, 2,000 a day" in done.output


def test_ianas_table_is_read_and_anything_else_refused(shared_data: Path) -> None:
    """A table of the usual shape becomes lines; a page or a short table leaves the old one in place."""
    from file_server import Served, file_server

    from core.errors import UnavailableError

    folder = shared_data / "rdap" / "openrdap_bootstrap"
    with file_server() as web:
        web.files["/ipv4.json"] = Served(body=(folder / "ipv4.json").read_bytes())
        web.files["/ipv6.json"] = Served(body=(folder / "ipv6.json").read_bytes())
        web.files["/page"] = Served(body=b"<html>")
        text, lines = fetch_table((f"{web.url}/ipv4.json", f"{web.url}/ipv6.json"))
        assert lines == 256
        assert "177.0.0.0/8\tlacnic" in text.splitlines()
        for urls in ((f"{web.url}/page",), (f"{web.url}/ipv6.json",), (f"{web.url}/nowhere",)):
            with pytest.raises(UnavailableError):
                fetch_table(urls)
