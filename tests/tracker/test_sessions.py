"""Visits: what joins, what stays apart, and that order and repetition don't matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain import DropReason, PageView, PageViewId, SiteId, Visit, VisitorId
from tracker.sessions import MAX_VIEWS, carried_over, join

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def view(
    name: str,
    minute: float,
    *,
    visitor: str = "v",
    engaged_ms: int = 0,
    title: str = "",
    drop: DropReason | None = None,
    received: float | None = None,
) -> PageView:
    return PageView(
        id=PageViewId(name),
        site=SiteId("example.com"),
        at=NOON + timedelta(minutes=minute),
        received_at=NOON + timedelta(minutes=minute if received is None else received),
        visitor=VisitorId(visitor),
        ip="192.0.2.1",
        path=f"/{name}",
        title=title,
        user_agent="Firefox",
        engaged_ms=engaged_ms,
        drop=drop,
    )


def groups(visits: Sequence[Visit]) -> set[frozenset[str]]:
    return {frozenset(view.id for view in visit.views) for visit in visits}


def test_thirty_minutes_of_silence_join_and_more_part() -> None:
    """A gap of exactly 30 minutes is still the same visit."""
    assert groups(join([], [view("a", 0), view("b", 30), view("c", 60.1)])) == {frozenset("ab"), frozenset("c")}


def test_engaged_time_is_no_silence() -> None:
    """Twenty minutes of reading move the moment from which silence counts."""
    (visit,) = join([], [view("a", 0, engaged_ms=20 * 60_000), view("b", 45)])
    assert (visit.started_at, visit.last_at) == (NOON, NOON + timedelta(minutes=45))


def test_visit_keeps_its_id_as_it_grows_at_either_end() -> None:
    """An earlier and a later page join the open visit, which stays the same visit."""
    (before,) = join([], [view("b", 0)])
    (after,) = join([before], [view("c", 20, received=40), view("a", -20)])
    assert after.id == before.id
    assert [page.id for page in after.views] == ["a", "b", "c"]
    assert (after.started_at, after.last_at) == (NOON - timedelta(minutes=20), NOON + timedelta(minutes=20))
    assert after.received_at == NOON + timedelta(minutes=40)


def test_visitors_and_sites_never_mix() -> None:
    """The same minute on another site or by another visitor is another visit."""
    elsewhere = replace(view("c", 1), site=SiteId("example.org"))
    assert len(join([], [view("a", 0), view("b", 1, visitor="w"), elsewhere])) == 3


def test_second_hit_of_a_page_view_merges() -> None:
    """The longest engagement and earliest moment count; an empty title is filled, a known one kept."""
    (before,) = join([], [view("a", 5, engaged_ms=9000)])
    (after,) = join([before], [view("a", 4, engaged_ms=3000, title="Prices")])
    assert [(page.at, page.engaged_ms, page.title) for page in after.views] == [
        (NOON + timedelta(minutes=4), 9000, "Prices")
    ]
    (same_title,) = join([after], [view("a", 4, engaged_ms=10_000, title="Other")])
    assert same_title.views[0].title == "Prices"


def test_nothing_new_returns_nothing() -> None:
    """The same views once more, received later, change no visit."""
    views = [view("a", 0, engaged_ms=5000), view("b", 3)]
    before = join([], views)
    assert join(before, [replace(page, received_at=NOON + timedelta(days=2)) for page in views]) == ()


def test_known_page_view_stays_in_its_visit_under_a_new_salt() -> None:
    """A tab left open over midnight comes back under another visitor id: no second visit begins."""
    (before,) = join([], [view("a", 0)])
    (after,) = join([before], [view("a", 0, visitor="after-midnight", engaged_ms=60_000)])
    assert (after.id, len(after.views), after.visitor) == (before.id, 1, "v")


def test_a_visit_goes_on_over_midnight() -> None:
    """Views under the new day's salt stay with the visit of yesterday's visitor for as long as it isn't silent."""
    (before,) = join([], [view("a", 0, visitor="old")])
    views = [view("c", 50, visitor="new"), view("b", 25, visitor="new"), view("d", 90, visitor="new")]
    yesterday = {page.id: VisitorId("old") for page in views}
    assert [page.visitor for page in carried_over([before], views, yesterday)] == ["old", "old", "new"]
    assert [page.visitor for page in carried_over([], views, yesterday)] == ["new", "new", "new"]
    assert [page.visitor for page in carried_over([before], views, {})] == ["new", "new", "new"]
    assert groups(join([before], carried_over([before], views, yesterday))) == {frozenset("abc"), frozenset("d")}


def test_late_view_between_two_visits_joins_the_nearer() -> None:
    """Two visits that a late view would have bridged stay two."""
    first, second = join([], [view("a", 0), view("c", 50)])
    (changed,) = join([first, second], [view("b", 24)])
    assert groups([changed]) == {frozenset("ab")}
    assert changed.id == first.id


def test_bots_form_visits_and_other_drops_do_not() -> None:
    """A bot's visit is kept with its reason; a hit that is no page begins none."""
    (visit,) = join(
        [], [view("a", 0, drop=DropReason.BOT_DECLARED), view("b", 0, visitor="w", drop=DropReason.NOT_A_PAGE)]
    )
    assert (visit.drop, groups([visit])) == (DropReason.BOT_DECLARED, {frozenset("a")})


def test_a_full_visit_goes_on_in_a_new_one() -> None:
    """No visit holds more than 500 views, and none is lost."""
    visits = join([], [view(f"{n:04}", n / 100) for n in range(MAX_VIEWS + 20)])
    assert [len(visit.views) for visit in visits] == [MAX_VIEWS, 20]


seconds = st.integers(0, 1799)


@given(st.lists(seconds, min_size=1, max_size=12), st.data())
def test_order_and_repetition_do_not_matter(gaps: list[int], data: st.DataObject) -> None:
    """Views with gaps under 30 minutes are one visit, in whatever order and however often they come."""
    minute, views = 0.0, []
    for number, gap in enumerate(gaps):
        minute += gap / 60
        views.append(view(f"p{number}", minute))
    shuffled = data.draw(st.permutations(views + data.draw(st.lists(st.sampled_from(views), max_size=6))))
    expected = join([], views)
    assert join([], shuffled) == expected
    assert groups(expected) == {frozenset(page.id for page in views)}


@given(
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from("vw"), st.integers(0, 40)), min_size=1, max_size=25),
    st.integers(1, 6),
)
def test_views_are_conserved_over_any_batches(drawn: list[tuple[int, str, int]], size: int) -> None:
    """However the views are cut into batches, each lies in exactly one visit, and a replay changes nothing."""
    views = [
        view(f"p{number}", minute, visitor=visitor, engaged_ms=engaged * 60_000)
        for number, (minute, visitor, engaged) in enumerate(drawn)
    ]
    visits: dict[str, Visit] = {}
    for start in range(0, len(views), size):
        visits |= {visit.id: visit for visit in join(list(visits.values()), views[start : start + size])}
    ids = [page.id for visit in visits.values() for page in visit.views]
    assert sorted(ids) == sorted(page.id for page in views)
    assert join(list(visits.values()), views) == ()
