"""The script in websites: small, honest, and it never breaks the page it lives in."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Page

from tracker.snippet.minify import MINIFIED, SOURCE, minified
from tracker.sources.beacon import Beacon, parse

HTML = """<!doctype html><html><head><title>{title}</title>{before}
<script async src="{script}" data-site="example.com" {attributes}></script></head>
<body><h1>{title}</h1><a href="/next">next</a></body></html>"""


class Site(BaseHTTPRequestHandler):
    """A website and its collector on one port; each test has its own class."""

    beacons: ClassVar[list[Beacon]]
    status: ClassVar[list[int]]
    """Answers to the next beacons; then 204."""
    before: ClassVar[str]
    attributes: ClassVar[str]
    script: ClassVar[str]
    requested: ClassVar[list[str]]

    def do_GET(self) -> None:
        self.requested.append(self.path)
        if self.path.startswith("/dm.js"):
            path = MINIFIED if self.script.endswith("min") else SOURCE
            self.answer(200, path.read_bytes(), "text/javascript")
        else:
            title = self.path.split("?")[0].strip("/") or "home"
            page = HTML.format(title=title, before=self.before, script=self.script, attributes=self.attributes)
            self.answer(200, page.encode(), "text/html")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.status.pop(0) if self.status else 204
        assert self.headers["Content-Type"].startswith("text/plain"), "anything else costs a preflight"
        assert "Cookie" not in self.headers
        self.beacons.append(parse(body))
        self.requested.append(f"POST {self.path} {status}")
        self.answer(status, b"", "text/plain")

    def answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Access-Control-Allow-Origin", "*")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


class Story:
    """One website, one page, and what went wrong on it."""

    def __init__(self, page: Page, kind: type[Site], address: str) -> None:
        self.page = page
        self.site = kind
        self.address = address
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str = "/") -> None:
        self.page.goto(self.address + path)

    def wait_for(self, condition: Callable[[list[Beacon]], bool]) -> list[Beacon]:
        """Wait up to five seconds until the beacons are as expected."""
        for _ in range(100):
            if condition(self.site.beacons):
                break
            self.page.wait_for_timeout(50)
        return list(self.site.beacons)

    def paths(self) -> list[str]:
        """The pages viewed, each page view once, in order."""
        first: dict[str, str] = {}
        for beacon in self.site.beacons:
            first.setdefault(beacon.i, beacon.u.removeprefix(self.address))
        return list(first.values())


@pytest.fixture(params=["source", "min"])
def story(request: pytest.FixtureRequest, page: Page) -> Iterator[Story]:
    """A website with the script as it is read, and as it is served."""
    kind = type(
        "OneSite",
        (Site,),
        {
            "beacons": [],
            "status": [],
            "before": "",
            "attributes": "",
            "requested": [],
            "script": f"/dm.js?{request.param}",
        },
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Story(page, kind, f"http://127.0.0.1:{server.server_port}")
    page.close()
    server.shutdown()
    server.server_close()


FAST = (
    "<script>(() => {const real = performance.now.bind(performance); performance.now = () => real() * 100})()</script>"
)


def hide(page: Page) -> None:
    """Hide the page as a switch to another tab does."""
    page.evaluate(
        """() => { Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});
                   document.dispatchEvent(new Event('visibilitychange')) }"""
    )


def show(page: Page) -> None:
    page.evaluate(
        """() => { Object.defineProperty(document, 'visibilityState', {value: 'visible', configurable: true});
                   document.dispatchEvent(new Event('visibilitychange')) }"""
    )


# -- without a browser


def test_it_is_small() -> None:
    """At most 2,000 bytes as sent; it was 1,275 before it knew links, identify and forms."""
    assert len(gzip.compress(MINIFIED.read_bytes(), mtime=0)) <= 1800


def test_the_served_script_is_made_of_the_one_to_be_read() -> None:
    """After a change, run `python -m tracker.snippet.minify`."""
    assert MINIFIED.read_text(encoding="utf-8") == minified(SOURCE.read_text(encoding="utf-8"))


def test_it_stores_nothing_and_loads_nothing() -> None:
    """No cookie, no storage, no eval, no other script, no unload."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", SOURCE.read_text(encoding="utf-8"), flags=re.DOTALL)
    for word in (
        "cookie",
        "Storage",
        "indexedDB",
        "eval",
        "Function(",
        "createElement",
        "innerHTML",
        "import",
        '"unload',
    ):
        assert word not in code


# -- in a browser


@pytest.mark.slow
def test_a_page_view_is_told_once(story: Story) -> None:
    """Site, address with campaign only, title, referrer without query; a driven browser says so."""
    story.open("/start?utm_source=mail&token=secret#part")
    beacons = story.wait_for(lambda beacons: len(beacons) >= 1)
    story.page.wait_for_timeout(300)
    assert len(story.site.beacons) == 1
    beacon = beacons[0]
    assert beacon.u == f"{story.address}/start?utm_source=mail"
    assert (beacon.s, beacon.t, beacon.r, beacon.w, beacon.g, beacon.d) == ("example.com", "start", "", 1, 0, "")
    story.page.click("a")
    beacons = story.wait_for(lambda beacons: any(beacon.t == "next" for beacon in beacons))
    assert beacons[-1].r == f"{story.address}/start"
    assert story.errors == []
    assert [
        path for path in story.site.requested if not path.startswith(("/start", "/next", "/dm.js", "POST /b ", "/fav"))
    ] == []


@pytest.mark.slow
def test_single_page_navigation_is_told_exactly(story: Story) -> None:
    """Each new address once: not for another query, hash or the same address again; back counts."""
    story.open("/a")
    story.wait_for(lambda beacons: len(beacons) == 1)
    story.page.evaluate(
        """async () => {
          const wait = () => new Promise(done => setTimeout(done, 120));
          const go = (url, title) => { history.pushState({}, '', url); document.title = title };
          go('/b', 'B'); await wait();
          go('/b?page=2', 'B'); await wait();
          go('/b#part', 'B'); await wait();
          history.replaceState({}, '', '/b'); await wait();
          go('/c', 'C'); go('/d', 'D'); await wait();
          history.replaceState({}, '', '/e'); document.title = 'E'; await wait();
          history.back(); await wait();
        }"""
    )
    story.wait_for(lambda beacons: len({beacon.i for beacon in beacons}) == 6)
    assert story.paths() == ["/a", "/b", "/c", "/d", "/e", "/c"]
    assert story.errors == []
    referrers = {beacon.u: beacon.r.removeprefix(story.address) for beacon in story.site.beacons}
    assert (referrers[f"{story.address}/b"], referrers[f"{story.address}/e"]) == ("/a", "/d")
    assert {beacon.t for beacon in story.site.beacons if beacon.u.endswith("/b")} == {"B"}


@pytest.mark.slow
def test_engaged_time_is_sent_when_the_page_is_hidden(story: Story) -> None:
    """Visible time counts, hidden time doesn't, and every beacon repeats the whole page view."""
    story.site.before = FAST.replace("100", "5")
    story.open("/read")
    story.wait_for(lambda beacons: len(beacons) == 1)
    story.page.wait_for_timeout(1000)
    hide(story.page)
    first = story.wait_for(lambda beacons: len(beacons) == 2)[-1]
    assert 4500 <= first.e <= 15_000
    story.page.wait_for_timeout(1000)
    show(story.page)
    story.page.wait_for_timeout(200)
    hide(story.page)
    second = story.wait_for(lambda beacons: len(beacons) == 3)[-1]
    assert 900 <= second.e - first.e < 5000
    assert {(beacon.i, beacon.u, beacon.t) for beacon in story.site.beacons} == {(first.i, first.u, "read")}
    assert story.errors == []


@pytest.mark.slow
def test_engaged_time_is_sent_at_steps_and_ends_with_activity(story: Story) -> None:
    """At 10 and 30 s; 35 s after the last sign of life it stands still; a touch starts it again."""
    story.site.before = FAST.replace("100", "12")
    story.open("/long")
    story.wait_for(lambda beacons: len(beacons) == 3)
    story.page.wait_for_timeout(1500)
    times = [beacon.e for beacon in story.site.beacons]
    assert times == sorted(times) and len(times) == 3
    assert times[0] < 10_000 <= times[1] < 30_000 <= times[2] <= 35_000
    story.page.mouse.move(50, 60)
    story.wait_for(lambda beacons: len(beacons) == 4)
    assert [60_000 <= beacon.e <= 70_000 for beacon in story.site.beacons][3:] == [True]
    assert len({beacon.i for beacon in story.site.beacons}) == 1


@pytest.mark.slow
def test_leaving_tells_the_time(story: Story) -> None:
    """A click on a link sends what was read until then, with the first page's id."""
    story.site.before = FAST.replace("100", "5")
    story.open("/one")
    first = story.wait_for(lambda beacons: len(beacons) == 1)[0]
    story.page.wait_for_timeout(500)
    story.page.click("a")
    beacons = story.wait_for(lambda beacons: sum(beacon.i == first.i for beacon in beacons) == 2)
    assert max(beacon.e for beacon in beacons if beacon.i == first.i) >= 2000
    assert [beacon.u for beacon in beacons if beacon.i == first.i] == [f"{story.address}/one"] * 2


@pytest.mark.slow
def test_a_privacy_signal_is_honoured(story: Story) -> None:
    """One count per page view: path only, no title, referrer, time or agent's confession."""
    story.page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    bodies: list[dict[str, Any]] = []
    story.page.on(
        "request", lambda request: request.method == "POST" and bodies.append(json.loads(request.post_data or ""))
    )
    story.site.before = FAST
    story.open("/quiet?utm_source=mail")
    story.wait_for(lambda beacons: len(beacons) >= 1)
    story.page.wait_for_timeout(1200)
    hide(story.page)
    story.page.wait_for_timeout(200)
    assert [{**body, "i": "…"} for body in bodies] == [
        {"i": "…", "s": "example.com", "u": f"{story.address}/quiet", "g": 1}
    ]


@pytest.mark.slow
def test_a_refused_beacon_is_sent_once_more(story: Story) -> None:
    """After a 503, a few seconds later, with the same id; after a second 503 no more."""
    story.site.status.extend([503, 503])
    story.open("/busy")
    story.page.wait_for_timeout(5500)
    assert story.site.requested.count("POST /b 503") == 2
    assert len({beacon.i for beacon in story.site.beacons}) == 1
    assert story.errors == []


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["down", "500", "no such address", "no crypto", "no fetch", "frozen history"])
def test_the_page_never_breaks(story: Story, trouble: str) -> None:
    """Whatever is wrong with the collector or the browser: no error, and the page works on."""
    if trouble == "500":
        story.site.status.extend([500] * 9)
    elif trouble == "down":
        story.site.attributes = 'data-api="http://127.0.0.1:1/b"'
    elif trouble == "no such address":
        story.site.attributes = 'data-api="http://[nonsense/b"'
    elif trouble == "no crypto":
        story.site.before = "<script>crypto.getRandomValues = () => { throw Error('no') }</script>"
    elif trouble == "no fetch":
        story.site.before = "<script>delete window.fetch; window.fetch = undefined</script>"
    elif trouble == "frozen history":
        story.site.before = "<script>Object.freeze(history)</script>"
    story.open("/x")
    story.page.wait_for_timeout(200)
    story.page.evaluate("() => { history.pushState({}, '', '/y'); window.dispatchEvent(new Event('scroll')) }")
    hide(story.page)
    story.page.wait_for_timeout(200)
    assert story.errors == []
    assert story.page.url.endswith("/y")
    if trouble == "no fetch":
        story.wait_for(lambda beacons: len({beacon.i for beacon in beacons}) == 2)
        assert sorted(story.paths()) == ["/x", "/y"]


@pytest.mark.slow
def test_embedded_twice_counts_once_and_leaves_one_global(story: Story) -> None:
    """Tag managers do that."""
    script = f'<script async src="{story.site.script}" data-site="example.com"></script>'
    story.site.before = f"<script>window.before = Object.keys(window)</script>{script}"
    story.open("/twice")
    story.wait_for(lambda beacons: len(beacons) >= 1)
    story.page.wait_for_timeout(300)
    assert len(story.site.beacons) == 1
    added = story.page.evaluate("() => Object.keys(window).filter(name => !window.before.includes(name))")
    assert added == ["before", "dormouse"] or added == ["dormouse"]
    assert story.page.evaluate("() => [document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


@pytest.mark.slow
def test_the_demo_token_travels_and_another_endpoint_counts(story: Story) -> None:
    """data-demo is sent as `d`; data-api replaces the address beside the script."""
    story.site.attributes = f'data-demo="signed-token" data-api="{story.address}/elsewhere/b"'
    story.open("/demo")
    beacons = story.wait_for(lambda beacons: len(beacons) == 1)
    assert beacons[0].d == "signed-token"
    assert "POST /elsewhere/b 204" in story.site.requested


@pytest.mark.slow
def test_a_page_taken_from_the_back_forward_cache_is_a_new_view(story: Story) -> None:
    """The same document comes back to life: another page view, another id, no referrer."""
    story.open("/kept")
    story.wait_for(lambda beacons: len(beacons) == 1)
    story.page.evaluate("() => window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    beacons = story.wait_for(lambda beacons: len({beacon.i for beacon in beacons}) == 2)
    assert story.paths() == ["/kept", "/kept"]
    assert beacons[-1].r == ""


@pytest.mark.slow
def test_a_page_rendered_in_advance_is_counted_when_it_is_shown(story: Story) -> None:
    """Nothing is sent until the visitor really opens it."""
    story.site.before = "<script>Object.defineProperty(document, 'prerendering', {value: true})</script>"
    story.open("/soon")
    story.page.wait_for_timeout(400)
    assert story.site.beacons == []
    story.page.evaluate("() => document.dispatchEvent(new Event('prerenderingchange'))")
    story.wait_for(lambda beacons: len(beacons) == 1)
    assert story.paths() == ["/soon"]


# -- who it is


def addressed(story: Story) -> str:
    """What stands in the address bar, without the host."""
    return str(story.page.evaluate("() => location.href")).removeprefix(story.address)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("opened", "left"),
    [
        ("/quote?hi=to.k-en_1", "/quote"),
        ("/quote?a=1&hi=to.k-en_1&b=2#part?hi=x", "/quote?a=1&b=2#part?hi=x"),
        ("/quote?hi=to.k-en_1&utm_source=mail#part", "/quote?utm_source=mail#part"),
    ],
)
def test_the_token_of_a_link_is_told_and_leaves_the_address_bar(story: Story, opened: str, left: str) -> None:
    """Told as `k`, in no address or referrer; hash, history state and other parameters stay; one page view."""
    story.site.before = "<script>history.replaceState({kept: 1}, '', location.href)</script>"
    story.open(opened)
    beacons = story.wait_for(lambda beacons: len(beacons) == 1)
    assert addressed(story) == left
    assert story.page.evaluate("() => [history.state.kept, history.length]") == [1, 2]
    story.page.wait_for_timeout(200)
    assert len({beacon.i for beacon in story.site.beacons}) == 1
    assert beacons[0].k == "to.k-en_1"
    assert "to.k-en_1" not in beacons[0].u + beacons[0].r
    story.page.click("a")
    beacons = story.wait_for(lambda beacons: any(beacon.t == "next" for beacon in beacons))
    assert (beacons[-1].k, beacons[-1].r) == ("", f"{story.address}/quote")
    assert story.errors == []


@pytest.mark.slow
def test_a_router_that_puts_the_token_back_is_outdone(story: Story) -> None:
    """A single-page site may remember the address that it was opened with."""
    story.open("/app?hi=token")
    story.wait_for(lambda beacons: len(beacons) == 1)
    story.page.evaluate("() => history.replaceState({}, '', '/app?hi=token&x=1')")
    assert addressed(story) == "/app?x=1"
    story.page.evaluate("() => history.pushState({}, '', '/app/more')")
    beacons = story.wait_for(lambda beacons: len({beacon.i for beacon in beacons}) == 2)
    assert story.paths() == ["/app", "/app/more"]
    assert {beacon.k for beacon in beacons} == {"token"}


@pytest.mark.slow
def test_a_link_may_have_another_parameter(story: Story) -> None:
    """`data-key` names it; "hi" is then the site's own again."""
    story.site.attributes = 'data-key="ref2"'
    story.open("/x?hi=there&ref2=token")
    assert story.wait_for(lambda beacons: len(beacons) == 1)[0].k == "token"
    assert addressed(story) == "/x?hi=there"


@pytest.mark.slow
def test_input_is_told_but_not_a_scripts(story: Story) -> None:
    """A person's pointer or key counts; events that a script makes don't, nor a script's scrolling."""
    story.site.before = FAST.replace("100", "5") + "<style>body {height: 9000px}</style>"
    story.open("/read?hi=token")
    story.wait_for(lambda beacons: len(beacons) == 1)
    story.page.evaluate(
        """() => { for (const name of ['mousemove', 'keydown', 'pointerdown', 'touchstart'])
                     window.dispatchEvent(new Event(name));
                   window.scrollTo(0, 500) }"""
    )
    beacons = story.wait_for(lambda beacons: len(beacons) == 2)
    assert [beacon.h for beacon in beacons] == [0, 0]
    assert 3000 <= beacons[1].e < 10_000  # where it's known who it is, the first step is early
    story.page.keyboard.press("ArrowDown")
    hide(story.page)
    assert story.wait_for(lambda beacons: len(beacons) >= 3)[-1].h == 1


@pytest.mark.slow
def test_identify_is_told_at_once_with_its_signature(story: Story) -> None:
    """Before the script is there, and after; of an e-mail address only the domain leaves the page."""
    story.site.before = """<script>
      window.dormouse = window.dormouse || function () { (dormouse.q = dormouse.q || []).push(arguments) };
      dormouse("identify", {account: 17, signature: "s1"})</script>"""
    story.open("/account")
    first = story.wait_for(lambda beacons: len(beacons) == 1)[0]
    assert (first.n, first.x) == ("account:17", "s1")
    story.page.evaluate("() => dormouse('identify', {email: ' Maria.Keller@Example.COM ', signature: 's2'})")
    last = story.wait_for(lambda beacons: len(beacons) == 2)[-1]
    assert (last.i, last.n, last.x) == (first.i, "domain:example.com", "s2")
    story.page.evaluate("() => { dormouse('identify'); dormouse('identify', {}); dormouse('else', 1); dormouse() }")
    assert story.errors == []


FORM = """<script>addEventListener("DOMContentLoaded", () => {
  document.body.innerHTML = `<form id="f" ATTRIBUTE action="/sent">
    <input name="who" value="Maria Keller"><input type="password" name="pw" value="pass@word.example">
    <input type="text" name="card" value="4111 1111 1111 1111"><input type="email" name="mail">
    <input type="text" name="work"><textarea name="text">write to me@secret.example</textarea>
    <button>go</button></form>`
})</script>"""


def send_form(story: Story, attribute: str, mail: str = "", work: str = "") -> list[dict[str, Any]]:
    """Send a form and return the beacons' bodies."""
    bodies: list[dict[str, Any]] = []
    story.page.on(
        "request", lambda request: request.method == "POST" and bodies.append(json.loads(request.post_data or ""))
    )
    story.site.before = FORM.replace("ATTRIBUTE", attribute)
    story.open("/contact")
    story.wait_for(lambda beacons: len(beacons) == 1)
    story.page.fill("[name=mail]", mail)
    story.page.fill("[name=work]", work)
    story.page.click("button")
    story.wait_for(lambda beacons: any(beacon.u.endswith("/sent") for beacon in beacons))
    assert story.errors == []
    return bodies


@pytest.mark.slow
def test_of_a_marked_form_only_the_mail_domain_leaves_the_page(story: Story) -> None:
    """No name, password, card, free text, and nothing before the @."""
    bodies = send_form(story, "data-dormouse-form", mail="maria.keller@Hartmann.example")
    assert [body["f"] for body in bodies if "f" in body][:1] == ["hartmann.example"]
    sent = json.dumps(bodies)
    for secret in ("maria", "Keller", "pass", "word.example", "4111", "secret.example", "@"):
        assert secret not in sent


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attribute", "work", "domain"),
    [
        ("", "a@b.example", None),
        ('data-dormouse-form="work"', "a@b.example", "b.example"),
        ('data-dormouse-form="work"', "write to a@b.example", None),
        ('data-dormouse-form="pw"', "", None),
        ('data-dormouse-form="text"', "", None),
    ],
    ids=["not marked", "another field", "free text", "a password", "a text area"],
)
def test_other_forms_and_fields_tell_nothing(story: Story, attribute: str, work: str, domain: str | None) -> None:
    """Only marked forms; only a field for one line of text or an address; only what is an address and nothing else."""
    bodies = send_form(story, attribute, work=work, mail="maria@gone.example" if not attribute else "")
    assert {body["f"] for body in bodies if body.get("f")} == ({domain} if domain else set())


@pytest.mark.slow
def test_with_a_privacy_signal_nothing_of_who_it_is_is_told(story: Story) -> None:
    """The token leaves the address bar all the same."""
    story.page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    bodies = send_form(story, "data-dormouse-form", mail="maria@hartmann.example")
    story.open("/quiet?hi=token")
    story.page.evaluate("() => dormouse('identify', {account: 'C-1', signature: 's'})")
    story.page.wait_for_timeout(300)
    assert addressed(story) == "/quiet"
    assert {key for body in bodies for key in body} == {"i", "s", "u", "g"}
