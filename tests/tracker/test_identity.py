"""What is said of visitors is proved where it comes in: links, identify calls, forms; nothing secret is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from edge import CHROME, NOON, Edge
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import AccountId, IdentityClue, PageView, SiteId, VisitorId
from tracker import clue_store
from tracker.identity import clean_domain, link_token, read_link
from tracker.sessions import join
from tracker.sources.beacon import to_page_view
from tracker.store import count, open_visits, save, save_dropped

SECRET, IDENTIFY = "the instance's secret", "the site's secret"
ACCOUNT = AccountId("C-1")


def edge() -> Edge:
    return Edge(secret=SECRET, identify_secrets={"example.com": IDENTIFY})


def token(days: int = 30, secret: str = SECRET) -> str:
    return link_token(secret, ACCOUNT, NOON + timedelta(days=days))


def hmac_of(claim: str, secret: str = IDENTIFY) -> str:
    return hmac.new(secret.encode(), claim.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("said", "proved", "refused"),
    [
        ({"k": token()}, {"signed_link": "C-1"}, ()),
        ({"k": token(0)}, {"signed_link": "C-1"}, ()),
        ({"k": token(-1)}, {}, ("link_expired",)),
        ({"k": token()[:-1]}, {}, ("link_false",)),
        ({"k": token(secret="another")}, {}, ("link_false",)),
        ({"k": "é" * 400}, {}, ("link_false",)),
        ({"n": "account:C-2", "x": hmac_of("account:C-2")}, {"identify": "C-2"}, ()),
        ({"n": "account:C-2", "x": hmac_of("account:C-2").upper()}, {"identify": "C-2"}, ()),
        ({"n": "domain:a.example", "x": hmac_of("domain:a.example")}, {"identify_domain": "a.example"}, ()),
        ({"n": "account:C-2"}, {}, ("identify_unsigned",)),
        ({"n": "account:C-2", "x": hmac_of("account:C-1")}, {}, ("identify_false",)),
        ({"n": "account:a.example", "x": hmac_of("domain:a.example")}, {}, ("identify_false",)),
        ({"n": "account:C-2", "x": hmac_of("account:C-2", "old")}, {}, ("identify_false",)),
        ({"n": "domain:nonsense", "x": hmac_of("domain:nonsense")}, {}, ("domain_unreadable",)),
        ({"f": "Mail.Example.com"}, {"form_domain": "mail.example.com"}, ()),
        ({"f": "maria@example.com"}, {"form_domain": "example.com"}, ()),
        ({"f": "no domain"}, {}, ("domain_unreadable",)),
        ({"k": token(-1), "f": "a.example"}, {"form_domain": "a.example"}, ("link_expired",)),
    ],
)
def test_what_is_said_is_proved_or_refused(
    said: Mapping[str, str], proved: Mapping[str, str], refused: tuple[str, ...]
) -> None:
    """The hit is kept either way and the page hears nothing of it; no token, signature or mailbox is kept."""
    world = edge()
    answer = world.beacon(said)
    assert (answer.status, answer.headers.get("Dormouse-Ignored")) == (204, None)
    (hit,) = world.hits
    assert (hit.proved, hit.refused) == (proved, refused)
    assert not any(len(value) > 30 and value in str(hit) for value in said.values())
    assert "maria" not in str(hit)


def test_a_site_without_a_secret_identifies_nobody() -> None:
    """Else an empty key would do."""
    world = edge()
    world.beacon({"s": "demo.example", "n": "account:C-2", "x": hmac_of("account:C-2", "")})
    assert (world.hits[0].proved, world.hits[0].refused) == ({}, ("identify_no_key",))


@pytest.mark.parametrize("how", [{"g": 1}, {}], ids=["in the beacon", "as a header"])
def test_with_a_privacy_signal_no_clue_is_kept(how: Mapping[str, int]) -> None:
    """Neither what was proved nor what was refused nor whether somebody touched the page."""
    world = edge()
    headers = {} if how else {"Sec-GPC": "1"}
    world.beacon({"k": token(), "n": "account:C-2", "f": "a.example", "h": 1, **how}, headers)
    (hit,) = world.hits
    assert (hit.proved, hit.refused, hit.touched, hit.ip) == ({}, (), False, "")


def test_a_links_last_day_is_its_last() -> None:
    """It works until the end of that day in UTC."""
    made = link_token(SECRET, ACCOUNT, datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert read_link(SECRET, made, datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)) == ACCOUNT
    assert read_link(SECRET, made, datetime(2026, 12, 2, 0, 0, 1, tzinfo=UTC)) == "link_expired"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Example.COM.", "example.com"),
        ("a@b@example.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", ""),
        ("-x.example", ""),
        ("192.0.2.1 ", "192.0.2.1"),
        ("x" * 300 + ".example", ""),
        ("", ""),
        ("exa mple.com", ""),
        ("\udce9.example", ""),
    ],
)
def test_a_domain_is_read(text: str, domain: str) -> None:
    """Lower case, ASCII, without a mailbox; "" for what is none."""
    assert clean_domain(text) == domain


# -- kept with the page view


def seen(name: str = "v1", *, seconds: float = 1, **said: object) -> PageView:
    """A page view as it comes out of the buffer."""
    world = edge()
    world.beacon({"i": f"00000000-{name}", "e": seconds * 1000, **said}, {"User-Agent": CHROME})
    return to_page_view(world.hits[0], VisitorId("visitor"))


def test_clues_survive_batches(any_engine: Engine) -> None:
    """What one beacon said is there when the next one comes, once, as of the first time; input too."""
    (first,) = join((), [seen(k=token(), h=1)])
    with writing(any_engine) as connection:
        save(connection, [first], {}, SECRET)
    with writing(any_engine) as connection:
        before = open_visits(connection, {(SiteId("example.com"), VisitorId("visitor"))}, (NOON, NOON))
        assert before[0].clues == (IdentityClue(kind="signed_link", value="C-1", at=NOON),)
        assert before[0].views[0].touched
        (grown,) = join(before, [seen(k=token(), f="a.example", seconds=9, n="account:C-2")])
        save(connection, [grown], {}, SECRET, before=before)
    with reading(any_engine) as connection:
        (after,) = open_visits(connection, {(SiteId("example.com"), VisitorId("visitor"))}, (NOON, NOON))
        counts = clue_store.read_counts(connection, NOON.date())
    assert [(each.kind, each.value) for each in after.clues] == [("signed_link", "C-1"), ("form_domain", "a.example")]
    assert after.views[0].refused == ("identify_unsigned",)
    assert after == grown
    assert counts == {"signed_link": 1, "form_domain": 1, "identify_unsigned": 1}


def test_what_is_said_again_is_counted_once(any_engine: Engine) -> None:
    """Every beacon of a page view repeats it, and every batch may run twice."""
    (visit,) = join((), [seen(k=token(-1))])
    with writing(any_engine) as connection:
        for before in ([], [visit], [visit]):
            again = join(before, [seen(k=token(-1), seconds=len(before) + 1)])
            save(connection, again, {}, SECRET, before=before)
    with reading(any_engine) as connection:
        assert clue_store.read_counts(connection, NOON.date()) == {"link_expired": 1}


def test_a_counted_hit_keeps_no_clue(engine: Engine) -> None:
    """Not even one that was put into the row by mistake."""
    view = seen(k=token(), h=1, g=1)
    with writing(engine) as connection:
        count(connection, save_dropped(connection, [view]))
        rows = connection.exec_driver_sql("select clues, touched from page_views").all()
    assert [tuple(row) for row in rows] == [(None, 0)]
