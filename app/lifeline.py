"""Ends a child process when its parent is gone, however the parent died."""

from __future__ import annotations

import os
import signal
import threading
import time

_POLL_SECONDS = 0.2


ORPHAN_SECONDS = 2.0
"""How long an orphan may take to stop by itself: whoever starts again wants the ports."""


def end_with_stdin() -> None:
    """End this process when standard input closes: the supervisor, which holds the other end, is gone."""

    def watch() -> None:
        while os.read(0, 4096):  # not sys.stdin: its lock would be held when the server forks
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ORPHAN_SECONDS)
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
