"""Dormancy as judged from activities: what counts, as of when, and in which words."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.domain import Account, AccountId, Activity, ActivityKind, Dormancy, State
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.rules import DormancyRules, load_rules, read_rules
from enrichment.dormancy.states import WebHistory

AS_OF = datetime(2025, 11, 24, 10, 42, tzinfo=UTC)
HARTMANN = Account(id=AccountId("A-1"), name="Hartmann Pumpen GmbH", industry="Machinery", lifecycle="customer")


def ago(days: float, kind: ActivityKind = "purchase", **more: str) -> Activity:
    return Activity(account=HARTMANN.id, kind=kind, at=AS_OF - timedelta(days=days), **more)  # type: ignore[arg-type]


def judge(*activities: Activity, rules: DormancyRules | None = None, history: WebHistory | None = None) -> Dormancy:
    return judge_dormancy(HARTMANN, activities, rules or load_rules(), AS_OF, history)


def texts(dormancy: Dormancy) -> list[str]:
    return [reason.text for reason in dormancy.why]


def test_the_reference_account_is_told_as_on_the_screens() -> None:
    """No order for 412 days, every 90 before: dormant, 4.6 times its rhythm, and what was left over is said."""
    support = ago(380, "dormancy_reason", note="support")
    actual = judge(ago(682), ago(592), ago(502), ago(412), support)
    assert (actual.dormant, actual.state, actual.tier, actual.silent_days) == (True, State.DORMANT, "1_year", 412)
    assert (actual.usual_gap_days, actual.rule, actual.left_over) == (90.0, "default", "support")
    assert texts(actual)[:2] == [
        "No order for 412 days; this account used to order every 90 days.",
        "4.6 times its usual rhythm.",
    ]
    assert texts(actual)[-1] == "Left over: support (Nov 2024)."


def test_exactly_a_year_is_not_more_than_a_year() -> None:
    """The built-in limit is more than 365 days."""
    assert [judge(ago(days)).dormant for days in (365.9, 366)] == [False, True]


def test_only_what_was_known_before_counts() -> None:
    """An order at the moment itself or later doesn't undo the silence before it."""
    assert judge(ago(400)) == judge(ago(400), ago(0), ago(-30))


def test_missing_data_is_never_silence() -> None:
    """An account without a single order is unknown, not dormant; so is one without any activity."""
    for activities in ((), (ago(900, "login"), ago(900, "contact"))):
        actual = judge(*activities)
        assert (actual.state, actual.tier, actual.dormant, actual.silent_days) == (
            State.UNKNOWN,
            "unknown",
            False,
            None,
        )
        assert actual.p_no_purchase is None


def test_a_credit_note_is_no_order() -> None:
    """A purchase with a negative amount doesn't end the silence."""
    credit = Activity(account=HARTMANN.id, kind="purchase", at=AS_OF - timedelta(days=5), amount=Decimal("-12.50"))
    assert judge(ago(412), credit).silent_days == 412


def test_going_quiet_is_told_by_the_accounts_own_rhythm() -> None:
    """Every 30 days and 46 silent is late; every 200 days and 250 silent is not."""
    monthly = judge(*(ago(46 + 30 * number) for number in range(5)))
    rarely = judge(*(ago(250 + 200 * number) for number in range(5)))
    assert (monthly.state, monthly.tier, monthly.dormant) == (State.GOING_QUIET, "going_quiet", False)
    assert (rarely.state, rarely.tier, rarely.dormant) == (State.ACTIVE, "6_months", False)


TWO_CRITERIA = 'combine = "{}"\n[criteria]\npurchase = 182\ncontact = 90'


@pytest.mark.parametrize(
    ("combine", "purchase", "contact", "dormant"),
    [
        ("all", 200, 100, True),
        ("all", 200, 10, False),
        ("all", 200, None, True),  # never spoken: contact doesn't count
        ("any", 200, 10, True),
        ("any", 10, 100, True),
        ("any", 10, 10, False),
    ],
)
def test_criteria_combine_by_all_or_any(combine: str, purchase: int, contact: int | None, dormant: bool) -> None:
    """`all` needs silence in every criterion the account ever had; `any` in one."""
    activities = [ago(purchase)] + ([ago(contact, "contact")] if contact else [])
    assert judge(*activities, rules=read_rules(TWO_CRITERIA.format(combine))).dormant is dormant


@pytest.mark.parametrize(
    ("criteria", "dormant_after"),
    [
        ('combine = "any"\n[criteria]\npurchase = 182\ncontact = 90\nreply = 90', {"purchase": 183, "contact": 91}),
        ("[criteria]\npurchase = 365", {"purchase": 366}),
        ("[criteria]\nlogin = 182", {"login": 183}),
    ],
)
def test_the_usual_definitions_give_the_expected_accounts(criteria: str, dormant_after: dict[str, int]) -> None:
    """6 months without purchase or 3 without engagement; 1 year without purchase; 6 months without login."""
    rules = read_rules(criteria)
    for kind, days in dormant_after.items():
        assert judge(ago(days, kind), rules=rules).dormant  # type: ignore[arg-type]
        assert not judge(ago(days - 1, kind), rules=rules).dormant  # type: ignore[arg-type]


OVERRIDES = """
[criteria]
purchase = 365
[[override]]
name = "Machinery"
industry = "machin*"
purchase = 1095
[[override]]
name = "Consumables"
product = "Seal*"
purchase = 90
"""


@pytest.mark.parametrize(
    ("product", "days", "dormant", "rule"),
    [
        ("Press", 1000, False, "Machinery"),
        ("Press", 1096, True, "Machinery"),
        ("Seals X200", 91, True, "Machinery + Consumables"),
        ("seals", 90, False, "Machinery + Consumables"),
    ],
)
def test_each_account_is_judged_by_its_own_rule(product: str, days: int, dormant: bool, rule: str) -> None:
    """Overrides by industry and by the product bought last inherit from above, and the rule used is shown."""
    actual = judge(ago(days, product=product), rules=read_rules(OVERRIDES))
    assert (actual.dormant, actual.rule) == (dormant, rule)
    assert f"Rule: {rule} (more than: order {1095 if rule == 'Machinery' else 90} days)." in texts(actual)


def test_a_reason_given_before_the_last_order_is_settled() -> None:
    """A complaint that was followed by an order is no longer left over."""
    assert judge(ago(400), ago(500, "dormancy_reason", note="price")).left_over == ""


def test_calling_a_dormant_account_does_not_end_its_dormancy() -> None:
    """A contact made since the account fell dormant doesn't count, even where contact is a criterion."""
    rules = read_rules(TWO_CRITERIA.format("all"))
    asleep = WebHistory(state=State.DORMANT, since=AS_OF - timedelta(days=20))
    activities = (ago(300), ago(150, "contact"), ago(2, "contact"))
    assert judge(*activities, rules=rules).dormant is False
    assert judge(*activities, rules=rules, history=asleep).dormant is True


def test_a_visit_with_intent_wakes_and_an_order_reactivates() -> None:
    """Awake is still dormant; only the order ends it."""
    asleep = WebHistory(state=State.DORMANT, since=AS_OF - timedelta(days=40), intent_at=AS_OF - timedelta(days=1))
    awake = judge(ago(412), history=asleep)
    assert (awake.state, awake.dormant) == (State.AWAKE, True)
    won = judge(ago(412), ago(1), history=asleep)
    assert (won.state, won.dormant) == (State.REACTIVATED, False)


def test_where_an_account_stands_today_says_nothing_about_an_old_visit() -> None:
    """A state that began after the visit is ignored when the visit is judged late."""
    later = WebHistory(state=State.REACTIVATED, since=AS_OF + timedelta(days=3))
    assert judge(ago(412), history=later) == judge(ago(412))


@pytest.mark.real_data
def test_the_built_in_rule_agrees_with_the_real_accounts(shared_data: Path) -> None:
    """Every visitor's account of the real log is dormant exactly when the labels say so, on all days of the log."""
    activities: dict[str, list[Activity]] = defaultdict(list)
    with (shared_data / "crm" / "activities.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
            account = AccountId(row["account_id"])
            activities[account].append(
                Activity(account=account, kind=row["kind"], at=at, note=row["note"])  # type: ignore[arg-type]
            )
    with (shared_data / "crm" / "visitors_of_accounts_train.csv").open(encoding="utf-8") as lines:
        labels = {row["account_id"]: row["dormant"] == "yes" for row in csv.DictReader(lines)}
    rules = load_rules()
    for day in (17, 18, 19, 20):
        as_of = datetime(2015, 5, day, 12, tzinfo=UTC)
        actual = {
            account: judge_dormancy(Account(id=AccountId(account), name=""), activities[account], rules, as_of).dormant
            for account in labels
        }
        assert actual == labels
