"""Removes all that was judged and said about the visits of one site."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from alerts.tables import alerts, deliveries, feedback
from core.domain import SiteId
from enrichment.tables import judgements


def remove_site_traces(connection: Connection, site: SiteId) -> None:
    """Delete judgements, alerts, deliveries and feedback of the site; the tracker removes its own."""
    of_site = select(alerts.c.id).where(alerts.c.site == site)
    connection.execute(delete(deliveries).where(deliveries.c.alert.in_(of_site)))
    connection.execute(delete(feedback).where(feedback.c.alert.in_(of_site)))
    connection.execute(delete(alerts).where(alerts.c.site == site))
    connection.execute(delete(judgements).where(judgements.c.site == site))
