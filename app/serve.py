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
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.bind, port))
            except OSError as error:
                raise UnavailableError(
                    f"port {port} on {settings.bind} can't be used ({error.strerror}): set {name} to a free one, "
                    f"such as `{name}={port + 1000} make run`"
                ) from error


@dataclass(slots=True)
class _Child:
    role: str
    process: subprocess.Popen[bytes]
    started_at: float
    pause: float = 0.5


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
        code = child.process.poll()
        if code is None:
            return
        lived = monotonic() - child.started_at
        child.pause = 0.5 if lived > 60 else min(child.pause * 2, _LONGEST_PAUSE)
        self._say(f"{child.role} ended with code {code} and is started again in {child.pause:.1f} s")
        if not self._stopping.wait(child.pause):
            child.process, child.started_at = _spawn(child.role), monotonic()

    def _wait_ready(self, role: str, port: int) -> None:
        http = urllib3.PoolManager(retries=False, timeout=2.0)
        deadline = monotonic() + READY_SECONDS
        host = "127.0.0.1" if self._settings.bind in ("0.0.0.0", "::") else self._settings.bind  # noqa: S104
        while monotonic() < deadline:
            if self._children[role].process.poll() is not None:
                break
            try:
                if http.request("GET", f"http://{host}:{port}/readyz").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.05)
        self.stop()
        raise UnavailableError(f"{role} did not become ready on port {port}; its log lines above say why")


def _spawn(role: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app.cli.main", role, "--supervised"], stdin=subprocess.PIPE)
