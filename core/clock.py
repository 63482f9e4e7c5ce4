"""The only source of "now"."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the present moment as aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds on a clock that never goes back; only differences mean anything."""
    return time.monotonic()


def at(moment: datetime) -> Clock:
    """Return a clock that stands still at `moment` (aware)."""
    fixed = moment.astimezone(UTC)
    return lambda: fixed


def iso(moment: datetime) -> str:
    """Return RFC 3339 in UTC with `Z`, to the millisecond."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
