"""`dormouse networks discover` from end to end: files in, networks found, a visit from one recognised."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from registry_dumps import RIPE_ORGANISATIONS, RIPE_RANGES, write

from app import wiring
from app.cli.main import dormouse
from core.settings import read_settings

ACCOUNTS = "id,name,country\nH,Hartmann Pumpen,DE\nF,Falk Logistik AG,AT\n"


def run(*arguments: str) -> str:
    """Run the command line; it must end well."""
    result = CliRunner().invoke(dormouse, [*arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_discover_then_recognise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a registry's file says names the account of a visit's network at once; rejected it doesn't."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path / "home"))
    run("init")
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    run("import", "accounts", str(tmp_path / "accounts.csv"))
    dump = write(tmp_path, "ripe.db.gz", RIPE_ORGANISATIONS + "\n" + RIPE_RANGES)
    said = run("networks", "discover", "--dump", str(dump))
    assert "1 organisations are accounts', 4 networks proposed, 0 changed" in said
    assert "3 networks act, 1 wait" in said
    settings = read_settings()
    known = wiring.KnownCache(settings, wiring.engine(settings))
    network = known().networks.network("192.0.2.3")
    assert (network.accounts, network.why[0].text) == (
        ("H",),
        "RIPE registers 192.0.2.0/28 to Hartmann Pumpen GmbH (netname HARTMANN-NET)",
    )
    run("networks", "reject", "192.0.2.0/28")
    again = wiring.KnownCache(settings, wiring.engine(settings))
    assert again().networks.network("192.0.2.3").accounts == ()


def test_without_accounts_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to look for yet."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path / "home"))
    run("init")
    result = CliRunner().invoke(dormouse, ["networks", "discover"])
    assert "import them first" in str(result.exception)
