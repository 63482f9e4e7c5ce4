"""Builds the collector from the settings: what it may know, and how it says that it is ready.

Apart from app.wiring, so that the collector loads no more than it needs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from prometheus_client import generate_latest
from sqlalchemy import Engine

from app import signed
from app.signed import DEMO_SITE
from core import clock
from core.database import open_engine, reading
from core.errors import BufferUnavailableError, UnavailableError
from core.log import logger
from core.settings import Settings
from tracker.buffer.protocol import BufferWriter
from tracker.buffer.registry import open_writer
from tracker.collector import Collector, Parts, make_collector
from tracker.site_store import list_sites

TELL_SECONDS = 60.0
"""How often the log says that hits are refused."""

TRY_AGAIN_SECONDS = 30.0
"""How long a refusal makes the collector not ready, should no further hit come."""

LOOK_AGAIN_SECONDS = 1.0
"""How stale the list of sites may be."""

_log = logger("edge")


def build(settings: Settings) -> Collector:
    """Return the collector, ready to be served. Raises UnavailableError before `dormouse init`."""
    if not settings.secret:
        raise UnavailableError("there is no secret: run `dormouse init` first")
    keeper = Keeper(open_writer(settings))
    sites = Sites(open_engine(settings.database_url))
    sites.watch()
    return make_collector(
        Parts(
            append=keeper.append,
            sites=sites.names,
            trusted_proxies=settings.trusted_proxies,
            clock=clock.now,
            demo_visitor=lambda token: signed.read_demo_visitor(settings.secret, token),
            demo_site=DEMO_SITE,
            ready=lambda: [*sites.problems(), *keeper.problems()],
            metrics=generate_latest,
            secret=settings.secret,
            identify_secret=sites.identify_secret,
        )
    )


class Keeper:
    """The buffer's writer, and whether it takes hits: a full disk must be heard of, not only counted."""

    def __init__(self, writer: BufferWriter) -> None:
        self._writer = writer
        self._refusal = ""
        self._refused_at = self._told_at = float("-inf")

    def append(self, record: bytes) -> None:
        """Keep a record, or raise BufferUnavailableError; says so in the log at most once a minute."""
        try:
            self._writer.append(record)
        except BufferUnavailableError as error:
            self._refusal, self._refused_at = str(error), clock.monotonic()
            if clock.monotonic() - self._told_at > TELL_SECONDS:
                self._told_at = clock.monotonic()
                _log.error("hits are refused: they can't be kept", why=self._refusal)
            raise
        if self._refusal:
            self._refusal = ""
            _log.info("hits are kept again")

    def problems(self) -> list[str]:
        """Return why hits are refused; empty once one was kept, or when none came for a while: somebody must try."""
        is_news = clock.monotonic() - self._refused_at < TRY_AGAIN_SECONDS
        return [f"hits can't be kept: {self._refusal}"] if self._refusal and is_news else []


class Sites:
    """The sites known now, looked up beside the hits: a slow database delays none, and one that is gone loses none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names: frozenset[str] | None = None
        self._identify_secrets: Mapping[str, str] = {}
        self._trouble = "the sites have not been read yet"

    def names(self) -> frozenset[str]:
        """Return the host names as last read; raises UnavailableError while they never were."""
        if self._names is None:
            raise UnavailableError(self._trouble)
        return self._names

    def identify_secret(self, site: str) -> str:
        """Return what the site's backend signs with, as last read; "" when it has none."""
        return self._identify_secrets.get(site, "")

    def problems(self) -> list[str]:
        """Return why no hit can be taken; nothing once the sites are known, for the buffer needs no database."""
        return [self._trouble] if self._names is None else []

    def refresh(self) -> None:
        """Read the sites; on failure the last answer stays."""
        try:
            with reading(self._engine) as connection:
                found = list_sites(connection)
            self._identify_secrets = {site.id: site.identify_secret for site in found}
            self._names = frozenset(str(site.id) for site in found)
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
