"""Starts a server of our own for tests, on a free port, that ends with the tests however they end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# The shell waits for the end of its input, which comes when the test process is gone, even after a SIGKILL; then it
# ends the server and removes its folder.
_WATCHER = (
    'folder=$1 signal=$2; shift 2; "$@" & server=$!; read -r _; kill -$signal $server; wait $server; rm -rf "$folder"'
)


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def private_folder(name: str) -> Path:
    """Return a new folder that only its owner can write to and every user can pass through."""
    # Not TMPDIR: another user, such as postgres, may not be allowed to pass through it.
    folder = Path(tempfile.mkdtemp(prefix=f"dormouse-{name}-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


class PrivateProcess:
    """A running server with its folder; `stop` ends it and removes the folder."""

    def __init__(self, command: Sequence[str], folder: Path, user: str | None = None, ended_by: str = "TERM") -> None:
        self.folder = folder
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _WATCHER, "sh", str(folder), ended_by, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=folder,
                user=user,
                group=user,
                extra_groups=() if user else None,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until `ready` says so; raises RuntimeError with the server's last lines when it takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._shell.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
                self.stop()
                raise RuntimeError(f"a server for the tests did not start:\n{said}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self._shell.stdin:
            self._shell.stdin.close()
        try:
            self._shell.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._shell.pid, signal.SIGKILL)
            self._shell.wait(5)
        shutil.rmtree(self.folder, ignore_errors=True)


def answers(port: int) -> bool:
    """Return whether something listens on the loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
