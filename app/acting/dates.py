"""Until when "tomorrow", "in 3 days" or "for a week" is (pure)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.reps.hours import local_day, works_on
from alerts.reps.rep import Rep

MOST_DAYS = 365

_LOOK_AHEAD_DAYS = 60


def days_of(choice: str) -> int | None:
    """Return the days of a choice such as `7d`, None for anything else."""
    found = re.fullmatch(r"([0-9]{1,3})d", choice)
    days = int(found[1]) if found else 0
    return days if 0 < days <= MOST_DAYS else None


def until(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same time of day in `zone`, so many days later, in UTC; also where the clocks change in between."""
    here = now.astimezone(zone)
    return datetime.combine(here.date() + timedelta(days=days), here.time(), zone).astimezone(UTC)


def working_day(moment: datetime, rep: Rep) -> datetime:
    """Return `moment`, or the same time on the rep's next working day where it falls on none: in their own time."""
    zone = rep.hours.zone
    for days in range(_LOOK_AHEAD_DAYS):
        later = until(moment, days, zone)
        day = local_day(rep.hours, later)
        if works_on(rep.hours, day) and not rep.is_away(day):
            return later
    return moment  # away for good: somebody else reads the list
