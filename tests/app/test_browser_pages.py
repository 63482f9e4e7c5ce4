"""The pages in a real browser: they fit, are accessible, keep themselves fresh, and work without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pages import NOW, MovingClock, dashboard, served
from playwright.sync_api import Browser, BrowserContext, Page, expect
from seed import PAGES, SITE, put_judgement, put_visit, seed
from sqlalchemy import Engine

from app.auth.users import ensure_admin, login_link
from core.database import writing
from core.ids import derived
from tracker.tables import sites

AXE = Path(__file__).resolve().parents[1] / "support" / "vendored" / "axe.min.js"
PATHS = (
    "/",
    "/now",
    "/accounts",
    "/accounts?q=nobody",
    "/accounts/C-1001",
    "/accounts/duplicates",
    "/import",
    "/link?account=C-1001",
    "/alerts",
    "/review",
    f"/who/{derived('v', 'C-1001', 0)}?q=a",
    "/sources",
    "/losses",
    f"/losses?site={SITE}",
    "/losses/visits/account_none",
    "/losses/hits/bot_declared",
    "/networks",
    "/settings",
    "/nowhere",
)

pytestmark = pytest.mark.slow


@pytest.fixture
def now() -> MovingClock:
    """A clock to move."""
    return MovingClock()


@pytest.fixture
def url(engine: Engine, tmp_path: Path, now: MovingClock) -> Iterator[str]:
    """The dashboard on the seeded world, served."""
    seed(engine, NOW)
    with served(dashboard(engine, tmp_path, now)) as address:
        yield address


def log_in(context: BrowserContext, engine: Engine, url: str) -> tuple[Page, list[str]]:
    """A page that is logged in, and the complaints of its console."""
    with writing(engine) as connection:
        ensure_admin(connection, NOW)
        token = login_link(connection, NOW)
    page, complaints = context.new_page(), list[str]()
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{url}/go/{token}")
    return page, complaints


ALL_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page, rules: tuple[str, ...] = ALL_RULES) -> list[str]:
    """What axe finds wrong on the page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: rules})", list(rules))
    return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_pages_fit_and_are_accessible(browser: Browser, engine: Engine, url: str, width: int, scheme: str) -> None:
    """No page scrolls sideways, complains in the console, or breaks a rule of axe; with demo marked, too."""
    with writing(engine) as connection:
        connection.execute(sites.update().values(is_demo=True))
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    # All rules once for each width; colours in the other scheme too.
    rules = ALL_RULES if (width > 1000) == (scheme == "light") else ("color-contrast",)
    page = context.new_page()
    page.goto(f"{url}/login")
    assert violations(page, rules) == []
    page, complaints = log_in(context, engine, url)
    for path in PATHS:
        page.goto(url + path)
        for details in page.locator("details").all()[:3]:
            details.locator("summary").click()
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, path
        assert violations(page, rules) == [], path
    assert [each for each in complaints if "404" not in each] == []
    context.close()


def test_claim_shows_elsewhere_without_reload(browser: Browser, engine: Engine, url: str) -> None:
    """When one person takes an account, another's open list says so by itself, with its open details and focus kept."""
    mine, theirs = browser.new_context(), browser.new_context()
    manager, complaints = log_in(mine, engine, url)
    rep, _ = log_in(theirs, engine, url)
    manager.evaluate("window.sameDocument = true")
    rep.goto(f"{url}/accounts/C-1001")
    rep.locator("summary", has_text="Why we believe it").first.click()
    rep.get_by_role("button", name="I'll take it").first.click()
    expect(rep.get_by_text("is yours")).to_be_visible()
    row = manager.locator("tr", has_text="Hartmann")
    expect(row.get_by_text("Admin")).to_be_visible(timeout=6000)
    assert manager.evaluate("window.sameDocument") is True
    assert complaints == []
    mine.close()
    theirs.close()


def test_live_page_shows_new_company_and_keeps_what_is_open(
    browser: Browser, engine: Engine, url: str, now: MovingClock
) -> None:
    """A company that arrives appears by itself; what somebody opened stays open and the focus stays where it was."""
    context = browser.new_context()
    page, complaints = log_in(context, engine, url)
    timeline, _ = log_in(context, engine, url)
    page.goto(f"{url}/now")
    timeline.goto(f"{url}/accounts/C-1001")
    opened = timeline.locator("summary", has_text="Why we believe it").nth(1)
    opened.click()
    with writing(engine) as connection:
        put_visit(connection, derived("new", 1), NOW, PAGES[:1], visitor="new")
        put_judgement(
            connection, derived("new", 1), NOW, kind="business", organisation="Neue Firma AG", drop="account_none"
        )
        put_visit(connection, derived("new", 2), NOW, PAGES[:1], visitor="new2")
        put_judgement(connection, derived("new", 2), NOW, kind="business", account="C-1001", dormant=True, points=99.0)
    now.at += timedelta(seconds=5)
    expect(page.get_by_role("heading", name="Neue Firma AG")).to_be_visible(timeout=6000)
    assert "Neue Firma AG" in (page.locator("#announce").text_content() or "")
    expect(timeline.get_by_text("score 99")).to_be_visible(timeout=6000)
    assert timeline.locator("details[open]").count() == 1
    assert timeline.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert complaints == []
    context.close()


def test_everything_works_without_scripts(browser: Browser, engine: Engine, url: str) -> None:
    """Without JavaScript the pages read and the buttons act."""
    context = browser.new_context(java_script_enabled=False)
    page, _ = log_in(context, engine, url)
    page.get_by_role("button", name="I'll take Hartmann").click()
    expect(page.locator("tr", has_text="Hartmann").get_by_text("Admin")).to_be_visible()
    page.goto(f"{url}/settings")
    expect(page.get_by_text("dm.js").first).to_be_visible()
    assert page.get_by_role("button", name="Copy").count() == 0
    context.close()


def test_keyboard_reaches_the_content(browser: Browser, engine: Engine, url: str) -> None:
    """The first Tab offers to skip the menu, and what has the focus can be seen."""
    context = browser.new_context()
    page, _ = log_in(context, engine, url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert width >= 2
    context.close()
