"""One installation of Dormouse in a home of its own, started, killed and stopped by benchmarks and stories."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import urllib3


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for opened in sockets:
        opened.bind(("127.0.0.1", 0))
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


@dataclass
class Instance:
    """One installation under test, in a home of its own."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    restarts: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        port, collector_port = free_ports(2)
        self.collector = f"http://127.0.0.1:{collector_port}"
        self.dashboard = f"http://127.0.0.1:{port}"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DORMOUSE_")},
            "DORMOUSE_HOME": str(self.home),
            "PORT": str(port),
            "COLLECTOR_PORT": str(collector_port),
            **self.env,
        }

    def run(self, *arguments: str) -> str:
        """Run one command of the installation and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli.main", *arguments], env=self.env, check=True, capture_output=True, text=True
        )
        return done.stdout

    def start(self) -> None:
        """Start everything in a process group of its own and wait until hits are taken."""
        started = time.monotonic()
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "serve"],
                env=self.env,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - started > 60:
                raise RuntimeError(f"did not start: {(self.home / 'serve.log').read_text()[-2000:]}")
            time.sleep(0.02)
        self.restarts.append(time.monotonic() - started)

    def answers(self) -> bool:
        """Return whether the collector says that it is ready."""
        try:
            return urllib3.request("GET", f"{self.collector}/readyz", timeout=1.0, retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def kill_group(self) -> None:
        """SIGKILL to every process of the installation at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_parent(self) -> float:
        """SIGKILL to the supervisor alone; return the seconds until its children have let go of the port."""
        assert self.process is not None
        group = self.process.pid
        self.process.kill()
        self.process.wait()
        started = time.monotonic()
        while _group_lives(group):
            if time.monotonic() - started > 30:
                raise RuntimeError("children outlived their parent by 30 s")
            time.sleep(0.02)
        return time.monotonic() - started

    def stop(self) -> None:
        """Ask it to drain and end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def database(self) -> str:
        """Return the database's URL."""
        return self.env.get("DORMOUSE_DATABASE_URL", f"sqlite:///{self.home / 'dormouse.db'}")


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
