"""What the web servers load: the collector and the dashboard as WSGI callables."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from app import lifeline
from core import clock
from core.log import logger, set_up
from core.settings import read_settings

_log = logger("entry")

_TALLY_SECONDS = 1.0


def collector() -> Callable[..., Any]:
    """Return the collector for the process's settings. Called once in its server's worker process."""
    from app.edge import build

    lifeline.end_with_parent()
    settings = read_settings()
    set_up(settings.log_level, "collector")
    app = build(settings)
    threading.Thread(target=_flush_tallies, args=(app.flush_tally,), name="tally", daemon=True).start()
    return app


def _flush_tallies(flush: Callable[[], None]) -> None:
    wait = threading.Event()
    while not wait.wait(_TALLY_SECONDS):
        try:
            flush()
        except Exception:
            _log.exception("refused hits could not be counted yet")


def dashboard() -> Callable[..., Any]:
    """Return the dashboard for the process's settings. Called once in its server's worker process."""
    from app import wiring
    from app.demo import views as demo
    from app.factory import create_app

    lifeline.end_with_parent()
    settings = read_settings()
    set_up(settings.log_level, "dashboard")
    return create_app(settings, wiring.engine(settings), clock.now, more=(demo.pages,))
