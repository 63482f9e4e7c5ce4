"""Weekdays, times of day and zones as people write them (pure)."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Weekdays as rule files name them; the place is Python's number of the day."""


def is_time(text: str) -> bool:
    """Whether `text` is a time of day such as 08:30."""
    try:
        return len(text) == 5 and time.fromisoformat(text) is not None
    except ValueError:
        return False


def is_zone(text: str) -> bool:
    """Whether `text` names a time zone such as Europe/Berlin."""
    try:
        return ZoneInfo(text) is not None
    except (KeyError, ValueError, OSError):
        return False
