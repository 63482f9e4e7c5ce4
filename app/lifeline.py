"""Ends a child process when its parent is gone, however the parent died."""

from __future__ import annotations

import os
import signal
import threading
import time

_POLL_SECONDS = 0.2


def end_with_stdin(grace_seconds: float = 20.0) -> None:
    """Ask this process to stop (SIGTERM) when standard input closes; the supervisor holds the other end.

    Whoever has not stopped `grace_seconds` later is ended at once.
    """

    def watch() -> None:
        while os.read(0, 4096):  # not sys.stdin: its lock would be held when the server forks
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace_seconds)
        os._exit(1)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def end_with_parent() -> None:
    """End this process at once when its parent dies: a killed server must not leave its worker on the port."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
