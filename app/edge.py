"""Builds the collector from the settings: what it may know, and how it says that it is ready."""

from __future__ import annotations

from prometheus_client import generate_latest

from app import signed, wiring
from app.demo.data import DEMO_SITE
from core import clock
from core.errors import UnavailableError
from core.settings import Settings
from tracker.collector import Collector, Parts, make_collector


def build(settings: Settings) -> Collector:
    """Return the collector, ready to be served."""
    engine = wiring.engine(settings)
    writer = wiring.buffer_writer(settings)
    sites = wiring.site_names(engine)

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
