"""The tracker's store: sites, salts, visits, counts, offsets and what expires, against a real database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, func, select

from core.database import reading, writing
from core.domain import DropReason, PageView, PageViewId, SiteId, Visit, VisitId, VisitorId
from core.errors import InputError
from tracker.expiry import expire_addresses, expire_counts, expire_views, expire_visits
from tracker.sessions import join
from tracker.site_store import (
    add_site,
    expire_salts,
    list_sites,
    log_salts,
    remove_site,
    salt_for,
    site_id,
    snippet_seen,
)
from tracker.store import (
    HitCount,
    commit_offsets,
    count,
    count_refused,
    forget_offsets,
    known_views,
    open_visits,
    read_counts,
    read_offsets,
    save,
    save_dropped,
    visits_by_ids,
)
from tracker.tables import page_views, visits
from tracker.visitor import past_salt

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SITE = SiteId("example.com")
SECRET = "test-secret"


def view(name: str, minute: float = 0, visitor: str = "v", ip: str | None = "192.0.2.77", **more: object) -> PageView:
    moment = NOON + timedelta(minutes=minute)
    plain = PageView(
        id=PageViewId(name),
        site=SITE,
        at=moment,
        received_at=moment,
        visitor=VisitorId(visitor),
        ip=ip,
        path=f"/{name}",
        user_agent="Firefox",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def saved(
    any_engine: Engine, views: Sequence[PageView], prefixes: dict[VisitId, str] | None = None
) -> tuple[Visit, ...]:
    """Join `views` to what is stored and store the outcome, as the pipeline does."""
    with writing(any_engine) as conn:
        moments = [page.at for page in views]
        before = open_visits(
            conn,
            {(page.site, page.visitor) for page in views},
            (min(moments), max(moments)),
            holding=[page.id for page in views],
        )
        changed = join(before, views)
        save(conn, changed, prefixes or {}, SECRET, before=before)
    return changed


def column(conn: Connection, name: str) -> list[object]:
    return list(conn.execute(select(visits.c[name]).order_by(visits.c.started_at)).scalars())


# sites


def test_site_is_added_once_under_its_plain_name(any_engine: Engine) -> None:
    """Case and spaces don't make another site; its secret is random."""
    with writing(any_engine) as conn:
        assert add_site(conn, " WWW.Example.com. ", NOON)
        assert not add_site(conn, "www.example.com", NOON)
        assert add_site(conn, "demo.localhost", NOON, is_demo=True)
        first, second = list_sites(conn)
    assert [(first.id, first.is_demo), (second.id, second.is_demo)] == [
        ("demo.localhost", True),
        ("www.example.com", False),
    ]
    assert second.created_at == NOON and second.snippet_seen_at is None
    assert first.secret != second.secret and len(first.secret) == 64


@pytest.mark.parametrize(
    "text", ["", "https://example.com", "example.com/shop", "a b.com", "-a.com", "a..com", "x" * 70]
)
def test_what_is_no_host_name_is_refused(text: str) -> None:
    """The message says what to give instead."""
    with pytest.raises(InputError, match=r"such as example\.com"):
        site_id(text)


def test_international_host_names_take_their_ascii_form() -> None:
    """A browser sends the ASCII form, so that is what is stored."""
    assert site_id("Bücher.example") == "xn--bcher-kva.example"


def test_removing_a_site_removes_what_was_kept_of_it(any_engine: Engine) -> None:
    """Visits, page views and counts go with the site; another site's stay."""
    with writing(any_engine) as conn:
        add_site(conn, SITE, NOON)
    saved(any_engine, [view("a"), replace(view("b"), site=SiteId("example.org"))])
    with writing(any_engine) as conn:
        assert remove_site(conn, SITE)
        assert not remove_site(conn, SITE)
        assert column(conn, "site") == ["example.org"]
        assert list(known_views(conn, [PageViewId("a"), PageViewId("b")])) == ["b"]


def test_snippet_seen_is_remembered(any_engine: Engine) -> None:
    """The settings page can say when the snippet last sent something."""
    with writing(any_engine) as conn:
        add_site(conn, SITE, NOON)
        snippet_seen(conn, {SITE}, NOON)
        assert [site.snippet_seen_at for site in list_sites(conn)] == [NOON]


# salts


def test_a_days_salt_is_made_once(any_engine: Engine) -> None:
    """One salt per site and day."""
    with writing(any_engine) as conn:
        salt = salt_for(conn, SITE, NOON.date())
        assert salt_for(conn, SITE, NOON.date()) == salt
        assert salt_for(conn, SITE, date(2026, 11, 21)) != salt
        assert len(salt) == 32


def test_salts_of_log_lines(any_engine: Engine) -> None:
    """Lines of a day whose salt lives share the snippet's visitors; older ones are keyed by the site's secret."""
    with writing(any_engine) as conn:
        add_site(conn, SITE, NOON)
        yesterday = salt_for(conn, SITE, date(2026, 11, 19))
        today = salt_for(conn, SITE, date(2026, 11, 20))
        salts = log_salts(conn, SITE, NOON)
        secret = list_sites(conn)[0].secret
        with pytest.raises(InputError, match="site add"):
            log_salts(conn, SiteId("unknown.example"), NOON)
    days = [date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 18)]  # asked after the transaction
    assert [salts(day) for day in days] == [today, yesterday, past_salt(secret, days[2])]


@pytest.mark.parametrize(
    ("last_page", "now", "removed"),
    [
        ("23:50", "2026-11-20T23:59:00+00:00", 0),  # the day itself
        ("23:50", "2026-11-21T00:10:00+00:00", 0),  # the visit is still open
        ("22:00", "2026-11-21T00:20:00+00:00", 0),  # hits of the day may still wait in the buffer
        ("22:00", "2026-11-21T00:40:00+00:00", 1),
        ("23:50", "2026-11-22T00:00:00+00:00", 1),  # never longer than 24 hours
    ],
)
def test_a_salt_dies_when_no_open_visit_can_use_it(any_engine: Engine, last_page: str, now: str, removed: int) -> None:
    """Past its day, a salt lives only while a visit of that day is open, and at most 24 hours."""
    at = datetime.fromisoformat(f"2026-11-20T{last_page}:00+00:00")
    saved(any_engine, [view("a", at=at)])
    with writing(any_engine) as conn:
        salt_for(conn, SITE, at.date())
        assert expire_salts(conn, datetime.fromisoformat(now)) == removed


# visits


def test_a_visit_comes_back_as_it_was_stored(any_engine: Engine) -> None:
    """Nothing that a later stage needs is lost in the database."""
    first = view("a", engaged_ms=7000, title="Prices", referrer="https://search.example/")
    (stored,) = saved(any_engine, [first, view("b", 5)])
    with reading(any_engine) as conn:
        assert visits_by_ids(conn, [stored.id, VisitId("unknown")]) == [stored]
        assert known_views(conn, [first.id, PageViewId("unknown")]) == {first.id: 7000}


def test_a_visit_grows_over_batches(any_engine: Engine) -> None:
    """The second batch finds the open visit and adds to it."""
    (before,) = saved(any_engine, [view("a")])
    (after,) = saved(any_engine, [view("b", 29), view("a", engaged_ms=4000)])
    with reading(any_engine) as conn:
        assert visits_by_ids(conn, [before.id]) == [after]
    assert [(page.id, page.engaged_ms) for page in after.views] == [("a", 4000), ("b", 0)]


def test_replay_changes_nothing(any_engine: Engine) -> None:
    """The same views again change no visit, also once the address has expired or the visitor's salt is another."""
    (visit,) = saved(any_engine, [view("a"), view("b", 3)])
    with writing(any_engine) as conn:
        expire_addresses(conn, NOON + timedelta(days=1))
    later = NOON + timedelta(days=3)
    assert saved(any_engine, [view("a", visitor="other", received_at=later), view("b", 3, visitor="other")]) == ()
    with reading(any_engine) as conn:
        assert visits_by_ids(conn, [visit.id])[0].ip is None


def test_only_visits_that_views_can_join_are_open(any_engine: Engine) -> None:
    """Other visitors, other sites and visits more than 30 minutes away are not loaded."""
    saved(
        any_engine, [view("a"), view("b", 200), view("c", visitor="w"), replace(view("d"), site=SiteId("example.org"))]
    )
    keys = {(SITE, VisitorId("v"))}
    with reading(any_engine) as conn:
        (near,) = open_visits(conn, keys, (NOON + timedelta(minutes=30), NOON + timedelta(minutes=100)))
        assert [page.id for page in near.views] == ["a"]
        assert open_visits(conn, keys, (NOON + timedelta(minutes=31), NOON + timedelta(minutes=100))) == []
        both = open_visits(conn, keys, (NOON, NOON), holding=[PageViewId("c")])
        assert {visit.views[0].id for visit in both} == {"a", "c"}


def test_many_visitors_fit_into_questions_of_bounded_length(any_engine: Engine) -> None:
    """More keys than one IN list takes are asked in parts."""
    views = [view(f"p{n}", visitor=f"v{n}") for n in range(1200)]
    saved(any_engine, views)
    with reading(any_engine) as conn:
        found = open_visits(conn, {(SITE, page.visitor) for page in views}, (NOON, NOON))
        assert len(found) == 1200
        assert len(known_views(conn, [page.id for page in views])) == 1200


def test_address_prefix_and_hash(any_engine: Engine) -> None:
    """The network's prefix counts where known, else the mask; the hash depends on the secret, not the visit."""
    (first,) = join([], [view("a")])
    saved(any_engine, [view("a"), view("b", 1, visitor="w")], {first.id: "192.0.2.64/26"})
    with reading(any_engine) as conn:
        assert column(conn, "ip") == ["192.0.2.77", "192.0.2.77"]
        assert column(conn, "prefix") == ["192.0.2.64/26", "192.0.2.0/24"]
        one, other = column(conn, "address_hash")
        assert one == other and len(str(one)) == 64
    saved(any_engine, [view("c", 2)])  # grows without a new look-up: the network's prefix stays
    with reading(any_engine) as conn:
        assert column(conn, "prefix") == ["192.0.2.64/26", "192.0.2.0/24"]


def test_raw_address_need_not_be_kept(any_engine: Engine) -> None:
    """With retention 0 the address itself is never written; its prefix and hash are."""
    with writing(any_engine) as conn:
        save(conn, join([], [view("a")]), {}, SECRET, keep_address=False)
        assert column(conn, "ip") == [None]
        assert column(conn, "prefix") == ["192.0.2.0/24"]


def test_growing_after_expiry_keeps_prefix_and_hash(any_engine: Engine) -> None:
    """A visit whose address is gone does not lose what was derived from it."""
    saved(any_engine, [view("a")])
    with writing(any_engine) as conn:
        expire_addresses(conn, NOON + timedelta(days=1))
    saved(any_engine, [view("b", 5, ip=None)])
    with reading(any_engine) as conn:
        assert (column(conn, "ip"), column(conn, "prefix")) == ([None], ["192.0.2.0/24"])
        assert column(conn, "address_hash") != [None]


def test_oversized_and_odd_text_is_cut_to_fit(any_engine: Engine) -> None:
    """Whatever a browser sends fits its column."""
    (visit,) = saved(
        any_engine, [view("a", path="/" + "x" * 900, title="t\x00" * 300, user_agent="u" * 900, engaged_ms=2**40)]
    )
    with reading(any_engine) as conn:
        (stored,) = visits_by_ids(conn, [visit.id])
    assert (len(stored.views[0].path), len(stored.user_agent), stored.views[0].engaged_ms) == (500, 400, 86_400_000)
    assert stored.views[0].title == "t" * 100


# counts and offsets


def test_dropped_hits_are_stored_once_and_without_the_visitor(any_engine: Engine) -> None:
    """A second import finds them known; nothing about the visitor is stored."""
    asset = view("a", drop=DropReason.NOT_A_PAGE, referrer="https://search.example/")
    with writing(any_engine) as conn:
        assert save_dropped(conn, [asset, asset]) == (asset,)
        assert save_dropped(conn, [asset]) == ()
        (row,) = conn.execute(select(page_views)).all()
        assert (row.visit, row.path, row.drop, row.referrer) == (None, "/a", "not_a_page", "")
        assert conn.execute(select(func.count()).select_from(visits)).scalar() == 0


def test_counts_add_up_by_day_source_and_outcome(any_engine: Engine) -> None:
    """Each new hit is counted once under its outcome, refused ones beside them."""
    with writing(any_engine) as conn:
        count(conn, [view("a"), view("a"), view("b"), view("c", drop=DropReason.BOT_DECLARED)])
        count(conn, [view("d"), view("e", 13 * 60), view("f", source="access_log")])
        count_refused(conn, NOON, {SITE: {"prefetch": 3}, "example.org": {"unknown_site": 2}})
        found = read_counts(conn, NOON.date())
        assert read_counts(conn, date(2026, 11, 22)) == ()
        assert expire_counts(conn, date(2026, 11, 21)) == 5
        assert len(read_counts(conn, NOON.date())) == 1
    today, tomorrow = NOON.date(), date(2026, 11, 21)
    other = SiteId("example.org")
    assert set(found) == {
        HitCount(site=SITE, day=today, source="beacon", outcome="kept", n=3),
        HitCount(site=SITE, day=today, source="beacon", outcome="bot_declared", n=1),
        HitCount(site=SITE, day=today, source="beacon", outcome="prefetch", n=3),
        HitCount(site=SITE, day=today, source="access_log", outcome="kept", n=1),
        HitCount(site=SITE, day=tomorrow, source="beacon", outcome="kept", n=1),
        HitCount(site=other, day=today, source="beacon", outcome="unknown_site", n=2),
    }


def test_offsets_are_overwritten_and_forgotten(any_engine: Engine) -> None:
    """The last committed offset counts; segments that are gone leave nothing."""
    with writing(any_engine) as conn:
        commit_offsets(conn, {"one": 10, "two": 5})
        commit_offsets(conn, {"one": 20})
        commit_offsets(conn, {})
        assert read_offsets(conn) == {"one": 20, "two": 5}
        forget_offsets(conn, ["one"])
        assert read_offsets(conn) == {"two": 5}


# expiry


def test_addresses_expire_by_receipt_in_short_statements(any_engine: Engine) -> None:
    """Visits received before the moment lose their address; repeated calls finish the rest, later ones keep theirs."""
    saved(any_engine, [view(f"p{n}", visitor=f"v{n}") for n in range(5)] + [view("new", 10, visitor="new")])
    with writing(any_engine) as conn:
        moment = NOON + timedelta(minutes=5)
        assert [expire_addresses(conn, moment, limit=3) for _ in range(3)] == [3, 2, 0]
        assert column(conn, "ip") == [None] * 5 + ["192.0.2.77"]
        assert None not in column(conn, "prefix")


def test_views_and_visits_expire_by_receipt(any_engine: Engine) -> None:
    """Old page views go alone; old visits go with their views."""
    saved(any_engine, [view("a"), view("b", 300, visitor="w")])
    with writing(any_engine) as conn:
        save_dropped(conn, [view("x", drop=DropReason.NOT_A_PAGE)])
        assert expire_views(conn, NOON + timedelta(minutes=1)) == 2
        assert len(column(conn, "id")) == 2
        assert expire_visits(conn, NOON + timedelta(minutes=1)) == 1
        assert expire_visits(conn, NOON + timedelta(days=1)) == 1
        assert conn.execute(select(func.count()).select_from(page_views)).scalar() == 0
