"""The tests' own floor: private servers, a browser, and no network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Page
from private_process import answers, free_port
from pytest_socket import SocketConnectBlockedError
from scheduling import TOGETHER, Scheduling
from source_tree import ROOT
from sqlalchemy import Engine, inspect

from core.database import metadata


def test_no_test_reaches_another_machine() -> None:
    """A connection to an address that isn't loopback is refused before it leaves the process."""
    with pytest.warns(UserWarning, match="allowed"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_the_shells_settings_are_forgotten() -> None:
    """No setting of the developer's own shell reaches a test."""
    assert [name for name in os.environ if name.startswith("DORMOUSE_")] == []


def test_any_engine_has_every_table(any_engine: Engine) -> None:
    """Both databases come with all tables of all stages."""
    assert set(inspect(any_engine).get_table_names()) == set(metadata.tables)


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_its_own_database(any_engine: Engine, turn: int) -> None:
    """A table that one test makes isn't there for the next."""
    with any_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE left_behind (turn INTEGER)")


@pytest.mark.parametrize("turn", [1, 2])
def test_redis_is_empty_and_durable(redis_url: str, turn: int) -> None:
    """Each test finds an empty Redis that syncs every write."""
    with redis.Redis.from_url(redis_url) as client:
        assert (client.dbsize(), client.config_get("appendfsync")["appendfsync"]) == (0, "always")
        client.set("turn", turn)


def test_the_browser_runs_scripts(page: Page) -> None:
    """The browser is a real one."""
    page.set_content("<p id=x></p><script>document.getElementById('x').textContent = 6 * 7</script>")
    assert page.text_content("#x") == "42"


def test_the_browser_reaches_loopback_alone(page: Page) -> None:
    """A page can't load anything from outside."""
    failure = page.evaluate("fetch('http://example.com/').then(() => 'loaded', error => String(error))")
    assert "Failed to fetch" in failure


@pytest.mark.slow
def test_a_private_server_ends_with_a_killed_test_process(tmp_path: Path) -> None:
    """A test process killed by SIGKILL leaves neither its server nor the server's folder behind."""
    port = free_port()
    script = tmp_path / "dies.py"
    script.write_text(
        "import os, sys\n"
        "from private_process import PrivateProcess, answers, private_folder\n"
        "folder = private_folder('dies')\n"
        f"server = PrivateProcess([sys.executable, '-m', 'http.server', '{port}', '--bind', '127.0.0.1'], folder)\n"
        f"server.wait_until(lambda: answers({port}))\n"
        "print(folder, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    support = Path(__file__).parents[1] / "support"
    ended = subprocess.run(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(support)}, capture_output=True, text=True
    )
    folder = Path(ended.stdout.strip())
    deadline = time.monotonic() + 10
    while (answers(port) or folder.exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (ended.returncode, answers(port), folder.exists()) == (-9, False, False)


def test_files_with_a_costly_fixture_stay_together() -> None:
    """Each of them exists, has a fixture for the whole file, and goes to one process; other tests go anywhere."""
    assert [name for name in TOGETHER if 'scope="module"' not in (ROOT / name).read_text(encoding="utf-8")] == []
    scheduling = Scheduling.__new__(Scheduling)
    ids = ["tests/stories/test_real_log.py::test_a", "tests/stories/test_real_log.py::test_b[1]", "tests/x.py::test_c"]
    assert [scheduling._split_scope(each) for each in ids] == ["tests/stories/test_real_log.py"] * 2 + [ids[2]]
