"""How long ago something was, in one unit that fits a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.dashboard.wording import ago, count_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_ages_are_told_in_one_plain_unit() -> None:
    """The next unit begins where the one before would grow hard to read; what never was is said so."""
    ages = (0, 5, 89, 90, 3599, 5400, 47 * 3600, 48 * 3600, 10 * 86_400, 1200 * 86_400)
    assert [ago(NOW - timedelta(seconds=age), NOW) for age in ages] == [
        *("just now", "5 s ago", "89 s ago", "1 min ago", "59 min ago"),
        *("1 h ago", "47 h ago", "2 d ago", "10 d ago", "1,200 d ago"),
    ]
    assert (ago(None, NOW), ago(NOW + timedelta(hours=1), NOW)) == ("never", "just now")


def test_one_is_told_from_many() -> None:
    """Thousands are grouped, and irregular plurals are given."""
    assert (count_of(1, "visit"), count_of(1204, "visit"), count_of(2, "company", "companies")) == (
        "1 visit",
        "1,204 visits",
        "2 companies",
    )
