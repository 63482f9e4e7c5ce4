"""The score of visits: what each page counts for, when it is enough, and that it is always the sum of its reasons."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
    Source,
    State,
    Visit,
    VisitId,
    VisitorId,
)
from enrichment.intent.history import PastVisit
from enrichment.intent.rules import load_scoring
from enrichment.intent.scoring import own_points, qualifies, score

RULES = load_scoring()
AT = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
SITE = SiteId("example.com")
HALF_LIFE = timedelta(days=RULES.half_life_days)

Page = tuple[str, float]
"""Path and seconds."""


def visit(*pages: Page, source: Source = "beacon", visitor: str = "v1", clues: tuple[ClueKind, ...] = ()) -> Visit:
    views = tuple(
        PageView(
            id=PageViewId(f"p{number}"),
            site=SITE,
            at=AT,
            received_at=AT,
            visitor=VisitorId(visitor),
            ip=None,
            path=path,
            engaged_ms=round(seconds * 1000),
            source=source,
            clues=tuple(IdentityClue(kind=kind, value="x", at=AT) for kind in clues),
        )
        for number, (path, seconds) in enumerate(pages)
    )
    return Visit(
        id=VisitId("visit"),
        site=SITE,
        visitor=VisitorId(visitor),
        ip=None,
        user_agent="",
        started_at=AT,
        last_at=AT,
        received_at=AT,
        views=views,
    )


def dormancy(silent_days: int | None = 412, usual: float | None = 90.0, dormant: bool = True) -> Dormancy:
    return Dormancy(
        account=AccountId("A-1"),
        as_of=AT,
        state=State.DORMANT if dormant else State.ACTIVE,
        tier="1_year",
        dormant=dormant,
        silent_days=silent_days,
        usual_gap_days=usual,
        p_no_purchase=None,
        rule="default",
        left_over="",
        why=(),
    )


def past(days: float, points: float = 30, visitor: str = "old") -> PastVisit:
    return PastVisit(at=AT - timedelta(days=days), visitor=VisitorId(visitor), own_points=points)


def judged(one: Visit, *before: PastVisit, silence: Dormancy | None = None) -> IntentScore:
    return score(one, before, silence or dormancy(), RULES, AT)


def speaks(one: Visit, *before: PastVisit, silence: Dormancy | None = None) -> bool:
    return qualifies(one, judged(one, *before, silence=silence), RULES)


PRICING = ("/pricing", 31.0)


@pytest.mark.parametrize(
    ("pages", "points"),
    [
        ([("/pricing", 31)], 30),
        ([("/pricing", 29)], 7.5),
        ([("/pricing", 15), ("/Pricing/", 15)], 30),  # the same page twice: its seconds add up
        ([("/pricing", 31), ("/en/pricing-2026", 31)], 30),  # a class counts up to its cap
        ([("/", 5)], 2),
        ([("/docs/a", 25), ("/docs/b", 25), ("/docs/c", 25), ("/docs/d", 25)], 15),
        ([("/contact", 0)], 25),
        ([("/pricing", 31), ("/spare-parts/x200", 45), ("/contact", 3)], 75),
        ([("/impressum", 60), ("/login", 60)], 0),
        ([("/careers", 200), ("/careers/engineer", 100)], 0),
        ([("/", 5), ("/blog/news", 60), ("/jobs/welder", 90)], 0),
        ([("/pricing", 31), ("/careers", 60)], 10),
        ([("/docs/a", 25), ("/careers", 60)], 0),
    ],
)
def test_a_visit_is_worth_its_pages_to_the_point(pages: list[Page], points: float) -> None:
    """The documented points of each visit's own pages."""
    assert own_points(visit(*pages), RULES).points == points


def test_a_log_line_counts_its_documented_share() -> None:
    """Access logs don't say how long a page was read: 0.7 of its points, and the reason says so."""
    actual = own_points(visit(("/pricing", 0), source="access_log"), RULES)
    assert actual.points == 21
    assert actual.why[0].text == "Pricing seen, for how long is unknown"


def test_reasons_read_like_the_screens() -> None:
    """Each point has a sentence for people and a code for machines."""
    actual = judged(visit(("/pricing", 130), ("/contact", 12)), past(398, visitor="a"), past(0.01, 5, "colleague"))
    assert [(one.text, one.points, one.code) for one in actual.why] == [
        ("Pricing read for 2:10", 30, "page:pricing"),
        ("Contact form opened", 25, "page:contact"),
        ("First visit in 397 days", 20, "first_visit"),
        ("Silent for 4.6 times its usual rhythm", 10, "silence"),
        ("2 visitors", 10, "visitors"),
        ("Visit on 24 Nov 2026", 5, "past"),
    ]


@pytest.mark.parametrize("before", [(), (past(181),), (past(398),)], ids=["none on record", "181 days", "398 days"])
@pytest.mark.parametrize("usual", [None, 90.0], ids=["no rhythm", "rhythm"])
def test_a_dormant_account_on_pricing_for_30_seconds_is_told(
    before: tuple[PastVisit, ...], usual: float | None
) -> None:
    """Alone, on its first visit in half a year: the qualifying moment."""
    silence = dormancy(usual=usual)
    one = visit(("/pricing", 30))
    assert judged(one, *before, silence=silence).points >= RULES.threshold
    assert speaks(one, *before, silence=silence)


@pytest.mark.parametrize(
    "pages",
    [
        [("/", 300)],
        [("/pricing", 12)],
        [("/docs/a", 60), ("/docs/b", 60), ("/docs/c", 60)],
        [("/blog/a", 60), ("/blog/b", 60), ("/blog/c", 60), ("/", 9)],
        [("/careers", 300)],
        [("/", 9), ("/login", 40)],
    ],
    ids=["home", "pricing too short", "three docs pages", "blog", "careers", "login"],
)
def test_a_dormant_account_that_only_passes_by_is_not_told(pages: list[Page]) -> None:
    """No buying interest: below the threshold even on the first visit in a year."""
    assert judged(visit(*pages), past(398)).points < RULES.threshold
    assert not speaks(visit(*pages), past(398))


@pytest.mark.parametrize(
    ("row", "one"),
    [
        ("Pricing for 30 seconds", visit(("/pricing", 30))),
        ("Pricing for 12 seconds", visit(("/pricing", 12))),
        ("the home page only", visit(("/", 60))),
        ("three pages of documentation", visit(("/docs/a", 60), ("/docs/b", 60), ("/docs/c", 60))),
        ("careers pages only", visit(("/careers", 60))),
        ("Pricing in an access log", visit(("/pricing", 0), source="access_log")),
        (
            "Pricing and a product page in an access log",
            visit(("/pricing", 0), ("/products/x", 0), source="access_log"),
        ),
    ],
)
def test_the_documented_scores_are_true(row: str, one: Visit) -> None:
    """The table of docs/scoring-and-dormancy.md: the points after the sum, and who is told."""
    text = (Path(__file__).resolve().parents[3] / "docs" / "scoring-and-dormancy.md").read_text(encoding="utf-8")
    cell = next(line for line in text.splitlines() if line.startswith(f"| {row} |")).split("|")[2]
    points = re.search(r"[\d.]+", cell.rpartition("=")[2])
    assert points is not None
    assert judged(one, past(398)).points == pytest.approx(float(points[0]), abs=0.05)
    assert speaks(one, past(398)) is ("told" in cell)


def test_careers_alone_score_nothing_whatever_came_before() -> None:
    """Hartmann on Careers minutes after Hartmann on Pricing: 0 for the job seeker."""
    actual = judged(visit(("/", 5), ("/karriere", 200)), past(0.01, 75, "buyer"), past(398))
    assert actual.points == 0
    assert [one.code for one in actual.why] == ["careers_only"]


def test_the_second_day_of_an_awakening_still_counts_as_its_return() -> None:
    """Home on Sunday, Pricing on Tuesday: the absence before Sunday isn't forgotten."""
    actual = judged(visit(PRICING), past(2, 2), past(400))
    codes = {one.code: one.text for one in actual.why}
    assert codes["first_visit"] == "First visit in 398 days, on 22 Nov 2026"
    assert codes["return"] == "Came back after 2 days"
    assert actual.points >= RULES.threshold


def test_daily_visits_are_no_news() -> None:
    """A dormant account that reads documentation every day, by two people, isn't told."""
    before = [past(days, 15, f"v{number}") for days in range(120) for number in (1, 2)]
    one = visit(("/docs/a", 60), ("/docs/b", 60), ("/docs/c", 60))
    actual = judged(one, *before)
    assert actual.points == 25
    assert "here on 28 of the last 28 days" in next(item.text for item in actual.why if item.code == "regular")


def test_visitors_of_other_days_are_not_added_up() -> None:
    """Ids change with the day: the same person on three days is not three."""
    before = [past(days, 5, f"v{days}") for days in (1, 2, 3)]
    assert "visitors" not in {one.code for one in judged(visit(PRICING), *before).why}


def test_earlier_visits_count_up_to_a_cap_each_told() -> None:
    """However many there were, the past alone never makes an alert."""
    before = [past(0.5 + number / 10, 60, "v1") for number in range(30)]
    reasons = [one for one in judged(visit(("/", 3)), *before).why if one.code == "past"]
    assert sum(one.points for one in reasons) == pytest.approx(20, abs=0.5)


def test_a_first_page_view_alone_never_speaks() -> None:
    """A quote page in a log, or a form opened for a second, lack a second sign; any of the others suffices."""
    form = visit(("/quote", 1))
    assert judged(form).points >= RULES.threshold
    assert not speaks(form)
    assert speaks(visit(("/quote", 12)))
    assert speaks(visit(("/quote", 1), ("/products/x200", 1)))
    assert speaks(visit(("/quote", 1), clues=("signed_link",)))
    assert speaks(form, past(0.01, 5, "colleague"))
    assert not speaks(visit(("/quote", 0), source="access_log"))


def test_a_clue_has_points_once_per_kind() -> None:
    """A signed link counts once, on however many page views it is repeated."""
    actual = own_points(visit(("/", 3), ("/docs", 3), clues=("signed_link",)), RULES)
    assert [one.points for one in actual.why if one.code == "clue:signed_link"] == [25]


def test_an_active_account_gets_no_points_for_silence() -> None:
    """Dormancy decides; the score of an active account lacks its points."""
    active = dormancy(silent_days=30, dormant=False)
    assert "silence" not in {one.code for one in judged(visit(PRICING), silence=active).why}


def test_seconds_between_a_visit_and_its_judgement_change_nothing() -> None:
    """A judgement five seconds later doesn't fall below the threshold for it."""
    one = visit(("/pricing", 30))
    assert score(one, [past(398)], dormancy(), RULES, AT + timedelta(seconds=5)) == judged(one, past(398))


PATHS = st.sampled_from(
    [
        "/",
        "/pricing",
        "/preise",
        "/contact",
        "/docs/a",
        "/docs/b",
        "/blog/x",
        "/careers",
        "/jobs/1",
        "/products/x1",
        "/x",
    ]
)
PAGES = st.lists(st.tuples(PATHS, st.floats(0, 400)), max_size=8)
VISITS = st.builds(
    lambda pages, source, clues: visit(*pages, source=source, clues=clues),
    PAGES,
    st.sampled_from(["beacon", "access_log"]),
    st.lists(st.sampled_from(["signed_link", "identify", "form_domain"]), max_size=2).map(tuple),
)
PASTS = st.lists(
    st.builds(past, st.floats(0, 900), st.floats(0, 90), st.sampled_from(["a", "b", "c"])),
    max_size=12,
)
SILENCES = st.builds(
    dormancy,
    st.one_of(st.none(), st.integers(0, 3000)),
    st.one_of(st.none(), st.floats(1, 400)),
    st.booleans(),
)


@given(one=VISITS, before=PASTS, silence=SILENCES, age=st.floats(0, 60))
def test_the_score_is_the_sum_of_its_reasons_always(
    one: Visit, before: list[PastVisit], silence: Dormancy, age: float
) -> None:
    """Exactly, without a rest, and never below 0; so is the visit's own part."""
    for actual in (own_points(one, RULES), score(one, before, silence, RULES, AT + timedelta(days=age))):
        assert actual.points == sum(reason.points for reason in actual.why)
        assert actual.points >= 0
        assert all(reason.text for reason in actual.why)


@given(one=VISITS, before=PASTS, silence=SILENCES, seed=st.integers(0, 99))
def test_history_may_be_replayed_in_any_order(
    one: Visit, before: list[PastVisit], silence: Dormancy, seed: int
) -> None:
    """Shuffled, and with visits that came later mixed in, the score is the same."""
    shuffled = [*before, past(-1, 50), past(-30, 50)]
    random.Random(seed).shuffle(shuffled)
    assert score(one, shuffled, silence, RULES, AT) == score(one, before, silence, RULES, AT)


@given(one=VISITS, before=PASTS, silence=SILENCES)
def test_half_is_left_after_the_half_life(one: Visit, before: list[PastVisit], silence: Dormancy) -> None:
    """score(t + h) = ½ score(t), up to the sixteenths in which points are kept."""
    now, later = (score(one, before, silence, RULES, AT + age) for age in (timedelta(), HALF_LIFE))
    assert later.points == pytest.approx(now.points / 2, abs=len(now.why) / 16)
