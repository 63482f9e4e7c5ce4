"""The command line: every command says what it is for, mistakes are one plain line, and help is quick."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from line_world import ACCOUNTS, NOON, fill, line, page
from seed import seed
from source_tree import ROOT
from sqlalchemy import Engine

from app.cli.main import COMMANDS, dormouse, main
from app.pipeline import Batch
from core.clock import at
from core.errors import DormouseError

ALL: list[tuple[str, ...]] = [(name,) for name in COMMANDS]
for _name in COMMANDS:
    _command = dormouse.get_command(click.Context(dormouse), _name)
    if isinstance(_command, click.Group):
        ALL += [(_name, sub) for sub in _command.commands]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def world(engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    """An installation with customers, a site and one alert."""
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", str(engine.url))
    monkeypatch.setenv("DORMOUSE_SECRET", "x")
    fill(engine)
    line(engine, tmp_path, at(NOON)).run(
        Batch(views=[page("/", seconds=20), page(seconds=60), page(ip="192.0.2.10", visitor="v2")])
    )
    yield engine


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(dormouse, arguments, input=stdin)


def said_by_main(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str]:
    """Run the command as the shell does; return its exit code and what it says of errors."""
    monkeypatch.setattr(sys, "argv", ["dormouse", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), capsys.readouterr().err


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_command_has_help(command: tuple[str, ...], home: Path) -> None:
    """`--help` says what it is for, without a home, a database or a network."""
    result = run(*command, "--help")
    assert result.exit_code == 0, result.output
    assert len([text for text in result.output.splitlines() if text.strip()]) >= 3
    assert not home.exists()


def test_the_list_says_of_each_command_what_the_command_says_of_itself() -> None:
    """The list is written apart, so that it loads nothing; it names every command and no other."""
    text = run("--help").output
    for name, entry in COMMANDS.items():
        assert f"  {name} " in text and " ".join(entry.help.split()[:3]) in text


def test_help_is_quick_and_loads_no_library() -> None:
    """Under 0.3 s of processor time, since it loads neither the web nor the database library."""
    program = (
        "import sys\nfrom app.cli.main import dormouse\n"
        "dormouse(['--help'], standalone_mode=False)\nprint(*sys.modules, file=sys.stderr)"
    )
    before = os.times()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert loaded & {"flask", "sqlalchemy", "redis", "slack_sdk", "maxminddb", "granian", "alembic", "urllib3"} == set()
    assert used < 0.3


def test_mistakes_in_the_settings_are_all_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` names each, one a line, and ends with 1; so does any other command."""
    for name, value in {"PORT": "x", "ACK": "y", "DORMOUSE_CHANELS": "z"}.items():
        monkeypatch.setenv(name, value)
    for command in (("check",), ("visits",)):
        code, text = said_by_main(capsys, monkeypatch, *command)
        assert (code, [row.partition("=")[0].partition(": there")[0] for row in text.splitlines()]) == (
            1,
            ["dormouse: DORMOUSE_CHANELS", "dormouse: PORT", "dormouse: ACK"],
        )


def test_check_shows_the_settings_and_no_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is sound: every variable with its value, secrets as set."""
    monkeypatch.setenv("DORMOUSE_SECRET", "geheim")
    result = run("check")
    assert result.exit_code == 0
    assert f"DORMOUSE_HOME={home}" in result.output and "the settings are sound" in result.output
    assert "DORMOUSE_SECRET=(set)" in result.output and "geheim" not in result.output
    assert not home.exists()


def test_check_reads_the_rule_files(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken rule is found before the worker meets it."""
    (tmp_path / "scoring.toml").write_text("threshold = 'high'\n")
    monkeypatch.setenv("DORMOUSE_RULES_DIR", str(tmp_path))
    result = run("check")
    assert result.exit_code == 1
    assert "scoring.toml" in result.output + result.stderr


def test_before_init_a_command_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names the cure, instead of a page of Python."""
    code, text = said_by_main(capsys, monkeypatch, "visits")
    assert code == 1
    assert text.splitlines() == [text.strip()] and "dormouse init" in text
    code, text = said_by_main(capsys, monkeypatch, "worker")
    assert code == 1 and "dormouse init" in text


def test_init_twice(home: Path) -> None:
    """The second time says that all is ready, and tells no password."""
    first, second = run("init"), run("init")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "password" in first.output and "password" not in second.output
    assert (home / "dormouse.db").is_file()


def test_doctor_ends_with_1_when_something_is_wrong(home: Path) -> None:
    """For scripts: notes alone are no failure."""
    assert run("doctor").exit_code == 1
    assert not home.exists()
    run("init")
    assert run("doctor").exit_code == 0


def test_sites_are_added_listed_and_embedded(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The snippet is printed for sites that exist, as they are written; twice is harmless."""
    run("init")
    first, second = run("site", "add", "WWW.Example.com."), run("site", "add", "www.example.com")
    tag = '<script async src="http://127.0.0.1:8081/dm.js" data-site="www.example.com"></script>'
    assert "is added" in first.output and "known already" in second.output
    assert tag in first.output
    assert run("site", "list").output.split("\t")[0] == "www.example.com"
    assert run("site", "snippet", "www.Example.com").output.strip() == tag
    for bad in (("site", "snippet", "other.example.com"), ("site", "add", "https://example.com/")):
        code, text = said_by_main(capsys, monkeypatch, *bad)
        assert code == 1 and len(text.splitlines()) == 1


def test_visits_as_json_are_those_of_the_contract(world: Engine) -> None:
    """One line each, dropped ones too, with all fields of the documented format."""
    lines = [json.loads(text) for text in run("visits", "--json").output.splitlines()]
    assert [set(line) for line in lines] == [
        {
            *("id", "site", "started_at", "ip", "prefix", "pages", "kind", "organisation", "account", "score", "drop"),
            *("confidence", "dormant", "silence", "point", "candidates"),
        }
    ] * 2
    by_account = {line["account"]: line for line in lines}
    known, dropped = by_account["C-1"], by_account[None]
    assert (known["pages"], known["ip"], known["prefix"], known["drop"]) == (
        ["/", "/pricing"],
        "203.0.113.5",
        "203.0.113.0/28",
        None,
    )
    assert (known["point"], known["candidates"], dropped["point"]) == ("alert", [], None)
    assert known["score"] > 0 and known["started_at"] == "2026-11-20T12:00:00.000Z"
    assert (dropped["drop"], dropped["score"], dropped["kind"]) == ("network_isp", None, "isp")


def test_alerts_as_json_are_those_of_the_contract(world: Engine) -> None:
    """With where each stands on each channel."""
    (text,) = run("alerts", "--json").output.splitlines()
    found = json.loads(text)
    contract = {"id", "account", "at", "score", "why", "backfill", "deliveries"}
    assert set(found) == contract | {"kind", "rule", "to", "route", "hold"}
    assert (found["account"], found["backfill"]) == ("C-1", False)
    assert found["deliveries"] == [{"channel": "preview", "status": "due", "sent_at": None, "error": ""}]
    assert found["why"] and all(isinstance(reason, str) for reason in found["why"])


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ((), 2),
        (("--limit", "1"), 1),
        (("--limit", "0"), 0),
        (("--account", "C-1"), 1),
        (("--account", "C-9"), 0),
        (("--site", "shop.example.com"), 2),
        (("--site", "other.example.com"), 0),
    ],
)
def test_listings_can_be_narrowed(world: Engine, options: tuple[str, ...], number: int) -> None:
    """The same lines for people and as JSON."""
    assert len(run("visits", *options).output.splitlines()) == number
    assert len(run("visits", "--json", *options).output.splitlines()) == number


def test_long_listings_come_whole_and_in_order(any_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """In slices, newest first, on both databases."""
    monkeypatch.setattr("app.listing_queries._AT_ONCE", 7)
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", any_engine.url.render_as_string(hide_password=False))
    seed(any_engine, NOON)
    for command in ("visits", "alerts"):
        lines = [json.loads(text) for text in run(command, "--json").output.splitlines()]
        moments = [line["started_at" if command == "visits" else "at"] for line in lines]
        assert moments == sorted(moments, reverse=True)
        assert len({line["id"] for line in lines}) == len(lines) > 10 if command == "visits" else True
        assert any(line.get("pages") or line.get("deliveries") for line in lines)


def test_a_network_is_declared_for_an_account_that_exists(world: Engine) -> None:
    """And can be taken back."""
    assert run("networks", "declare", "198.51.100.0/28", "--account", ACCOUNTS[0].id).exit_code == 0
    assert (
        "no longer declared"
        in run("networks", "declare", "198.51.100.0/28", "--account", ACCOUNTS[0].id, "--remove").output
    )
    refused = run("networks", "declare", "198.51.100.0/28", "--account", "nobody")
    assert isinstance(refused.exception, DormouseError) and "import it first" in str(refused.exception)


def test_a_page_view_that_nobody_takes_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the address that was tried and what to start."""
    monkeypatch.setenv("DORMOUSE_COLLECTOR_URL", "http://127.0.0.1:9")
    code, text = said_by_main(capsys, monkeypatch, "send-pageview", "--site", "example.com")
    assert code == 1 and "dormouse serve" in text and len(text.splitlines()) == 1


def test_an_unknown_site_of_a_log_is_one_line(
    world: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the command that adds it."""
    log = tmp_path / "access.log"
    log.write_text("")
    code, text = said_by_main(capsys, monkeypatch, "import-log", str(log), "--site", "other.example.com")
    assert code == 1 and "dormouse site add other.example.com" in text
