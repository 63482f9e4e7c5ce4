"""A quote link is mailed: programs open it, then a person; only the person's visit names the customer."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from edge import CHROME, ask, environ
from line_world import FREIGHT, HOSTER_IP, ISP_IP, SECRET, SITE, fill, line
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import Engine, select

from app.intake import Intake
from core import clock
from core.database import reading
from enrichment.tables import judgements
from tracker.buffer.protocol import Batch as Records
from tracker.collector import Collector, Parts, make_collector
from tracker.identity import link_token
from tracker.snippet.minify import MINIFIED
from tracker.tables import page_views

HTML = """<!doctype html><html><head><title>Your quote</title>
<script async src="/dm.js" data-site="shop.example.com"></script></head><body>BODY</body></html>"""
STEALTH = "Object.defineProperty(navigator, 'webdriver', {value: false})"
QUICK = (
    "(() => {const real = performance.now.bind(performance), from = real();"
    " performance.now = () => from + (real() - from) * 20})()"
)


class World:
    """A website with its collector, in front of the line."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.records: list[bytes] = []
        self.waited_for = 0
        self.visitor_ip = ISP_IP
        self.asked: list[str] = []
        self.collector: Collector = make_collector(
            Parts(
                append=self.records.append,
                sites=lambda: frozenset({str(SITE)}),
                trusted_proxies=(),
                clock=clock.now,
                demo_visitor=lambda _token: None,
                demo_site="",
                ready=list,
                secret=SECRET,
            )
        )
        self.line = line(engine, folder, clock.now)
        self.intake = Intake(engine, clock.now)
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                world.asked.append(self.path)
                is_script = self.path == "/dm.js"
                body = MINIFIED.read_bytes() if is_script else HTML.replace("BODY", "<p>hello</p>" * 200).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
                answer = ask(world.collector, environ("POST", "/b", body, headers, world.visitor_ip))
                self.send_response(answer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        token = link_token(SECRET, FREIGHT, clock.now() + timedelta(days=9))
        self.link = f"http://127.0.0.1:{self.server.server_port}/quote?hi={token}"
        self.token = token

    def wait_for_more(self) -> None:
        """Wait until hits came in since the last time, then for those on their way: a page that closes sends one."""
        deadline = time.monotonic() + 10
        while len(self.records) <= self.waited_for and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        assert len(self.records) > self.waited_for, "nothing came in"
        self.waited_for = len(self.records)

    def judged(self) -> list[tuple[str | None, str | None]]:
        """Work off what came in; (account, drop) of each visit."""
        self.line.run(self.intake.batch(Records(records=tuple(self.records), offsets={}, damaged=0)))
        with reading(self.engine) as connection:
            rows = connection.execute(select(judgements.c.account, judgements.c.drop).order_by(judgements.c.at))
            return [(row.account, row.drop) for row in rows]


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    fill(engine)
    made = World(engine, tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def chrome(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that doesn't say that a program drives it, in which time runs 20 times as fast."""
    context = browser.new_context(user_agent=CHROME)
    context.add_init_script(STEALTH)
    context.add_init_script(QUICK)
    yield context
    context.close()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_program_that_fetches_the_link_leaves_nothing(world: World, method: str) -> None:
    """No script runs, so nothing is said of anybody."""
    urllib.request.urlopen(urllib.request.Request(world.link, method=method), timeout=5).read()
    assert urlsplit(world.asked[0]).path == "/quote"
    assert world.judged() == []


@pytest.mark.slow
def test_a_scanner_in_a_real_browser_names_nobody(world: World, chrome: BrowserContext) -> None:
    """It opens the page, looks for a few seconds, scrolls by script, and closes it; also from a data centre."""
    for ip, wait in ((ISP_IP, 0), (HOSTER_IP, 300)):
        world.visitor_ip = ip
        page = chrome.new_page()
        page.goto(world.link)
        page.evaluate("() => window.scrollTo(0, 900)")
        page.wait_for_timeout(200 + wait)
        page.close(run_before_unload=True)
        world.wait_for_more()
    assert sorted(world.judged(), key=str) == [(None, "network_hosting"), (None, "network_isp")]
    with reading(world.engine) as connection:
        of_isp = select(judgements.c.why).where(judgements.c.drop == "network_isp")
        reasons = connection.execute(of_isp).scalar_one()
    assert reasons["drop"][0]["text"] == "A signed link was opened, but nothing a person would do has been seen yet"


@pytest.mark.slow
def test_a_scanner_that_says_so_is_a_bot(world: World, browser: Browser) -> None:
    """An automated browser is dropped however long it stays."""
    page = browser.new_page(user_agent=CHROME)
    page.add_init_script(QUICK)
    page.goto(world.link)
    page.mouse.move(40, 40)
    page.wait_for_timeout(600)
    page.close(run_before_unload=True)
    world.wait_for_more()
    assert {drop for _, drop in world.judged()} == {"bot_automation"}


@pytest.mark.slow
def test_a_page_loaded_ahead_names_nobody(world: World, chrome: BrowserContext) -> None:
    """Nothing is told before somebody looks at it."""
    chrome.add_init_script("Object.defineProperty(document, 'prerendering', {value: true})")
    page = chrome.new_page()
    page.goto(world.link)
    page.wait_for_timeout(300)
    page.close(run_before_unload=True)
    assert world.judged() == []


@pytest.mark.slow
def test_a_person_at_home_is_known_and_the_token_is_nowhere(world: World, chrome: BrowserContext) -> None:
    """After a scanner was there: a look of a few seconds and a hand on the mouse."""
    scanner = chrome.new_page()
    scanner.goto(world.link)
    scanner.wait_for_timeout(100)
    scanner.close(run_before_unload=True)
    world.wait_for_more()
    assert [account for account, _ in world.judged()] == [None]
    page = chrome.new_page()
    page.goto(world.link)
    page.wait_for_timeout(100)
    page.mouse.move(60, 60)
    page.mouse.move(90, 120)
    page.wait_for_timeout(1300)
    assert page.url.endswith("/quote")
    page.close(run_before_unload=True)
    world.wait_for_more()
    assert FREIGHT in [account for account, _ in world.judged()]
    with reading(world.engine) as connection:
        rows = connection.execute(select(page_views)).all()
    assert rows and world.token not in repr(rows)
    assert world.token.encode() not in b"".join(world.records)
