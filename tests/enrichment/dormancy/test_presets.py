"""Presets, nested rules, thresholds for some accounts, product lines and fallen use: tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.domain import Account, AccountId, Activity, ActivityKind, Dormancy, PageView, PageViewId, SiteId, VisitorId
from core.errors import InputError
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.lines import line_of_pages
from enrichment.dormancy.rules import DormancyRules, presets, read_rules

AS_OF = datetime(2026, 6, 1, 12, tzinfo=UTC)
ACCOUNT = Account(id=AccountId("C-1"), name="Nordfarm")


def ago(days: float, kind: ActivityKind = "purchase", product: str = "", note: str = "") -> Activity:
    at = AS_OF - timedelta(days=days)
    return Activity(account=ACCOUNT.id, kind=kind, at=at, product=product, note=note, amount=Decimal(10))


def judge(*did: Activity, rules: DormancyRules, account: Account = ACCOUNT) -> Dormancy:
    return judge_dormancy(account, did, rules, AS_OF)


FIXTURE: dict[str, tuple[Activity, ...]] = {
    "ordered 5 months ago, opened a mail last month": (ago(150), ago(30, "email_open")),
    "ordered 5 months ago, silent since": (ago(150), ago(120, "reply")),
    "ordered 5 months ago, nothing else known": (ago(150),),
    "ordered 7 months ago, at a fair last week": (ago(210), ago(7, "event")),
    "ordered 13 months ago": (ago(396),),
    "signs in, ordered 13 months ago": (ago(396), ago(2, "login")),
    "ordered last month, no login for 7 months": (ago(30), ago(213, "login")),
    "bought a press 2 years ago": (ago(730, product="Press P7"),),
    "bought a press 4 years ago": (ago(1460, product="Press P7"),),
    "bought seals 4 months ago": (ago(120, product="Seals"),),
    "nothing at all": (),
}


@pytest.mark.parametrize(
    ("preset", "dormant"),
    [
        (
            "purchase_or_engagement",
            {
                "ordered 5 months ago, silent since",
                "ordered 7 months ago, at a fair last week",
                "ordered 13 months ago",
                "signs in, ordered 13 months ago",
                "bought a press 2 years ago",
                "bought a press 4 years ago",
            },
        ),
        (
            "one_year",
            {
                "ordered 13 months ago",
                "signs in, ordered 13 months ago",
                "bought a press 2 years ago",
                "bought a press 4 years ago",
            },
        ),
        ("login", {"ordered last month, no login for 7 months"}),
        (
            "by_product",
            {
                "ordered 13 months ago",
                "signs in, ordered 13 months ago",
                "bought a press 4 years ago",
                "bought seals 4 months ago",
            },
        ),
    ],
)
def test_each_preset_finds_its_accounts(preset: str, dormant: set[str]) -> None:
    """The four usual definitions, each on the same customers; what isn't known is never silence."""
    rules = read_rules(f'preset = "{preset}"')
    assert {name for name, did in FIXTURE.items() if judge(*did, rules=rules).dormant} == dormant


def test_a_preset_is_shown_and_can_be_changed() -> None:
    """Its title is the rule shown; own criteria replace its rule, own overrides are added to its own."""
    rules = read_rules('preset = "by_product"\n[[override]]\nname = "Ours"\nindustry = "farm*"\npurchase = 50')
    farm = Account(id=ACCOUNT.id, name="x", industry="Farming")
    assert judge(ago(60, product="Seals"), rules=rules, account=farm).rule == "By product + Consumables + Ours"
    assert read_rules('preset = "login"\n[criteria]\npurchase = 9').criteria.login is None
    with pytest.raises(InputError, match="there is no preset 'yearly': choose from by_product, login"):
        read_rules('preset = "yearly"')
    assert len(presets()) == 4


NESTED = """
combine = "any"
[criteria]
purchase = 365
[[group]]
contact = 90
reply = 90
[[group]]
unanswered = 3
"""


@pytest.mark.parametrize(
    ("did", "dormant"),
    [
        ((ago(100), ago(100, "contact"), ago(100, "reply")), True),
        ((ago(100), ago(100, "contact"), ago(80, "reply")), False),
        ((ago(366), ago(1, "reply")), True),
        ((ago(100), ago(60, "reply"), *(ago(day, "contact") for day in (40, 30, 20))), True),
        ((ago(100), ago(60, "reply"), *(ago(day, "contact") for day in (40, 30))), False),
        ((ago(100), ago(60, "reply"), *(ago(day, "contact") for day in (90, 40, 30))), False),
        ((ago(100), *(ago(day, "contact") for day in (60, 40, 30, 20))), False),  # answers are kept nowhere
    ],
)
def test_groups_of_all_within_any(did: tuple[Activity, ...], dormant: bool) -> None:
    """A year without an order, or neither contact nor answer for 90 days, or 3 approaches without an answer."""
    assert judge(*did, rules=read_rules(NESTED)).dormant is dormant


def test_contract_and_segment_choose_the_threshold() -> None:
    """Overrides by kind of contract and by saved segment inherit from above, and both are shown."""
    rules = read_rules(
        '[criteria]\npurchase = 365\n[[override]]\nname = "Serviced"\ncontract = "*service*"\npurchase = 700\n'
        '[[override]]\nname = "Key"\nsegment = ["key*", "top*"]\npurchase = 60'
    )
    serviced = Account(id=ACCOUNT.id, name="x", contract="Full Service")
    both = Account(id=ACCOUNT.id, name="x", contract="full service", segments=("Top 100",))
    found = [judge(ago(400), rules=rules, account=one) for one in (ACCOUNT, serviced, both)]
    assert [(one.rule, one.dormant) for one in found] == [
        ("default", True),
        ("Serviced", False),
        ("Serviced + Key", True),
    ]


@pytest.mark.parametrize(
    ("signs", "dormant"),
    [
        ([ago(100, "email_click")], True),
        ([ago(100, "email_click"), ago(5, "email_click")], False),
        ([ago(100, "email_click"), ago(5, "email_click", note="scanner: 2 s after delivery")], True),
        ([ago(100, "email_click"), ago(5, "email_click"), ago(5, "email_click")], True),
    ],
)
def test_mail_scanners_wake_nobody(signs: list[Activity], dormant: bool) -> None:
    """Clicks that were marked, or several within a second, are no sign of a person."""
    assert judge(*signs, rules=read_rules("[criteria]\nemail_click = 90")).dormant is dormant


LINES = '[[line]]\nname = "Pumps"\nproducts = ["*pump*"]\n[[line]]\nname = "Seals"\nproducts = "*seal*"\npurchase = 100'


def view(path: str, title: str = "") -> PageView:
    return PageView(
        id=PageViewId(path),
        site=SiteId("example.com"),
        at=AS_OF,
        received_at=AS_OF,
        visitor=VisitorId("v"),
        ip=None,
        path=path,
        title=title,
    )


@pytest.mark.parametrize(
    ("path", "title", "line"),
    [
        ("/products/pumps/x200", "", "Pumps"),
        ("/products/42", "Pump X200 for farms", "Pumps"),
        ("/products/seals", "", ""),
        ("/pricing", "", ""),
    ],
)
def test_silent_in_pumps_buys_seals(path: str, title: str, line: str) -> None:
    """An active account is dormant in one line; pages about that line, and no others, are about it."""
    rules = read_rules(LINES)
    found = judge(ago(500, product="Pump X200"), ago(90, product="Seal kit"), ago(20, product="Seal kit"), rules=rules)
    assert not found.dormant
    assert [(one.line, one.state.value, one.silent_days) for one in found.lines] == [
        ("Pumps", "dormant", 500),
        ("Seals", "active", 20),
    ]
    assert line_of_pages(found.lines, [view(path, title)], rules) == line


def test_few_products_are_lines_themselves() -> None:
    """Without lines in the rules a product bought at least twice is one; one that was bought once isn't."""
    did = [ago(day, product=name) for name, days in (("A7", (900, 800)), ("B2", (9, 5)), ("C", (700,))) for day in days]
    assert [(one.line, one.dormant) for one in judge(*did, rules=read_rules("")).lines] == [("A7", True), ("B2", False)]


def uses(*weeks: int) -> list[Activity]:
    """Uses of the product in the complete weeks before AS_OF, the newest last (AS_OF is a Monday)."""
    return [
        ago(7 * (len(weeks) - number) - 1 - hour / 24, "usage")
        for number, many in enumerate(weeks)
        for hour in range(many)
    ]


@pytest.mark.parametrize(
    ("weeks", "flagged"),
    [
        ((20,) * 8 + (8, 8, 8), 3),
        ((20,) * 8 + (9, 8, 8), None),
        ((20,) * 8 + (0,) + (20, 20), None),
        ((20,) * 10 + (0,), None),
        ((20,) * 8 + (5, 5, 5, 5, 5), 5),
        ((20,) * 7 + (8, 8, 8), None),
        ((2,) * 8 + (0, 0, 0), None),
        ((20,) * 6 + (0, 20, 20, 20) + (4, 4, 4), 3),
    ],
)
def test_fallen_use_is_flagged_against_the_own_baseline(weeks: tuple[int, ...], flagged: int | None) -> None:
    """60 % below the median of 8 weeks for 3 weeks; not a holiday of one week, nor chance, nor too short a history."""
    decline = judge(*uses(*weeks), rules=read_rules("")).decline
    assert (decline.weeks if decline else None) == flagged


def test_a_live_contract_can_be_dormant() -> None:
    """By use or sign-in, whatever the contract says; use that returns this week ends it."""
    rules = read_rules("[criteria]\nlogin = 182\n[usage]\ndormant = true")
    client = Account(id=ACCOUNT.id, name="x", contract="SaaS", contract_until=AS_OF + timedelta(days=99))
    fallen = uses(*(20,) * 8, 2, 2, 2)
    found = judge(*fallen, rules=rules, account=client)
    assert (found.dormant, found.has_contract) == (True, True)
    assert found.why[0].text == "Use of the product is down 90 % for 3 weeks (2 instead of 20 a week)."
    back = [ago(hour / 24, "usage") for hour in range(1, 11)]
    assert not judge(*fallen, *back, rules=rules, account=client).dormant
