"""`dormouse serve`: starts whole, revives what dies, drains when asked, and never leaves a port behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from bench.instance import Instance

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.kill_group()


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def status(url: str) -> int:
    try:
        return urllib3.request("GET", f"{url}/readyz", timeout=1.0, retries=False).status
    except urllib3.exceptions.HTTPError:
        return 0


def ready(instance: Instance) -> bool:
    return (status(instance.collector), status(instance.dashboard)) == (200, 200)


def is_free(url: str) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(url.rpartition(":")[2])))
        except OSError:
            return False
        return True


def children(instance: Instance) -> dict[str, int]:
    """The supervised roles and their process ids."""
    assert instance.process is not None
    found: dict[str, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if b"--supervised" in command and parent == instance.process.pid:
            found[command[command.index(b"--supervised") - 1].decode()] = int(entry.name)
    return found


def test_it_starts_drains_and_starts_again(instance: Instance) -> None:
    """Both ports are ready; SIGTERM ends all within 10 s with 0; the second start takes up where the first left off."""
    instance.start()
    assert wait_for(lambda: ready(instance), 20)
    instance.run("site", "add", "www.example.com")
    assert wait_for(lambda: "204 kept" in instance.run("send-pageview", "--site", "www.example.com"), 10)
    assert instance.process is not None
    asked = time.monotonic()
    instance.process.terminate()
    assert instance.process.wait(15) == 0
    assert time.monotonic() - asked < 10
    assert is_free(instance.collector) and is_free(instance.dashboard)
    instance.start()
    assert wait_for(lambda: ready(instance), 20)
    assert wait_for(lambda: len(instance.run("visits").splitlines()) == 1, 10)


def test_a_child_that_is_killed_comes_back_and_the_others_stay(instance: Instance) -> None:
    """Each of the three in turn: it has a new process within seconds, and the others keep theirs."""
    instance.start()
    assert wait_for(lambda: ready(instance) and len(children(instance)) == 3, 20)
    for role in ("worker", "web", "collector"):
        before = children(instance)
        os.kill(before[role], signal.SIGKILL)
        assert wait_for(lambda: children(instance).get(role, before[role]) != before[role], 15), role  # noqa: B023
        after = children(instance)
        assert {name: pid for name, pid in after.items() if name != role} == {
            name: pid for name, pid in before.items() if name != role
        }
        assert wait_for(lambda: ready(instance), 20), role


def test_a_killed_parent_leaves_no_port_behind(instance: Instance) -> None:
    """SIGKILL to the supervisor alone: both ports are free within 5 s, and the next start finds them so."""
    instance.start()
    assert wait_for(lambda: ready(instance), 20)
    assert instance.kill_parent() < 5
    assert wait_for(lambda: is_free(instance.collector) and is_free(instance.dashboard), 1)
    instance.start()
    assert wait_for(lambda: ready(instance), 20)


@pytest.mark.parametrize("name", ["PORT", "COLLECTOR_PORT"])
def test_a_taken_port_is_one_line(instance: Instance, name: str) -> None:
    """It names the port and the setting that gives another, and starts nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(instance.env[name])))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "app.cli.main", "serve"], env=instance.env, capture_output=True, text=True
        )
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert instance.env[name] in line and f"set {name} to a free one" in line
    assert list(instance.home.iterdir()) == []


def test_interrupted_while_it_starts_it_leaves_nothing_running(instance: Instance) -> None:
    """Ctrl-C or a stop in the first second ends the children too."""
    instance.run("init")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "serve"],
        env=instance.env,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    instance.process = process
    assert wait_for(lambda: bool(children(instance)), 20)
    process.terminate()
    process.wait(15)
    assert wait_for(lambda: is_free(instance.collector) and is_free(instance.dashboard) and not group(process.pid), 6)


def group(leader: int) -> bool:
    """Whether any process of the group still lives."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True
