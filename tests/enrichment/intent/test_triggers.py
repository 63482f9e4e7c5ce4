"""Instant triggers fire once per window at the documented condition; so do surges, bounces and pages of leaving."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import (
    AccountId,
    ClueKind,
    Dormancy,
    IdentityClue,
    IntentScore,
    PageView,
    PageViewId,
    SiteId,
    State,
    Visit,
    VisitId,
    VisitorId,
)
from enrichment.intent.group import buying_group
from enrichment.intent.history import PastVisit
from enrichment.intent.rules import load_scoring, read_scoring
from enrichment.intent.scoring import own_points, past_of, qualifying_rule, score

RULES = load_scoring()
AT = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
SITE = SiteId("shop.example.com")
DORMANT = Dormancy(
    account=AccountId("A-1"),
    as_of=AT,
    state=State.DORMANT,
    tier="1_year",
    dormant=True,
    silent_days=412,
    usual_gap_days=90.0,
    p_no_purchase=None,
    rule="default",
    left_over="",
    why=(),
)
ACTIVE = Dormancy(
    account=AccountId("A-1"),
    as_of=AT,
    state=State.ACTIVE,
    tier="active",
    dormant=False,
    silent_days=20,
    usual_gap_days=90.0,
    p_no_purchase=None,
    rule="default",
    left_over="",
    why=(),
)


def visit(
    *pages: tuple[str, float], days_ago: float = 0, who: str = "v1", clues: tuple[ClueKind, ...] = (), name: str = "now"
) -> Visit:
    at = AT - timedelta(days=days_ago)
    views = tuple(
        PageView(
            id=PageViewId(f"{name} {number}"),
            site=SITE,
            at=at + timedelta(seconds=number),
            received_at=at,
            visitor=VisitorId(who),
            ip=None,
            path=path,
            engaged_ms=round(seconds * 1000),
            clues=tuple(IdentityClue(kind=kind, value="A-1", at=at) for kind in clues) if number == 0 else (),
        )
        for number, (path, seconds) in enumerate(pages)
    )
    return Visit(
        id=VisitId(name),
        site=SITE,
        visitor=VisitorId(who),
        ip=None,
        user_agent="",
        started_at=at,
        last_at=at + timedelta(seconds=60),
        received_at=at,
        views=views,
    )


def earlier(days: float, points: float = 5, who: str = "old", held: tuple[str, ...] = ()) -> PastVisit:
    at = AT - timedelta(days=days)
    return PastVisit(at=at, visitor=VisitorId(who), own_points=points, id=VisitId(f"past {days:g} {who}"), held=held)


def judged(one: Visit, past: Sequence[PastVisit] = (), silence: Dormancy = DORMANT) -> IntentScore:
    return score(one, past, silence, RULES, one.last_at)


def told(one: Visit, past: Sequence[PastVisit] = (), silence: Dormancy = DORMANT) -> str:
    return qualifying_rule(one, judged(one, past, silence), RULES)


LAST_MONTH = [earlier(40), earlier(45)]
"""Enough that coming now is no return to the website any more."""


@pytest.mark.parametrize(
    ("one", "triggers"),
    [
        (visit(("/pricing", 30)), [("trigger:pricing", "now 0")]),
        (visit(("/pricing", 29.9)), []),
        (visit(("/", 4), ("/contact", 30)), [("trigger:form", "now 1")]),
        (visit(("/contact", 29)), []),
        (visit(("/blog", 9), clues=("form_domain",)), [("trigger:form", "now 0")]),
        (visit(("/blog", 9), clues=("signed_link",)), [("trigger:signed_click", "now 0")]),
        (visit(("/blog", 9), clues=("identify",)), []),
        (visit(("/pricing", 40), ("/careers", 40)), []),
    ],
    ids=["pricing", "too short", "form", "form too short", "form sent", "signed link", "signed in", "a job seeker"],
)
def test_a_trigger_fires_at_its_documented_condition(one: Visit, triggers: list[tuple[str, str]]) -> None:
    """With the page view behind it; a trigger adds no points."""
    found = judged(one).triggers
    assert [(reason.code, reason.ref) for reason in found] == triggers
    assert all(reason.text and reason.points == 0 for reason in found)


def test_coming_back_with_interest_within_seven_days_is_a_trigger() -> None:
    """Both visits must be worth something, on two days; the earlier visit is named. Not for whoever comes often."""
    now = visit(("/products/a", 25), ("/products/b", 25))
    assert [(one.code, one.ref) for one in judged(now, [earlier(3, 30)]).triggers] == [("trigger:return", "past 3 old")]
    assert judged(now, [earlier(3, 5)]).triggers == ()
    assert judged(now, [earlier(8, 30)]).triggers == ()
    assert judged(now, [earlier(0.1, 30)]).triggers == ()
    assert judged(visit(("/blog", 40)), [earlier(3, 30)]).triggers == ()
    assert judged(now, [earlier(days, 30) for days in range(1, 12)]).triggers == ()


def test_each_trigger_fires_once_per_window() -> None:
    """Day after day on Pricing: the first time it fires, then not before seven quiet days have passed."""
    past: list[PastVisit] = []
    fired = []
    for day in (0, 1, 3, 6, 14, 15):
        one = visit(("/pricing", 60), days_ago=30 - day, name=f"day {day}")
        codes = {reason.code for reason in judged(one, past).triggers}
        fired.append((day, "trigger:pricing" in codes, "trigger:return" in codes))
        past.append(past_of(one, RULES))
    assert fired == [
        (0, True, False),
        (1, False, True),
        (3, False, False),
        (6, False, False),
        (14, True, False),
        (15, False, True),
    ]


def test_a_trigger_is_enough_at_its_share_of_the_points() -> None:
    """Pricing for 30 seconds at 0.7, a signed link at any, and the rule that made it is said."""
    pricing = visit(("/", 9), ("/pricing", 30))
    assert round(judged(pricing, LAST_MONTH).points) == 42
    assert told(visit(("/pricing", 30)), [earlier(70), earlier(80)]) == ""
    assert told(pricing, LAST_MONTH) == "trigger:pricing"
    assert told(pricing, [*LAST_MONTH, earlier(2, 5, held=("trigger:pricing",))]) == ""
    assert told(pricing) == "score"
    assert told(visit(("/blog", 9), clues=("signed_link",)), LAST_MONTH) == "trigger:signed_click"
    assert told(visit(("/contact", 40)), LAST_MONTH) == ""
    assert told(visit(("/contact", 40)), [earlier(120)]) == "trigger:form"
    off = read_scoring("[trigger.pricing]\non = false")
    assert qualifying_rule(pricing, score(pricing, LAST_MONTH, DORMANT, off, pricing.last_at), off) == ""
    assert RULES.needed("score") == 60
    assert RULES.needed("trigger:pricing") == 42


def test_an_account_above_its_own_normal_gains_points() -> None:
    """Once a week for eight weeks, now five times: a surge. As ever, or daily: none. Nor without a normal."""
    weekly = [earlier(7 * week + 2) for week in range(1, 9)]
    busy = [earlier(0.1), earlier(1), earlier(2), earlier(3)]
    surge = [one for one in judged(visit(("/docs/a", 30)), [*weekly, *busy]).why if one.code == "surge"]
    assert [(one.text, one.points, one.ref) for one in surge] == [("5 visits in 7 days, usually 1", 10, "now")]
    daily = [earlier(day) for day in range(1, 120)]
    for past in ([*weekly, earlier(3)], daily, busy):
        assert "surge" not in {one.code for one in judged(visit(("/docs/a", 30)), past).why}


def test_an_account_with_daily_visits_does_not_fire_by_coming_as_ever() -> None:
    """Nor does one afternoon with many visits make a surge of a quiet customer."""
    daily = [earlier(day, 10, who) for day in range(1, 200) for who in "ab"]
    assert told(visit(("/docs/a", 60), ("/docs/b", 60)), daily) == ""
    weekly = [earlier(7 * week + 2) for week in range(1, 9)]
    afternoon = [earlier(0.01 * number, who=str(number)) for number in range(1, 9)]
    assert "surge" not in {one.code for one in judged(visit(("/docs/a", 30)), [*weekly, *afternoon]).why}


def test_an_account_silent_for_200_days_fires_on_its_first_visit() -> None:
    """What counts is its own silence."""
    assert told(visit(("/pricing", 31)), [earlier(200)]) == "score"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/account/cancel", "cancel"),
        ("/de/vertrag-kuendigen", "cancel"),
        ("/aktuelles/ankuendigungen", "blog"),
        ("/de/kuendigung", "cancel"),
        ("/fr/resilier-mon-contrat", "cancel"),
        ("/es/darse-de-baja", "cancel"),
        ("/ja/解約手続き", "cancel"),
        ("/help/export-data", "export"),
        ("/datenexport", "export"),
        ("/ja/エクスポート", "export"),
        ("/compare", "comparison"),
        ("/careers/export-manager", "careers"),
    ],
)
def test_pages_of_leaving_are_known_in_several_languages(path: str, name: str) -> None:
    """And named among the reasons even where they are worth nothing; cancelling is no interest in buying."""
    assert RULES.page_class(path).rule.name == name
    if name in ("cancel", "export"):
        reasons = {one.code: one for one in own_points(visit((path, 1)), RULES).why}
        assert (reasons[f"page:{name}"].points, reasons[f"page:{name}"].ref) == (0, "now 0")


def test_support_alone_is_no_interest_and_a_bounce_is_nothing() -> None:
    """Login and tickets score 0 whatever came before; one page left within three seconds as well, but not a form."""
    support = judged(visit(("/login", 60), ("/support", 200)), [earlier(1, 60)])
    assert (support.points, [one.code for one in support.why]) == (0, ["support_only"])
    assert own_points(visit(("/pricing", 31), ("/login", 20)), RULES).points == 25
    assert own_points(visit(("/pricing", 2)), RULES).points == 0
    assert own_points(visit(("/pricing", 2), ("/products/a", 1)), RULES).points > 0
    assert own_points(visit(("/contact", 1)), RULES).points == 25


def test_prices_looked_up_after_a_product_was_read_count_more() -> None:
    """18 seconds on Pricing are 7.5 points, and 22.5 in a visit that read a product page."""
    assert own_points(visit(("/pricing", 18)), RULES).points == 7.5
    assert own_points(visit(("/products/a", 42), ("/pricing", 18)), RULES).points == 15 + 22.5
    assert own_points(visit(("/products/a", 5), ("/pricing", 18)), RULES).points == 3.75 + 7.5


def test_every_reason_with_points_names_its_event() -> None:
    """A page view, this visit or an earlier one; a sum of many and the silence have no single one."""
    past = [earlier(0.1, 30, "colleague"), earlier(2, 20), earlier(400)]
    reasons = judged(visit(("/pricing", 40), ("/contact", 2), ("/careers", 9), clues=("signed_link",)), past).why
    assert {one.code: one.ref for one in reasons} == {
        "page:pricing": "now 0",
        "page:contact": "now 1",
        "page:careers": "now 2",
        "clue:signed_link": "now 0",
        "first_visit": "past 2 old",
        "silence": "",
        "visitors": "past 0.1 colleague",
        "return": "past 2 old",
        "past": "past 0.1 colleague",
    }


def test_the_buying_group_counts_whom_one_can_tell_apart() -> None:
    """Three browsers of a day are 3; one browser on three days is 1 if its id lasts, else "at least 1"."""
    now = visit(("/pricing", 31))
    same_day = [earlier(0.01, who="v2"), earlier(0.02, who="v3"), earlier(0.03, who="v3"), earlier(0.04, 0, "job")]
    group = buying_group(now, same_day)
    assert (group.count, group.at_least, group.days) == (3, False, 1)
    lasting = buying_group(now, [earlier(1, who="v1"), earlier(2, who="v1")])
    assert (lasting.count, lasting.at_least, lasting.days) == (1, False, 3)
    cookieless = buying_group(now, [earlier(1, who="x"), earlier(2, who="y")])
    assert (cookieless.count, cookieless.at_least, cookieless.days) == (1, True, 3)
    assert buying_group(now, [earlier(8, who="x")]).count == 1
    two_then = buying_group(now, [earlier(1, who="x"), earlier(1.01, who="y")])
    assert (two_then.count, two_then.at_least) == (2, True)


PAGES = st.lists(
    st.tuples(
        st.sampled_from(["/", "/pricing", "/contact", "/products/a", "/careers", "/login", "/cancel"]),
        st.floats(0, 90),
    ),
    min_size=1,
    max_size=5,
)


@given(
    pages=PAGES,
    days=st.lists(st.tuples(st.floats(0.05, 80), PAGES, st.sampled_from(["a", "b"])), max_size=12),
    seed=st.integers(0, 99),
)
def test_views_and_visits_in_any_order_give_one_score(
    pages: list[tuple[str, float]],
    days: list[tuple[float, list[tuple[str, float]], str]],
    seed: int,
) -> None:
    """Each visit's views shuffled, the visits replayed in whatever order: same points, reasons and triggers."""
    dice = random.Random(seed)
    now = visit(*pages)
    before = [visit(*seen, days_ago=ago, who=who, name=f"b{n}") for n, (ago, seen, who) in enumerate(days)]

    def shuffled(one: Visit) -> Visit:
        views = list(one.views)
        dice.shuffle(views)
        return Visit(
            id=one.id,
            site=one.site,
            visitor=one.visitor,
            ip=None,
            user_agent="",
            started_at=one.started_at,
            last_at=one.last_at,
            received_at=one.received_at,
            views=tuple(views),
        )

    past = [past_of(one, RULES) for one in before]
    again = [past_of(shuffled(one), RULES) for one in dice.sample(before, len(before))]
    expected = judged(now, past)
    assert judged(shuffled(now), again) == expected
    assert expected.points == sum(one.points for one in expected.why)
