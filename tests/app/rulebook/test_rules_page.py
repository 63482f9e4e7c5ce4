"""The page Rules: all mistakes beside the text, a back-test before the save, history, restore; for admins alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pages import NOW, SAME_ORIGIN, dashboard, logged_in
from seed import seed
from sqlalchemy import Engine, select, update

from app.rulebook import store
from app.rulebook.files import rule_file
from app.tables import audit, users
from core.database import reading, writing

BUILT_IN = rule_file("scoring").built_in_text()


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> FlaskClient:
    """An admin at the seeded dashboard."""
    seed(engine, NOW)
    return logged_in(dashboard(engine, tmp_path))


def post(client: FlaskClient, path: str, **form: str) -> tuple[int, str, str]:
    """Send a form: (status, where it leads, body)."""
    answer = client.post(path, data=form, headers=SAME_ORIGIN)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def saved(engine: Engine) -> list[tuple[int | None, str, str]]:
    with reading(engine) as connection:
        return [(one.number, one.by, one.why) for one in store.history(connection, "scoring")]


def test_all_mistakes_stand_beside_the_text_and_nothing_is_saved(client: FlaskClient, engine: Engine) -> None:
    """Each with its line; what was typed is still there, as text and never markup."""
    typed = "treshold = 3\nhalf_life_days = 'long'\n# <script>alert(1)</script>\n"
    status, _, body = post(client, "/rules/scoring", text=typed, do="test")
    assert status == 422
    assert "2 mistakes" in body
    assert "Did you mean `threshold`" in body
    assert "Line 2:" in body
    assert "&lt;script&gt;alert(1)" in body
    assert "<script>alert" not in body
    assert saved(engine) == []


def test_a_change_is_tested_first_then_saved_with_its_reason(client: FlaskClient, engine: Engine) -> None:
    """The form leads to the back-test, that to the save; without a reason nothing is saved."""
    status, draft, _ = post(client, "/rules/scoring", by="form", threshold="47.5", **{"page-class:pricing": "12"})
    assert (status, draft.startswith("/rules/draft/")) == (303, True)
    shown = client.get(draft).get_data(as_text=True)
    assert "Would have fired" in shown
    assert "Forecast" in shown
    assert "threshold = 47.5" in shown
    assert saved(engine) == []
    assert post(client, draft, do="save", why="  ")[0] == 409
    assert saved(engine) == []

    status, back, _ = post(client, draft, do="save", why="Too few alerts")

    assert (status, back) == (303, "/rules/scoring")
    assert saved(engine) == [(1, "admin@localhost", "Too few alerts")]
    assert client.get(draft).status_code == 404
    with reading(engine) as connection:
        found = store.newest(connection, "scoring")
        acts = connection.execute(select(audit.c.subject).where(audit.c.what == "rules.save")).scalars().all()
    assert found is not None
    assert found.backtest is not None
    rules = rule_file("scoring").read(found.text, "x")
    assert rules.threshold == 47.5  # type: ignore[attr-defined]
    assert rules.page_class("/pricing").rule.points == 12  # type: ignore[attr-defined]
    assert acts == ["scoring.toml version 1"]


def test_a_draft_tested_against_older_rules_is_not_saved(client: FlaskClient, engine: Engine) -> None:
    """Somebody saved meanwhile: what the test said is no longer so."""
    _, draft, _ = post(client, "/rules/scoring", text="threshold = 50\n", do="test")
    with writing(engine) as connection:
        store.add(connection, "scoring", "threshold = 51\n", "saved", "jo@example.com", "quicker", NOW)
    status, _, body = post(client, draft, do="save", why="mine")
    assert status == 409
    assert "test it again" in body


def test_the_past_is_shown_with_its_differences_and_can_be_restored(client: FlaskClient, engine: Engine) -> None:
    """Restoring makes a new version; 0 is the built-in rules."""
    with writing(engine) as connection:
        store.add(connection, "scoring", "threshold = 50\n", "saved", "jo@example.com", "first", NOW)
        store.add(connection, "scoring", "threshold = 51\n", "saved", "jo@example.com", "second", NOW)
    page = client.get("/rules/scoring/versions/2").get_data(as_text=True)
    assert "<code>threshold = 50</code>" in page
    assert "<code>threshold = 51</code>" in page
    assert post(client, "/rules/scoring/versions/1/restore", why="")[0] == 303
    assert post(client, "/rules/scoring/versions/0/restore", why="start anew")[0] == 303
    assert saved(engine)[:2] == [(4, "admin@localhost", "start anew"), (3, "admin@localhost", "version 1 again")]


def test_every_file_has_its_form_and_the_menu_its_entry(client: FlaskClient) -> None:
    """All pages answer; the form shows triggers and half-life."""
    pages = {name: client.get(f"/rules/{name}") for name in ("scoring", "dormancy", "alerting")}
    assert {name: answer.status_code for name, answer in pages.items()} == dict.fromkeys(pages, 200)
    assert 'name="half_life_days"' in pages["scoring"].get_data(as_text=True)
    assert 'name="most_a_day"' in pages["alerting"].get_data(as_text=True)
    assert 'href="/rules"' in client.get("/rules").get_data(as_text=True)
    assert client.get("/rules/none").status_code == 404


def test_a_value_that_is_no_number_is_named(client: FlaskClient, engine: Engine) -> None:
    """By group and label."""
    status, _, body = post(client, "/rules/scoring", by="form", threshold="many")
    assert status == 422
    assert "In general, Threshold: &#39;many&#39; is not a number." in body


def test_only_admins_see_and_change_rules(client: FlaskClient, engine: Engine) -> None:
    """A rep gets 403 from every door."""
    with writing(engine) as connection:
        connection.execute(update(users).values(role="rep"))
    answers = [client.get("/rules"), client.get("/rules/scoring"), client.get("/rules/scoring/versions/1")]
    posted = [
        post(client, path)[0] for path in ("/rules/scoring", "/rules/draft/x", "/rules/scoring/versions/0/restore")
    ]
    assert [one.status_code for one in answers] + posted == [403] * 6


def test_drafts_are_forgotten_after_a_week(engine: Engine) -> None:
    """What nobody accepted doesn't pile up."""
    with writing(engine) as connection:
        old = store.add_draft(connection, "scoring", "threshold = 1\n", "saved", "jo", NOW - timedelta(days=8))
        new = store.add_draft(connection, "scoring", "threshold = 2\n", "saved", "jo", NOW)
        assert (store.draft(connection, old), bool(store.draft(connection, new))) == (None, True)
