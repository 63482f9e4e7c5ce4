"""When a rep may be spoken to, and when the morning brief comes: right in every zone and on every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from alerts.reps.hours import after_working_days, is_quiet, is_quiet_for, next_brief
from alerts.reps.rep import Hours, Rep, RepEntry, Roster

BERLIN = Hours(zone=ZoneInfo("Europe/Berlin"))
NEW_YORK = Hours(zone=ZoneInfo("America/New_York"))
ANNA = Rep(email="anna@example.com", name="Anna Arndt", hours=BERLIN)
NIGHT = replace(BERLIN, begin=time(22), end=time(6))
AT_THE_GAP = replace(BERLIN, begin=time(2, 30), days=frozenset(range(7)))


def utc(text: str) -> datetime:
    """Return a moment written as `2026-11-24 07:30`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        (BERLIN, "2026-11-24 01:00", True),  # 02:00 in Berlin
        (BERLIN, "2026-11-24 07:29", True),
        (BERLIN, "2026-11-24 07:30", False),  # 08:30
        (BERLIN, "2026-11-24 16:59", False),
        (BERLIN, "2026-11-24 17:00", True),  # 18:00: the end doesn't belong to it
        (BERLIN, "2026-11-22 12:00", True),  # a Sunday
        (BERLIN, "2026-07-14 06:30", False),  # 08:30 in summer
        (BERLIN, "2026-07-14 16:30", True),
        (NEW_YORK, "2026-11-24 12:00", True),  # 07:00 there
        (NEW_YORK, "2026-11-24 22:00", False),
        (replace(BERLIN, holidays=frozenset({date(2026, 11, 24)})), "2026-11-24 12:00", True),
        (replace(BERLIN, acts=False), "2026-11-22 02:00", False),  # nobody knows whose night it is
        (NIGHT, "2026-11-24 22:00", False),  # 23:00 of a Tuesday
        (NIGHT, "2026-11-28 04:00", False),  # Saturday 05:00: still Friday's shift
        (NIGHT, "2026-11-28 22:00", True),  # Saturday 23:00
        # 29 March 2026: 01:59 is followed by 03:00; half past two comes an hour later
        (AT_THE_GAP, "2026-03-29 01:29", True),
        (AT_THE_GAP, "2026-03-29 01:30", False),
        # 25 October 2026: half past two comes twice and counts the first time
        (AT_THE_GAP, "2026-10-25 00:29", True),
        (AT_THE_GAP, "2026-10-25 00:30", False),
        (AT_THE_GAP, "2026-10-25 01:10", False),
    ],
)
def test_quiet_hours(hours: Hours, at: str, expected: bool) -> None:
    """Nights, weekends and holidays are quiet, by the rep's own clock."""
    assert is_quiet(hours, utc(at)) is expected


@pytest.mark.parametrize(
    ("rep", "at", "expected"),
    [
        (ANNA, "2026-11-24 01:00", "2026-11-24 07:30"),  # the night before: 08:30 the same morning
        (ANNA, "2026-11-24 07:30", "2026-11-25 07:30"),  # the brief of this moment is out
        (ANNA, "2026-11-27 18:00", "2026-11-30 07:30"),  # Friday evening: Monday
        (ANNA, "2026-03-27 18:00", "2026-03-30 06:30"),  # over the spring change: still 08:30 in Berlin
        (ANNA, "2026-10-23 18:00", "2026-10-26 07:30"),  # over the autumn change
        (replace(ANNA, hours=AT_THE_GAP), "2026-03-28 12:00", "2026-03-29 01:30"),
        (replace(ANNA, hours=AT_THE_GAP), "2026-10-24 12:00", "2026-10-25 00:30"),
        (replace(ANNA, hours=NEW_YORK), "2026-11-24 03:00", "2026-11-24 13:30"),
        (
            replace(ANNA, away_from=date(2026, 11, 24), away_until=date(2026, 12, 3)),
            "2026-11-24 01:00",
            "2026-12-04 07:30",
        ),
        (
            replace(ANNA, hours=replace(BERLIN, holidays=frozenset({date(2026, 12, 25)}))),
            "2026-12-24 18:00",
            "2026-12-28 07:30",
        ),
    ],
)
def test_the_next_brief(rep: Rep, at: str, expected: str) -> None:
    """The brief comes at the beginning of the next hours, always at the same time of the rep's clock."""
    brief = next_brief(rep, utc(at))
    assert brief == utc(expected)
    assert brief is not None
    assert not is_quiet_for(rep, brief)


def test_nobody_who_left_gets_a_brief() -> None:
    """Who has left, or is away for good, has no next brief."""
    assert next_brief(replace(ANNA, has_left=True), utc("2026-11-24 12:00")) is None
    assert next_brief(replace(ANNA, away_from=date(2026, 1, 1)), utc("2026-11-24 12:00")) is None


def test_working_days_pass_without_weekends_and_holidays() -> None:
    """Two working days after Friday noon is Tuesday noon; a holiday or a day away makes it later; the clock stays."""
    friday = utc("2026-11-27 11:00")
    assert after_working_days(ANNA, friday, 2) == utc("2026-12-01 11:00")
    assert after_working_days(
        replace(ANNA, away_from=date(2026, 11, 30), away_until=date(2026, 11, 30)), friday, 2
    ) == utc("2026-12-02 11:00")
    assert after_working_days(ANNA, utc("2026-03-27 11:00"), 1) == utc("2026-03-30 10:00")
    assert after_working_days(ANNA, friday, 0) == friday


def test_what_a_rep_leaves_open_is_the_policys() -> None:
    """A roster fills what wasn't said of somebody, and knows people who were never entered."""
    entry = RepEntry(email="anna@example.com", zone="America/New_York", most_a_day=0, team="South")
    roster = Roster([entry], replace(BERLIN, acts=False), 3)
    anna, jo = roster.rep(" Anna@Example.com"), roster.rep("jo@example.com")
    assert (anna.hours.zone.key, anna.hours.acts, anna.hours.begin, anna.most_a_day) == (
        "America/New_York",
        True,
        time(8, 30),
        0,
    )
    assert (jo.email, jo.hours.acts, jo.most_a_day) == ("jo@example.com", False, 3)
    assert (roster.knows("ANNA@example.com"), roster.knows("jo@example.com")) == (True, False)
    assert roster.team("south") == (anna,)
