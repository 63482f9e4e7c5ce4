"""What the snippet sends becomes a page view."""

from __future__ import annotations

import json

import pytest
from edge import NOON, PAGE_VIEW
from hypothesis import given
from hypothesis import strategies as st

from core.domain import DropReason, VisitorId
from tracker.consent import counted_only
from tracker.hits import Hit, encode
from tracker.sources.beacon import LONGEST_ENGAGED_MS, BeaconError, parse, to_page_view


def body(**fields: object) -> bytes:
    return json.dumps({**PAGE_VIEW, **fields}).encode()


def hit(**fields: object) -> Hit:
    given: dict[str, object] = {"id": "12345678", "site": "example.com", "received_at": NOON, "url": "/", **fields}
    return Hit(**given)  # type: ignore[arg-type]


def test_a_beacon_is_read() -> None:
    """All fields arrive, and fields of later snippets are ignored."""
    beacon = parse(body(t="Pricing", r="https://example.org/a?b#c", e=1234.6, w=1, g=1, d="token", later={"x": [1]}))
    assert (beacon.s, beacon.u, beacon.t, beacon.r) == (
        "example.com",
        "https://example.com/pricing",
        "Pricing",
        "https://example.org/a",
    )
    assert (beacon.e, beacon.w, beacon.g, beacon.d) == (1234, 1, 1, "token")


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://example.com/a?secret=1&utm_source=mail&x=2&utm_medium=b#frag", "https://example.com/a?utm_source=mail&utm_medium=b"),
        ("https://user:word@example.com:8443/a", "https://example.com:8443/a"),
        ("https://example.com", "https://example.com/"),
        ("https://[2001:db8::1]:80/x", "https://[2001:db8::1]:80/x"),
        ("https://[bad/x", "/"),
        ("https://example.com:99999/x", "/"),
        ("/just/a/path?q=1", "/just/a/path"),
        ("https://example.com/日本語", "https://example.com/日本語"),
        ("https://example.com/a\u0000b\nc", "https://example.com/a b c"),
    ],
)  # fmt: skip
def test_an_address_keeps_its_path_and_campaign_only(url: str, clean: str) -> None:
    """Query strings carry names, mails and tokens; none but utm_* gets in."""
    assert parse(body(u=url)).u == clean


def test_long_texts_are_cut() -> None:
    """Nobody can fill the database with one title."""
    beacon = parse(body(t="x" * 5000, u="https://example.com/" + "p" * 9000))
    view = to_page_view(hit(url=beacon.u, title=beacon.t, user_agent="a" * 900), VisitorId("v"))
    assert (len(view.title), len(view.path), len(view.user_agent)) == (200, 500, 400)


@pytest.mark.parametrize(
    ("engaged", "kept"), [(-5, 0), (0, 0), (59_999, 59_999), (1e300, LONGEST_ENGAGED_MS), (0.4, 0)]
)
def test_engaged_time_is_a_sane_figure(engaged: float, kept: int) -> None:
    """A forged figure can't overflow a column."""
    assert parse(body(e=engaged)).e == kept


REFUSED = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"\xff\xfe",
    b'{"i":"12345678","s":"example.com"}',
    body(i="short"),
    body(i="x" * 65),
    body(i="<script>!"),
    body(s=""),
    body(s="exa mple"),
    body(s="x" * 254),
    body(u=""),
    body(u=7),
    body(e="10"),
    body(d="x" * 2001),
    b'{"i":"12345678","s":"example.com","u":"/","t":"\\ud800"}',
    b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
    body(t="x" * 17_000),
]


@pytest.mark.parametrize("junk", REFUSED, ids=range(len(REFUSED)))
def test_junk_is_refused_with_a_reason(junk: bytes) -> None:
    """What can never be accepted raises one error, a ValueError, whose text says why."""
    with pytest.raises(BeaconError) as caught:
        parse(junk)
    assert isinstance(caught.value, ValueError)
    assert len(str(caught.value)) > 10


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: body(u=text, t=text, r=text, s=text)))
def test_any_body_is_read_or_refused(junk: bytes) -> None:
    """No body raises anything else, and what is read can be kept and becomes a page view."""
    try:
        beacon = parse(junk)
    except BeaconError:
        return
    kept = hit(id=beacon.i, site=beacon.s, url=beacon.u, title=beacon.t, referrer=beacon.r)
    assert encode(kept)
    assert to_page_view(kept, VisitorId("v")).path.startswith("/") or not beacon.u.startswith(("/", "http"))


def test_beacons_of_one_page_view_have_one_id() -> None:
    """A later beacon only adds time; the same snippet id on another site is another page view."""
    first = to_page_view(hit(url="https://example.com/a?utm_source=x"), VisitorId("v"))
    later = to_page_view(hit(url="https://example.com/a", engaged_ms=9000), VisitorId("v"))
    other = to_page_view(hit(site="other.example"), VisitorId("v"))
    assert (first.id, first.path, first.at, first.source) == (later.id, "/a", NOON, "beacon")
    assert later.engaged_ms == 9000
    assert other.id != first.id


def test_a_drop_reason_comes_along() -> None:
    """A hit dropped at the edge stays dropped; a reason that only a newer version knows is not lost either."""
    assert to_page_view(hit(drop="prefetch"), VisitorId("v")).drop is DropReason.PREFETCH
    assert to_page_view(hit(drop="of_tomorrow"), VisitorId("v")).drop is DropReason.MALFORMED
    assert to_page_view(hit(), VisitorId("v")).drop is None


def test_a_counted_hit_points_to_nobody() -> None:
    """With a privacy signal the path and the site are all that stays."""
    full = hit(
        url="https://example.com/a?utm_source=anna",
        title="Anna's page",
        referrer="https://example.org/x",
        user_agent="Agent",
        ip="192.0.2.1",
        engaged_ms=5000,
    )
    assert counted_only(full) == hit(url="/a", drop="privacy_signal")
