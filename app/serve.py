"""Supervises the three children: collector, dashboard, worker."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import urllib3

from core.clock import monotonic
from core.errors import UnavailableError
from core.settings import Settings

ROLES = ("collector", "web", "worker")
DRAIN_SECONDS = 20.0
READY_SECONDS = 30.0
_LONGEST_PAUSE = 30.0


def check_ports(settings: Settings) -> None:
    """Raise UnavailableError, in one line, when a port is taken."""
    for name, port in (("PORT", settings.port), ("COLLECTOR_PORT", settings.collector_port)):
        family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.bind, port))
            except OSError as error:
                raise UnavailableError(
                    f"port {port} on {settings.bind} can't be used ({error.strerror}): set {name} to a free one, "
                    f"such as `{name}={port + 1000 if port < 60_000 else port - 1000} make run`"
                ) from error


def own_url(settings: Settings, port: int) -> str:
    """Return where this machine itself reaches a port of ours."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.bind, settings.bind)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(slots=True)
class _Child:
    role: str
    process: subprocess.Popen[bytes]
    started_at: float
    pause: float = 0.5
    due_at: float | None = None
    """When it is to be started again; None while it runs, for all we know."""


class Supervisor:
    """Starts the children, starts a dead one again, and lets all drain at the end.

    Each child's standard input is a pipe that only this process writes to: when this process dies, however it
    dies, the pipe closes and the child ends.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._children: dict[str, _Child] = {}
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start all children and wait until both ports answer that they are ready."""
        for role in ROLES:
            self._children[role] = _Child(role, _spawn(role), monotonic())
        for role, port in (("collector", self._settings.collector_port), ("web", self._settings.port)):
            self._wait_ready(role, port)

    def run(self) -> None:
        """Watch the children until SIGINT or SIGTERM; then drain."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: self._stopping.set())
        while not self._stopping.wait(0.3):
            for child in self._children.values():
                self._revive(child)
        self.stop()

    def stop(self) -> None:
        """Ask the children to finish what they are at and wait; end those that don't."""
        for child in self._children.values():
            child.process.terminate()
        deadline = monotonic() + DRAIN_SECONDS
        for child in self._children.values():
            try:
                child.process.wait(max(0.1, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{child.role} did not drain in {DRAIN_SECONDS:.0f} s and is ended")
                child.process.kill()
                child.process.wait()

    def _revive(self, child: _Child) -> None:
        """Start a dead child again after its pause; the others don't wait for it."""
        if child.due_at is None:
            code = child.process.poll()
            if code is None:
                return
            lived = monotonic() - child.started_at
            child.pause = 0.5 if lived > 60 else min(child.pause * 2, _LONGEST_PAUSE)
            child.due_at = monotonic() + child.pause
            self._say(f"{child.role} ended with code {code} and is started again in {child.pause:.1f} s")
        elif monotonic() >= child.due_at:
            child.process, child.started_at, child.due_at = _spawn(child.role), monotonic(), None

    def _wait_ready(self, role: str, port: int) -> None:
        http = urllib3.PoolManager(retries=False, timeout=2.0)
        deadline = monotonic() + READY_SECONDS
        while monotonic() < deadline:
            if self._children[role].process.poll() is not None:
                break
            try:
                if http.request("GET", f"{own_url(self._settings, port)}/readyz").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.05)
        self.stop()
        raise UnavailableError(f"{role} did not become ready on port {port}; its log lines above say why")


def _spawn(role: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app.cli.main", role, "--supervised"], stdin=subprocess.PIPE)
