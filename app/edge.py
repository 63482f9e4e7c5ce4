"""Builds the collector from the settings: what it may know, and how it says that it is ready.

Apart from app.wiring, so that the collector loads no more than it needs.
"""

from __future__ import annotations

import threading

from prometheus_client import generate_latest
from sqlalchemy import Engine

from app import signed
from app.signed import DEMO_SITE
from core import clock
from core.database import open_engine, reading
from core.errors import UnavailableError
from core.log import logger
from core.settings import Settings
from tracker.buffer.registry import open_writer
from tracker.collector import Collector, Parts, make_collector
from tracker.site_store import list_sites

LOOK_AGAIN_SECONDS = 1.0
"""How stale the list of sites may be."""

_log = logger("edge")


def build(settings: Settings) -> Collector:
    """Return the collector, ready to be served. Raises UnavailableError before `dormouse init`."""
    if not settings.secret:
        raise UnavailableError("there is no secret: run `dormouse init` first")
    writer = open_writer(settings)
    sites = Sites(open_engine(settings.database_url))
    sites.watch()
    return make_collector(
        Parts(
            append=writer.append,
            sites=sites.names,
            trusted_proxies=settings.trusted_proxies,
            clock=clock.now,
            demo_visitor=lambda token: signed.read_demo_visitor(settings.secret, token),
            demo_site=DEMO_SITE,
            ready=sites.problems,
            metrics=generate_latest,
        )
    )


class Sites:
    """The sites known now, looked up beside the hits: a slow database delays none, and one that is gone loses none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names: frozenset[str] | None = None
        self._trouble = "the sites have not been read yet"

    def names(self) -> frozenset[str]:
        """Return the host names as last read; raises UnavailableError while they never were."""
        if self._names is None:
            raise UnavailableError(self._trouble)
        return self._names

    def problems(self) -> list[str]:
        """Return why no hit can be taken; nothing once the sites are known, for the buffer needs no database."""
        return [self._trouble] if self._names is None else []

    def refresh(self) -> None:
        """Read the sites; on failure the last answer stays."""
        try:
            with reading(self._engine) as connection:
                self._names = frozenset(str(site.id) for site in list_sites(connection))
        except Exception as error:
            trouble = f"the database can't be read: {type(error).__name__}"
            if trouble != self._trouble:
                _log.warning("the list of sites may be old", trouble=trouble)
            self._trouble = trouble
        else:
            self._trouble = ""

    def watch(self) -> None:
        """Read the sites now, and again every second for as long as this process lives."""
        self.refresh()

        def repeat() -> None:
            wait = threading.Event()
            while not wait.wait(LOOK_AGAIN_SECONDS):
                self.refresh()

        threading.Thread(target=repeat, name="sites", daemon=True).start()
