"""The page Networks and its commands: what was found, accepted, rejected, undone; it fits a narrow screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import NOW, SAME_ORIGIN, dashboard, logged_in, served
from playwright.sync_api import Browser
from seed import seed
from sqlalchemy import Engine, select, update

from app.auth.users import ensure_admin, login_link
from app.cli.main import dormouse
from app.tables import audit, users
from core.database import reading, writing
from core.domain import AccountId
from enrichment.account.discovery import store
from enrichment.account.discovery.judging import Finding

WAITS = "It is an allocation (ALLOCATED PA), and its holder may hand parts of it on to others"


def finding(prefix: str, account: str = "C-1001", waits: str = "", confidence: float = 0.95) -> Finding:
    """Return what a registry says."""
    return Finding(
        account=AccountId(account),
        prefix=prefix,
        organisation="Hartmann Pumpen GmbH <b>",
        source="registry:ripencc",
        group="registry",
        text=f"RIPE registers {prefix} to Hartmann Pumpen GmbH",
        confidence=confidence,
        waits=waits,
    )


@pytest.fixture
def found(engine: Engine) -> Engine:
    """The seeded world with one network in use, one that waits, and forty more that wait."""
    seed(engine, NOW)
    more = [finding(f"198.51.100.{4 * place}/30", waits=WAITS, confidence=0.5) for place in range(40)]
    with writing(engine) as connection:
        store.propose(connection, [finding("192.0.2.0/28"), finding("203.0.113.0/24", waits=WAITS), *more], NOW)
    return engine


def standing(engine: Engine, prefix: str) -> tuple[str, bool, str]:
    """Return status, whether it acts, and who decided."""
    with reading(engine) as connection:
        (each,) = store.find(connection, prefix, None)
    return each.status, each.acts, each.by


def test_what_waits_comes_first_with_its_evidence(found: Engine, tmp_path: Path) -> None:
    """The page opens with what waits; long lists have pages; names are text, never markup."""
    client = logged_in(dashboard(found, tmp_path))
    first = client.get("/networks").get_data(as_text=True)
    assert ("203.0.113.0/24" in first, "192.0.2.0/28" in first) == (True, False)
    assert (WAITS in first, "Page 1 of 2" in first) == (True, True)
    assert ("GmbH &lt;b&gt;" in first, "GmbH <b>" in first) == (True, False)
    acting = client.get("/networks?show=acting").get_data(as_text=True)
    assert ("RIPE registers 192.0.2.0/28" in acting, "203.0.113.0/24" in acting) == (True, False)


def test_accept_reject_and_undo_by_button(found: Engine, tmp_path: Path) -> None:
    """Each press is kept with who pressed, can be undone, and leaves a row in the audit."""
    client = logged_in(dashboard(found, tmp_path))
    key = store.proposal_id("C-1001", "203.0.113.0/24")
    seen = []
    for do in ("network_accept", "network_undo", "network_reject"):
        answer = client.post("/act", data={"do": do, "id": key, "back": "/networks"}, headers=SAME_ORIGIN)
        seen.append((answer.status_code, *standing(found, "203.0.113.0/24")))
    assert seen == [
        (303, "accepted", True, "admin@localhost"),
        (303, "proposed", False, ""),
        (303, "rejected", False, "admin@localhost"),
    ]
    with reading(found) as connection:
        done = connection.execute(select(audit.c.what).where(audit.c.what.like("network.%")).order_by(audit.c.id))
        assert sorted(row.what for row in done) == ["network.accepted", "network.proposed", "network.rejected"]


def test_a_rep_sees_networks_but_decides_nothing(found: Engine, tmp_path: Path) -> None:
    """What counts for everybody at once is an admin's to say: a rep has no button, and a forged one does nothing."""
    client = logged_in(dashboard(found, tmp_path))
    with writing(found) as connection:
        connection.execute(update(users).values(role="rep", email="anna@example.com"))
    page = client.get("/networks").get_data(as_text=True)
    assert ("203.0.113.0/24" in page, "network_accept" in page, "An admin decides" in page) == (True, False, True)
    key = store.proposal_id("C-1001", "203.0.113.0/24")
    for do in ("network_accept", "network_reject"):
        client.post("/act", data={"do": do, "id": key, "back": "/networks"}, headers=SAME_ORIGIN)
    assert standing(found, "203.0.113.0/24") == ("proposed", False, "")


@pytest.fixture
def command(found: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CliRunner]:
    """The command line on the same database."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", found.url.render_as_string())
    yield CliRunner()


def test_the_same_by_command(found: Engine, command: CliRunner) -> None:
    """`proposals --json` gives lines, `accept` and `reject` decide, `--undo` takes back."""
    listed = command.invoke(dormouse, ["networks", "proposals", "--json", "--show", "acting"])
    (line,) = [json.loads(text) for text in listed.output.splitlines()]
    assert (line["prefix"], line["acts"], line["waits"], line["evidence"][0]["source"]) == (
        "192.0.2.0/28",
        True,
        None,
        "registry:ripencc",
    )
    assert command.invoke(dormouse, ["networks", "reject", "192.0.2.0/28"]).exit_code == 0
    assert standing(found, "192.0.2.0/28") == ("rejected", False, "command line")
    command.invoke(dormouse, ["networks", "reject", "192.0.2.0/28", "--undo"])
    assert standing(found, "192.0.2.0/28") == ("proposed", True, "")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_it_fits_the_screen(found: Engine, tmp_path: Path, browser: Browser, width: int, scheme: str) -> None:
    """Nothing is wider than the screen."""
    with served(dashboard(found, tmp_path)) as url:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        with writing(found) as connection:
            ensure_admin(connection, NOW)
            token = login_link(connection, NOW - timedelta(seconds=1))
        page = context.new_page()
        page.goto(f"{url}/go/{token}")
        page.goto(f"{url}/networks")
        page.screenshot(path=tmp_path / "networks.png", full_page=False)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        context.close()
    assert wide == 0
