"""The HTTP edge: what is kept, what is ignored and why, and that nothing makes it fall."""

from __future__ import annotations

import gzip
import io
import json
from ipaddress import ip_network

import pytest
from edge import CHROME, NOON, PAGE_VIEW, Edge, ask, environ
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BufferUnavailableError
from tracker.hits import Hit, Tally


def test_a_page_view_is_kept_before_it_is_acknowledged() -> None:
    """204, and the buffer holds all that was sent, with our time, the address and the agent."""
    edge = Edge()
    answer = edge.beacon(
        {"t": "Pricing", "r": "https://example.org/", "e": 1200, "u": "https://example.com/p?x=1&utm_id=2"}
    )
    assert (answer.status, answer.body, answer.headers.get("Dormouse-Ignored")) == (204, b"", None)
    assert edge.kept == [
        Hit(
            id=PAGE_VIEW["i"],
            site="example.com",
            received_at=NOON,
            url="https://example.com/p?utm_id=2",
            title="Pricing",
            referrer="https://example.org/",
            user_agent=CHROME,
            ip="192.0.2.10",
            engaged_ms=1200,
        )
    ]


def test_any_website_may_send_and_nothing_is_cached() -> None:
    """CORS for every origin without credentials, for the answer and the preflight."""
    edge = Edge()
    for answer in (edge.beacon({}), ask(edge.collector, environ("OPTIONS", "/b"))):
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert edge.beacon({}).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("fields", "headers", "reason"),
    [
        ({}, {"User-Agent": "curl/8.0"}, "bot_declared"),
        ({}, {"User-Agent": ""}, "bot_no_agent"),
        ({"w": 1}, {}, "bot_automation"),
        ({}, {"Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ({}, {"Sec-GPC": "1"}, "privacy_signal"),
        ({"g": 1}, {}, "privacy_signal"),
    ],
)
def test_an_ignored_hit_says_why_and_is_still_kept(
    fields: dict[str, object], headers: dict[str, str], reason: str
) -> None:
    """Nothing vanishes: the header names the reason, and the buffer holds the hit with it."""
    edge = Edge()
    answer = edge.beacon(fields, headers)
    assert (answer.status, answer.headers["Dormouse-Ignored"]) == (204, reason)
    assert [hit.drop for hit in edge.hits] == [reason]


def test_a_privacy_signal_leaves_only_the_count() -> None:
    """Neither address nor agent nor referrer reaches the buffer."""
    edge = Edge()
    edge.beacon(
        {"t": "Title", "r": "https://example.org/", "e": 5, "u": "https://example.com/p?utm_id=2"}, {"Sec-GPC": "1"}
    )
    assert edge.kept == [Hit(id=PAGE_VIEW["i"], site="example.com", received_at=NOON, url="/p", drop="privacy_signal")]


def test_the_address_comes_through_trusted_proxies_only() -> None:
    """The same header counts from a proxy of ours and doesn't from a stranger."""
    edge = Edge(trusted_proxies=(ip_network("10.0.0.0/8"),))
    edge.beacon({}, {"X-Forwarded-For": "198.51.100.4"}, peer="10.0.0.1")
    edge.beacon({}, {"X-Forwarded-For": "198.51.100.4"}, peer="192.0.2.10")
    assert [hit.ip for hit in edge.hits] == ["198.51.100.4", "192.0.2.10"]


# -- refused


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{}", 400), (b"\xff", 400), (b"[1]", 400), (b"x" * 20_000, 413)]
)
def test_what_can_never_be_accepted_is_told_so(body: bytes, status: int) -> None:
    """A 4xx with a text; not kept, but counted."""
    edge = Edge()
    answer = edge.beacon(body)
    assert (answer.status, answer.headers["Dormouse-Ignored"]) == (status, "malformed")
    assert len(answer.body) > 10
    edge.collector.flush_tally()
    assert edge.kept == [Tally(received_at=NOON, counts={"": {"malformed": 1}})]


def test_an_unknown_site_is_ignored_and_counted_by_name() -> None:
    """A mistyped data-site shows up, as one record for many hits."""
    edge = Edge()
    for _ in range(3):
        answer = edge.beacon({"s": "exmaple.com"})
        assert (answer.status, answer.headers["Dormouse-Ignored"]) == (204, "unknown_site")
    assert edge.kept == []
    edge.collector.flush_tally()
    edge.collector.flush_tally()
    assert edge.kept == [Tally(received_at=NOON, counts={"exmaple.com": {"unknown_site": 3}})]


def test_a_flood_of_made_up_sites_stays_small() -> None:
    """At most a hundred names are counted one by one, the rest together."""
    edge = Edge()
    for number in range(300):
        edge.beacon({"s": f"site-{number}.example"})
    edge.collector.flush_tally()
    counts = edge.tallies[0].counts
    assert (len(counts), counts[""], counts["site-0.example"]) == (101, {"unknown_site": 200}, {"unknown_site": 1})


def test_counts_survive_a_buffer_that_fails() -> None:
    """They wait for the next flush."""
    edge = Edge()
    edge.beacon(b"junk")
    edge.broken = BufferUnavailableError("the disk is full")
    edge.collector.flush_tally()
    edge.broken = None
    edge.beacon(b"junk")
    edge.collector.flush_tally()
    assert [tally.counts for tally in edge.tallies] == [{"": {"malformed": 2}}]


def test_a_hit_that_cannot_be_kept_is_not_acknowledged() -> None:
    """503 with Retry-After, readable by the snippet; the same once it works again."""
    edge = Edge()
    edge.broken = BufferUnavailableError("hits can't be written: No space left on device")
    answer = edge.beacon({})
    assert (answer.status, answer.headers["Retry-After"], edge.kept) == (503, "2", [])
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert b"No space left" in answer.body
    edge.broken = None
    assert edge.beacon({}).status == 204


def test_an_unforeseen_error_asks_to_try_again() -> None:
    """A bug or a lost database is no reason to lose the hit or the process."""
    edge = Edge()
    edge.broken = RuntimeError("boom")
    assert edge.beacon({}).status == 503


# -- the demo


def test_the_demo_may_visit_as_somebody() -> None:
    """A valid token on the demo site replaces address and agent, also in a browser driven by a test."""
    edge = Edge()
    answer = edge.beacon({"s": "demo.example", "d": "good", "w": 1})
    assert (answer.status, "Dormouse-Ignored" in answer.headers) == (204, False)
    assert [(hit.ip, hit.user_agent) for hit in edge.hits] == [("203.0.113.7", CHROME)]


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"s": "example.com", "d": "good"}, {}),
        ({"s": "demo.example", "d": "forged"}, {}),
        ({"s": "demo.example", "d": "good"}, {"X-Forwarded-For": "198.51.100.4"}),
        ({"s": "demo.example", "d": "good"}, {"Forwarded": "for=198.51.100.4"}),
        ({"s": "demo.example", "d": "good"}, {"Via": "1.1 proxy"}),
    ],
)
def test_a_demo_visit_is_refused_where_it_could_deceive(fields: dict[str, object], headers: dict[str, str]) -> None:
    """On a real site, with a false token, or through a proxy."""
    edge = Edge()
    assert edge.beacon(fields, headers).status == 403
    assert edge.kept == []


# -- the other doors


def test_the_snippet_is_served_for_every_site() -> None:
    """Small, cacheable for an hour, and not sent again while it hasn't changed."""
    edge = Edge()
    answer = edge.get("/dm.js")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert 500 < len(gzip.compress(answer.body)) <= 2000
    again = edge.get("/dm.js", {"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert ask(edge.collector, environ("HEAD", "/dm.js")).body == b""


def test_health_and_readiness() -> None:
    """Healthy while it answers; ready unless something is wrong, which only this machine is told."""
    edge = Edge()
    assert edge.get("/healthz").status == 200
    assert edge.get("/readyz").status == 200
    edge.problems = ["database: can't be opened"]
    local, remote = edge.get("/readyz", peer="127.0.0.1"), edge.get("/readyz")
    assert (local.status, local.body) == (503, b"database: can't be opened\n")
    assert (remote.status, remote.body) == (503, b"not ready\n")


def test_metrics_are_for_this_machine_only() -> None:
    """Not for strangers, nor for those who come through a proxy on this machine."""
    edge = Edge()
    edge.beacon({})
    edge.beacon({"s": "other.example"})
    edge.beacon(b"junk")
    body = edge.get("/metrics", peer="127.0.0.1").body.decode()
    for line in ('{outcome="kept"} 1', '{outcome="unknown_site"} 1', '{outcome="400"} 1', "up 1"):
        assert line in body
    assert edge.get("/metrics").status == 404
    assert edge.get("/metrics", {"X-Forwarded-For": "127.0.0.1"}, peer="127.0.0.1").status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/b", 405),
        ("DELETE", "/b", 405),
        ("POST", "/dm.js", 405),
        ("POST", "/healthz", 405),
        ("GET", "/../etc/passwd", 404),
    ],
)
def test_other_doors_are_closed(method: str, path: str, status: int) -> None:
    """404 where nothing is, 405 where something is."""
    assert ask(Edge().collector, environ(method, path)).status == status


@given(
    body=st.binary(max_size=400)
    | st.dictionaries(
        st.sampled_from("isutrewgd"),
        st.none() | st.integers() | st.floats() | st.text(max_size=60) | st.lists(st.none()),
    ).map(lambda fields: json.dumps({**PAGE_VIEW, **fields}).encode()),
    header=st.sampled_from(
        ["User-Agent", "X-Forwarded-For", "Forwarded", "Sec-GPC", "Sec-Purpose", "Content-Type", "If-None-Match"]
    ),
    value=st.text(st.characters(max_codepoint=255), max_size=200),
    length=st.none() | st.integers(-5, 30_000).map(str) | st.text(max_size=5),
    method=st.sampled_from(["POST", "GET", "OPTIONS", "HEAD", "", "\0"]),
    path=st.sampled_from(["/b", "/dm.js", "/readyz", "/metrics", "/healthz"]) | st.text(max_size=20),
)
def test_no_request_makes_it_fall(
    body: bytes, header: str, value: str, length: str | None, method: str, path: str
) -> None:
    """Any body, header, length, method and path: an answer below 500, and whatever is kept can be read."""
    edge = Edge(trusted_proxies=(ip_network("192.0.2.0/24"),))
    request = environ(method, path, body, {header: value})
    if length is not None:
        request["CONTENT_LENGTH"] = length
    answer = ask(edge.collector, request)
    assert answer.status < 500
    edge.collector.flush_tally()
    assert len(edge.kept) <= 1


def test_a_body_without_a_length_is_read_to_its_limit() -> None:
    """Chunked bodies are fine while they are short."""
    edge = Edge()
    request = environ("POST", "/b", json.dumps(PAGE_VIEW).encode())
    request["CONTENT_LENGTH"] = ""
    assert ask(edge.collector, request).status == 204
    request = environ("POST", "/b")
    request.update({"CONTENT_LENGTH": "", "wsgi.input": io.BytesIO(b" " * 100_000)})
    assert ask(edge.collector, request).status == 413
