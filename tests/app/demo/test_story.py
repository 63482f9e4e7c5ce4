"""The first two minutes, as a newcomer lives them: one command, a real browser, the real snippet."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import page_faults
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.clock import monotonic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ALERT_SECONDS = 10.0
"""Three seconds of quick reading, the line, a look every 0.3 s; the rest is for a busy machine."""


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture(scope="module")
def login_link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`dormouse serve --demo` in a home of its own; gives the one-time login link that it prints."""
    home = tmp_path_factory.mktemp("home")
    port, collector_port = _free_ports()
    environment = {
        **os.environ,
        "DORMOUSE_HOME": str(home),
        "PORT": str(port),
        "COLLECTOR_PORT": str(collector_port),
        "PYTHONUNBUFFERED": "1",
    }
    log = Path(home / "log")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli.main", "serve", "--demo"],
            cwd=Path(__file__).parents[3],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        found = None
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/go/\S+", line):
                break
        assert found is not None, f"no login link; the log says: {log.read_text()[-2000:]}"
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def logged_in(browser: Browser, login_link: str) -> Iterator[Page]:
    """A browser that followed the login link: it leads to the demo."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    opened = context.new_page()
    opened.goto(login_link)
    yield opened
    context.close()


class Trouble:
    """Collects what the browser complains of: errors, refused loads, breaches of the content policy."""

    def __init__(self, page: Page) -> None:
        self.heard: list[str] = []
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        page.on("console", lambda said: self.heard.append(said.text) if said.type == "error" else None)


@pytest.fixture
def demo(logged_in: Page) -> Iterator[Page]:
    """The demo page, started over."""
    trouble = Trouble(logged_in)
    logged_in.goto(re.sub(r"(https?://[^/]+).*", r"\1/demo", logged_in.url))
    logged_in.get_by_role("button", name="Start over").first.click()
    expect(logged_in.locator("#toast")).to_contain_text("Started over")
    yield logged_in
    assert trouble.heard == []


def choose(demo: Page, key: str) -> None:
    """Click a card of "visit as …"."""
    demo.locator(f"[data-choice={key}]").click()


def message(demo: Page, title: str) -> Locator:
    """The message with this title in the Slack pane."""
    return demo.locator("#slack .dm", has=demo.get_by_role("heading", name=title))


def newest(demo: Page, pane: str) -> Locator:
    """The newest piece of a pane."""
    return demo.locator(f"#{pane} > li").first


def test_hartmann_comes_back_and_anna_is_told(demo: Page) -> None:
    """From the click to the alert on the screen: seconds, with the reasons beside it."""
    begun = monotonic()
    choose(demo, "hartmann")
    message(demo, "Hartmann Pumpen GmbH is back").wait_for()
    took = monotonic() - begun
    assert 3.0 <= took <= ALERT_SECONDS
    tape = newest(demo, "tape")
    expect(tape).to_contain_text("412 days")
    expect(tape).to_contain_text("60 ≥ 60")
    expect(tape).to_contain_text(re.compile(r"Anna was told in (less than )?0\.\d\s*s"))
    expect(newest(demo, "slack")).to_contain_text("no order for 412 days")


@pytest.mark.parametrize("hero_first", [False, True])
def test_each_silence_says_its_reason(demo: Page, hero_first: bool) -> None:
    """Five visitors nobody should hear of, one click each."""
    if hero_first:
        choose(demo, "hartmann")
        message(demo, "Hartmann Pumpen GmbH is back").wait_for()
    for key, words in (
        ("home-line", "a home line of a carrier"),
        ("crawler", "a crawler, by its own name"),
        ("careers", "only careers pages"),
        ("active", "an active customer"),
        ("two-firms", "1 of 2"),
    ):
        choose(demo, key)
        expect(newest(demo, "slack")).to_contain_text(f"No alert: {words}" if key != "active" else words)
        expect(newest(demo, "tape")).to_contain_text("No alert")
    assert demo.locator("#slack .dm").count() == int(hero_first)


def test_buttons_work_and_can_be_undone(demo: Page) -> None:
    """I'll take it, Undo, Wrong company, Undo: the message and the tape follow without a reload."""
    choose(demo, "hartmann")
    told = message(demo, "Hartmann Pumpen GmbH is back")
    told.wait_for()
    told.get_by_role("button", name="I'll take it").click()
    expect(told).to_contain_text("took it")
    told.get_by_role("button", name="Undo").click()
    expect(told).not_to_contain_text("took it")
    told.get_by_role("button", name="Wrong company").click()
    wrong = message(demo, "Not Hartmann Pumpen GmbH")
    expect(wrong).to_contain_text("This network will not mean Hartmann Pumpen GmbH again")
    expect(newest(demo, "tape")).to_contain_text("Taken back")
    wrong.get_by_role("button", name="Undo").click()
    told.wait_for()
    expect(newest(demo, "tape")).to_contain_text("Anna was told")
    told.get_by_role("link", name="Timeline").click()
    expect(demo.get_by_role("heading", name="Hartmann Pumpen GmbH").first).to_be_visible()


def test_the_second_customer_comes_back_and_both_are_awake(demo: Page) -> None:
    """Nordwind is found by the network database alone; the awake list shows who came."""
    choose(demo, "nordwind")
    message(demo, "Nordwind Logistik AG is back").wait_for()
    expect(newest(demo, "tape")).to_contain_text("by the network database")
    demo.get_by_role("link", name="See who is awake").click()
    expect(demo.get_by_role("main")).to_contain_text("Nordwind Logistik AG")


def test_the_page_works_by_keyboard_alone(demo: Page) -> None:
    """The hero's card is reached by Tab and pressed by Enter."""
    card = demo.locator("[data-choice=hartmann]")
    for _ in range(40):
        demo.keyboard.press("Tab")
        if card.evaluate("card => card === document.activeElement"):
            break
    demo.keyboard.press("Enter")
    message(demo, "Hartmann Pumpen GmbH is back").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1600, 1000), (320, 800)])
def test_everybody_can_use_it(demo: Page, scheme: str, width: int, height: int) -> None:
    """Names, heading order, lists, contrast of 4.5, nothing wider than the screen: in both schemes, at every width."""
    demo.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    demo.set_viewport_size({"width": width, "height": height})
    choose(demo, "crawler")
    newest(demo, "slack").wait_for()
    choose(demo, "hartmann")
    message(demo, "Hartmann Pumpen GmbH is back").wait_for()
    try:
        assert page_faults.found(demo) == []
    finally:
        demo.emulate_media(color_scheme="light")
        demo.set_viewport_size({"width": 1280, "height": 800})
