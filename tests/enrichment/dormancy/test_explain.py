"""The JSON door of `explain dormancy`."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import msgspec
import pytest

from enrichment.dormancy.explain import DormancyQuestion, explain_dormancy
from enrichment.dormancy.rules import load_rules

RULES = load_rules()
ITEM = {
    "id": "a",
    "purchases": [
        {"at": "2024-01-08"},
        {"at": "2024-04-08", "amount": 12.5},
        {"at": "2024-07-08T10:00:00Z"},
        "2024-10-08",
    ],
    "contacts": None,
    "logins": ["2025-01-01"],
    "as_of": "2025-11-24",
}


def test_the_answer_has_the_keys_of_the_contract() -> None:
    """The keys, their order and their values for a dormant account."""
    asked = msgspec.json.decode(json.dumps(ITEM), type=DormancyQuestion)
    answer = json.loads(msgspec.json.encode(explain_dormancy(asked)))
    assert list(answer) == ["id", "tier", "dormant", "silent_days", "p_no_purchase", "why"]
    assert (answer["id"], answer["tier"], answer["dormant"], answer["silent_days"]) == ("a", "1_year", True, 412)
    assert 0.8 < answer["p_no_purchase"] < 1
    assert answer["why"][0] == "No order for 412 days; this account used to order every 91 days."


def test_nothing_known_is_unknown() -> None:
    """Null fields are allowed; an account without purchases is unknown and has no probability."""
    answer = explain_dormancy({"id": None, "purchases": None, "as_of": "2026-01-01", "later_field": 1}, RULES)
    assert (answer.tier, answer.dormant, answer.silent_days, answer.p_no_purchase) == ("unknown", False, None, None)


def test_without_a_moment_the_caller_may_give_the_present() -> None:
    """`as_of` null is judged as of `now` when the caller has one."""
    now = datetime(2025, 11, 24, tzinfo=UTC)
    assert explain_dormancy({**ITEM, "as_of": None}, RULES, now=now) == explain_dormancy(ITEM, RULES)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"as_of": None}, "as_of is missing"),
        ({"as_of": "0001-01-01T00:00:00+14:00"}, "as_of: "),
        ({"as_of": "yesterday"}, "as_of: 'yesterday' isn't an ISO date"),
        ({"purchases": [{"at": "2024-13-01"}]}, r"purchases\[0\]\.at: '2024-13-01' isn't an ISO date"),
        ({"purchases": [{"at": "2024-01-01", "amount": "12,5x"}]}, r"purchases\[0\]\.amount: '12,5x' isn't a number"),
        ({"purchases": "2024-01-01"}, "not a dormancy item"),
    ],
)
def test_a_bad_line_says_what_is_wrong(changed: dict[str, object], said: str) -> None:
    """The error names the field and what to give."""
    with pytest.raises(ValueError, match=said):
        explain_dormancy({**ITEM, **changed}, RULES)


def test_thousands_per_second() -> None:
    """1,000 items take well below a second of CPU (measured: over 10,000 a second)."""
    started = time.process_time()
    for _ in range(1000):
        explain_dormancy(ITEM, RULES)
    assert time.process_time() - started < 0.5
