"""When not to speak again, and what is history rather than news (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.domain import Visit

LATE_ON_ARRIVAL = timedelta(hours=1)
"""A visit that reached us later than this after it happened is history: shown, never sent."""

STALE = timedelta(hours=24)
"""A visit judged later than this after it happened (after a correction, say) is history too: nobody "is back" then."""


CLOCKS_DIFFER = timedelta(minutes=5)
"""A visit stamped later than this after its arrival has a wrong stamp: nobody can tell when it was."""


def cooling(last_alert_at: datetime | None, at: datetime, cool_down: timedelta) -> bool:
    """Return whether `at` is within `cool_down` of the account's last alert, before or after it.

    Both directions, because an imported log may be older than the last alert.
    """
    return last_alert_at is not None and abs(at - last_alert_at) < cool_down


def is_history(visit: Visit, now: datetime) -> bool:
    """Return whether a visit is too old to be told as news, or stamped ahead of time.

    Its newest page view decides, by its way to us and by `now`.
    """
    newest = max(visit.views, key=lambda view: view.at, default=None)
    happened, arrived = (newest.at, newest.received_at) if newest else (visit.last_at, visit.received_at)
    ahead = happened - min(arrived, now)  # a log from a clock that runs ahead, or from another time zone
    return arrived - happened > LATE_ON_ARRIVAL or now - happened > STALE or ahead > CLOCKS_DIFFER
