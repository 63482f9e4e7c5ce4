"""When somebody may be spoken to and when their morning brief comes; right on the days the clocks change (pure).

Everything is compared in UTC. A time of day that the clocks skip in spring comes an hour later; one that they repeat in
autumn counts the first time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from alerts.reps.rep import Hours, Rep

_LOOK_AHEAD_DAYS = 400
_DAY = timedelta(days=1)


def local_day(hours: Hours, at: datetime) -> date:
    """Return the day that it is for somebody with these hours."""
    return at.astimezone(hours.zone).date()


def is_quiet(hours: Hours, at: datetime) -> bool:
    """Return whether `at` lies outside the hours; never where nobody knows in which zone they are meant."""
    if not hours.acts:
        return False
    today = local_day(hours, at)
    return not any(works_on(hours, day) and _covers(hours, day, at) for day in (today, today - _DAY))


def is_quiet_for(rep: Rep, at: datetime) -> bool:
    """Return whether `rep` may not be spoken to at `at`: outside their hours, on a holiday, or away."""
    return is_quiet(rep.hours, at) or rep.is_away(local_day(rep.hours, at))


def works_on(hours: Hours, day: date) -> bool:
    """Return whether `day` is a working day."""
    return day.weekday() in hours.days and day not in hours.holidays


def next_brief(rep: Rep, at: datetime) -> datetime | None:
    """Return when the next morning brief is due for `rep`, later than `at`, in UTC: the next beginning of their hours.

    None when they don't work within the next 400 days, or have left.
    """
    if rep.has_left:
        return None
    first = local_day(rep.hours, at)
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = first + ahead * _DAY
        begin = _span(rep.hours, day)[0]
        if begin > at and works_on(rep.hours, day) and not rep.is_away(day):
            return begin
    return None


def after_working_days(rep: Rep, at: datetime, days: int) -> datetime:
    """Return the moment when `days` of the rep's working days have passed since `at`, at the same time of day."""
    day, left = local_day(rep.hours, at), days
    for _ in range(_LOOK_AHEAD_DAYS):
        if left <= 0:
            break
        day += _DAY
        if works_on(rep.hours, day) and not rep.is_away(day):
            left -= 1
    of_day = at.astimezone(rep.hours.zone).time()
    return datetime.combine(day, of_day, rep.hours.zone).astimezone(UTC)


def after_working_hours(rep: Rep, at: datetime, hours: float) -> datetime:
    """Return the moment when the rep has worked for so many hours since `at`, in UTC, whether or not they were away.

    Where they don't work within the next 400 days, that is their last moment.
    """
    first, left, end = local_day(rep.hours, at) - _DAY, timedelta(hours=hours), at
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = first + ahead * _DAY
        if not works_on(rep.hours, day):
            continue
        begin, end = _span(rep.hours, day)
        begin = max(begin, at)
        if end - begin >= left:
            return (begin + left).astimezone(UTC)
        left -= max(end - begin, timedelta())
    return end.astimezone(UTC)


def _covers(hours: Hours, day: date, at: datetime) -> bool:
    begin, end = _span(hours, day)
    return begin <= at < end


def _span(hours: Hours, day: date) -> tuple[datetime, datetime]:
    """The hours of one day in UTC; those that end before they begin end on the day after."""
    end_day = day if hours.end > hours.begin else day + _DAY
    return (
        datetime.combine(day, hours.begin, hours.zone).astimezone(UTC),
        datetime.combine(end_day, hours.end, hours.zone).astimezone(UTC),
    )
