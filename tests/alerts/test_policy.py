"""alerting.toml: what it may say, and that all that is wrong with it is said at once."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from alerts.policy import AlertPolicy, load_policy, read_policy, working_hours
from core.errors import InputError

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def test_the_built_in_file_says_the_defaults() -> None:
    """The file that ships and the defaults of what an own file leaves out are the same."""
    assert load_policy() == read_policy("") == AlertPolicy()


def test_all_mistakes_are_named_at_once() -> None:
    """Each mistake is a line that names its key and what to give instead."""
    text = """
most_a_day = -1
[hours]
begin = "8:30"
days = ["mon", "funday"]
zone = "Europe/Berlln"
[precision]
least = 50
[digest]
weekly = "monday"
[[route]]
country = "AT"
[[route]]
to = "anna"
min_value = -5
"""
    with pytest.raises(InputError) as raised:
        read_policy(text)
    assert str(raised.value).splitlines() == [
        "alerting.toml, line 2: `most_a_day` is -1: give 0 or more.",
        "alerting.toml, line 8: `precision.least` is 50: a share lies between 0 and 1.",
        "alerting.toml, line 4: `hours.begin` is '8:30': give a time such as 08:30.",
        "alerting.toml, line 5: `hours.days` has 'funday': give some of mon, tue, wed, thu, fri, sat, sun.",
        "alerting.toml, line 6: `hours.zone` is 'Europe/Berlln': give a zone such as Europe/Berlin.",
        "alerting.toml, line 10: `digest.weekly` is 'monday': give one of mon, tue, wed, thu, fri, sat, sun.",
        "alerting.toml: route 1 needs either `to`, an e-mail address, or `team`.",
        "alerting.toml: route 2: `to` is 'anna': give an e-mail address.",
        "alerting.toml: route 2: `min_value` is -5: give 0 or more.",
    ]


def test_a_wrong_key_is_named_with_the_one_meant() -> None:
    """A misspelt key isn't passed over."""
    with pytest.raises(InputError, match="Did you mean `most_a_day`"):
        read_policy("most_per_day = 3")


def test_hours_quiet_only_in_a_zone_that_somebody_named() -> None:
    """The default zone UTC is nobody's; the operator's own or the policy's is."""
    assert working_hours(read_policy(""), UTC).acts is False
    assert working_hours(read_policy(""), BERLIN).acts is True
    named = working_hours(read_policy('[hours]\nzone = "UTC"'), BERLIN)
    assert (named.acts, named.zone) == (True, UTC)
