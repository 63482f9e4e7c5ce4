"""Lets digests that were sent show what people did with the alerts in them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

import alerts.notices.store
import alerts.store
from alerts.digests.answered import answered
from app import action_queries as queries
from core.domain import AlertId

LOOK_BACK = timedelta(days=14)
"""Older digests stay as they are."""


def refresh(connection: Connection, alert: AlertId, now: datetime) -> int:
    """Rewrite the rows about `alert` in the digests that told of it; return how many digests changed."""
    found = alerts.store.alert_row(connection, alert)
    if found is None:
        return 0
    changed = 0
    for digest in queries.digests_to(connection, found.alert.to, now - LOOK_BACK):
        text = answered(digest.text, alert, found.text)
        if text != digest.text:
            changed += alerts.notices.store.change(connection, digest.id, text, now)
    return changed
