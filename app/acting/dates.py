"""Until when "tomorrow", "in 3 days" or "for a week" is (pure)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MOST_DAYS = 365


def days_of(choice: str) -> int | None:
    """Return the days of a choice such as `7d`, None for anything else."""
    found = re.fullmatch(r"([0-9]{1,3})d", choice)
    days = int(found[1]) if found else 0
    return days if 0 < days <= MOST_DAYS else None


def until(now: datetime, days: int) -> datetime:
    """Return the same time of day, so many days later."""
    return now + timedelta(days=days)


def working_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return `moment`, or the same time on the Monday after it where it falls on a weekend in `zone`."""
    beyond = moment.astimezone(zone).weekday() - 4
    return moment + timedelta(days=3 - beyond) if beyond > 0 else moment
