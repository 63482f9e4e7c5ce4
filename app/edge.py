"""Builds the collector from the settings: what it may know, and how it says that it is ready.

Apart from app.wiring, so that the collector loads no more than it needs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from prometheus_client import generate_latest
from sqlalchemy import Engine

from app import signed
from app.demo.data import DEMO_SITE
from core import clock
from core.database import open_engine, reading
from core.errors import UnavailableError
from core.settings import Settings
from tracker.buffer.registry import open_writer
from tracker.collector import Collector, Parts, make_collector
from tracker.site_store import list_sites

LOOK_AGAIN_SECONDS = 1.0
"""How stale the list of sites may be."""


def build(settings: Settings) -> Collector:
    """Return the collector, ready to be served."""
    writer = open_writer(settings)
    sites = site_names(open_engine(settings.database_url))

    def problems() -> list[str]:
        try:
            sites()
        except Exception as error:
            return [f"database: {error.__class__.__name__}"]
        return []

    if not settings.secret:
        raise UnavailableError("there is no secret: run `dormouse init` first")
    return make_collector(
        Parts(
            append=writer.append,
            sites=sites,
            trusted_proxies=settings.trusted_proxies,
            clock=clock.now,
            demo_visitor=lambda token: signed.read_demo_visitor(settings.secret, token),
            demo_site=DEMO_SITE,
            ready=problems,
            metrics=generate_latest,
        )
    )


def site_names(engine: Engine) -> Callable[[], frozenset[str]]:
    """Return a function that gives the sites known now; asks at most once a second, keeps its answer on failure."""
    lock = threading.Lock()
    names: frozenset[str] = frozenset()
    looked_at = float("-inf")

    def known() -> frozenset[str]:
        nonlocal names, looked_at
        with lock:
            if clock.monotonic() - looked_at > LOOK_AGAIN_SECONDS:
                looked_at = clock.monotonic()
                with reading(engine) as connection:
                    names = frozenset(str(site.id) for site in list_sites(connection))
        return names

    return known
