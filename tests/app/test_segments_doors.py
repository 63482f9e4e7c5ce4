"""Saved segments as commands and pages: list, definition, members, filter; mistakes told at once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import NOW, dashboard, logged_in, served
from playwright.sync_api import Browser
from seed import seed
from sqlalchemy import Engine, update

from app.auth.users import ensure_admin, login_link
from app.cli.main import dormouse
from app.rulebook import store
from app.rulebook.files import mistakes, rule_file
from app.segments import refresh_segments
from core.database import writing
from enrichment.segments.definitions import read_segments
from enrichment.segments.words import definition_lines
from enrichment.tables import accounts

TEXT = """
[[segment]]
name = "Food & drink"
description = "Who <eats>"
all = [{ industry = "food" }]
none = [{ location = "Nowhere*" }]

[[segment]]
name = "Nobody"
all = [{ orders = { product = "unheard of" } }]
"""


@pytest.fixture
def home(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The seeded world with two segments in the folder of rules, looked at once."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", engine.url.render_as_string())
    monkeypatch.setenv("DORMOUSE_RULES_DIR", str(tmp_path / "rules"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "segments.toml").write_text(TEXT)
    seed(engine, NOW)
    refresh_segments(engine, read_segments(TEXT), NOW)
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    """Exit code, and all that was said."""
    done = CliRunner().invoke(dormouse, ["segments", *words])
    return done.exit_code, done.output + (str(done.exception) if done.exception else "")


def test_the_commands_list_show_count_and_name_members(home: Path, engine: Engine) -> None:
    """Each says what is kept or counted; names don't depend on case; formulas stay text in CSV."""
    with writing(engine) as connection:
        connection.execute(update(accounts).where(accounts.c.id == "C-1010").values(name="=1+1"))
    listed = [json.loads(row) for row in run("list", "--json")[1].splitlines()]
    assert [(row["name"], row["members"], row["entered"]) for row in listed] == [
        ("Food & drink", 2, 0),
        ("Nobody", 0, 0),
    ]
    assert "none of          location Nowhere*" in run("show", "food & DRINK")[1]
    assert run("count", "Food & drink")[1].split() == ["2", "Food", "&", "drink"]
    assert sorted(line.split(",")[1] for line in run("members", "Food & drink", "--csv")[1].splitlines()[1:]) == [
        "'=1+1",
        "Alpen Foods eG",
    ]
    code, said = run("members", "Fodo")
    assert (code, "there is no segment called 'Fodo': Food & drink, Nobody" in said) == (1, True)


def test_check_tells_all_mistakes_and_counts_what_is_right(home: Path) -> None:
    """Wrong keys, wrong values, contradictions and empty definitions, in one go and each with its line."""
    path = home / "mine.toml"
    path.write_text(TEXT)
    assert run("check", str(path))[1].splitlines()[0] == f"{path}: no mistakes"
    wrong = """
[[segment]]
name = "A"
[[segment]]
name = "a"
all = [{ contry = "AT" }, { orders = { at_least = 3, at_most = 2 } }, { did = { kind = "sneezed" } }]
[[segment]]
name = "B"
any = [{}, { rfm = { monetary = 6 } }, { spent = { at_least = 0 } }, { country = [] }, { silent = {} }]
"""
    found = mistakes(rule_file("segments"), wrong)
    texts = " ".join(one.text for one in found)
    for part in ("`contry` is not a key", "country", "sneezed", "no conditions"):
        assert part in texts
    for part in ("more than `at_most` 2", "another segment of this name", "says nothing", "from 1 to 5", "above 0"):
        assert part in texts
    assert "empty list" in texts
    assert "say `at_least`, `at_most` or both" in texts
    path.write_text(wrong)
    code, said = run("check", str(path))
    assert (code, f"{len(found)} mistakes" in said) == (1, True)


def test_the_pages_list_explain_and_filter(home: Path, engine: Engine) -> None:
    """The list leads to a segment and to its accounts; the filter stands in the address; names are text."""
    with writing(engine) as connection:
        store.add(connection, "segments", TEXT, "saved", "anna@example.com", "a test", NOW)
    client = logged_in(dashboard(engine, home))
    listed = client.get("/segments").get_data(as_text=True)
    assert ("Food &amp; drink" in listed, "Who &lt;eats&gt;" in listed) == (True, True)
    one = client.get("/segments/Food & drink").get_data(as_text=True)
    assert ("industry food" in one, "Alpen Foods eG" in one, "the definition was changed" in one) == (True, True, True)
    found = client.get("/accounts?segment=Food+%26+drink").get_data(as_text=True)
    assert ("2 accounts found" in found, "Talbrunnen" in found, "Hartmann" in found) == (True, True, False)
    assert client.get("/segments/Gone").status_code == 404
    assert client.get("/rules/segments").status_code == 200


def test_the_built_in_segments_read_well() -> None:
    """Every built-in definition has words for each of its conditions."""
    file = read_segments(rule_file("segments").built_in_text())
    said = {one.name: [what for _, what in definition_lines(one)] for one in file.segment}
    assert said["Back on the website"] == [
        "last order at least 182 days ago",
        "visits: at least 1, in the last 14 days",
    ]
    assert said["Contract ends, nobody spoke to them"] == [
        "days until the contract ends, at most 90",
        "how often: contact or reply or ticket, at least 1, in the last 60 days",
    ]
    assert said["Valuable and asleep"][:2] == [
        "state dormant or asleep again",
        "class among all customers (1 to 5): monetary 4",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_the_pages_fit_the_screen(home: Path, engine: Engine, browser: Browser, width: int, scheme: str) -> None:
    """Nothing is wider than the screen."""
    with writing(engine) as connection:
        store.add(connection, "segments", TEXT, "saved", "anna@example.com", "a test", NOW)
        ensure_admin(connection, NOW)
        token = login_link(connection, NOW - timedelta(seconds=1))
    wide = []
    with served(dashboard(engine, home)) as url:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{url}/go/{token}")
        for place, path in enumerate(("/segments", "/segments/Food & drink", "/accounts?segment=Food+%26+drink")):
            page.goto(f"{url}{path}")
            page.screenshot(path=home / f"look{place}.png", full_page=False)
            wide.append(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        context.close()
    assert wide == [0, 0, 0]
