"""Serves a WSGI callable on Granian."""

from __future__ import annotations

import logging

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from core.settings import Settings


def serve_wsgi(target: str, settings: Settings, port: int, threads: int) -> None:
    """Serve the WSGI factory `target` (`module:function`) on Granian with one worker process, until told to stop."""
    # Ctrl-C reaches the worker too; that it then ends by itself is no news, and a real crash shows by its traceback
    logging.getLogger("_granian").addFilter(lambda record: "Unexpected exit" not in record.getMessage())
    Granian(
        target,
        address=settings.bind,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        backlog=1024,
        factory=True,
        log_level=LogLevels.error,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 * 1024, keep_alive=True),
        respawn_failed_workers=True,
        workers_kill_timeout=3,  # seconds; a browser may hold its connection open for longer than we want to wait
    ).serve()
