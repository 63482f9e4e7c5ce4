"""The page of a signed link: it asks with the choices that a button's menu has, and offers what may come next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from pages import NOW, SAME_ORIGIN, dashboard
from seed import seed
from sqlalchemy import Engine, select

from alerts.buttons import CHOICES, LINKS, Action
from alerts.tables import feedback
from app.actions import ACTS
from app.dashboard.acting import QUESTIONS
from app.signed import LinkedAction, action_token
from core.database import reading
from core.domain import AlertId
from core.ids import derived

ALERT = AlertId(derived("alert", "C-1001"))
SECRET = "only for tests"


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Flask:
    seed(engine, NOW)
    return dashboard(engine, tmp_path)


def link(action: Action) -> str:
    return f"/act/{action_token(SECRET, LinkedAction(alert=ALERT, action=action, by='anna.berg@example.com'))}"


def said(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        query = select(feedback.c.kind, feedback.c.detail).where(
            feedback.c.alert == ALERT, feedback.c.undone_at.is_(None)
        )
        return [(row.kind, row.detail) for row in connection.execute(query)]


@pytest.mark.parametrize("action", [action for action in QUESTIONS if action not in LINKS])
def test_every_act_has_a_page_that_asks(app: Flask, engine: Engine, action: Action) -> None:
    """With a question of its own and the menu's choices; looking does nothing."""
    before = said(engine)
    answer = app.test_client().get(link(action))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200 and text.count('type="radio"') >= len(CHOICES.get(action, ()))
    assert (action in ACTS, said(engine)) == (True, before)


def test_a_choice_is_kept_and_another_one_refused(app: Flask, engine: Engine) -> None:
    """Only what was offered counts; afterwards the page offers what may come next, as links of its own."""
    client = app.test_client()
    assert client.post(link("not_interested"), data={"choice": "nonsense"}, headers=SAME_ORIGIN).status_code == 400
    done = client.post(link("not_interested"), data={"choice": "price"}, headers=SAME_ORIGIN)
    assert ("not_interested", "price") in said(engine)
    undo = re.findall(r'href="(/act/[^"]+)"', done.get_data(as_text=True))[-1]
    assert "Take back" in client.get(undo).get_data(as_text=True)
    client.post(undo, headers=SAME_ORIGIN)
    assert ("not_interested", "price") not in said(engine)


def test_a_link_to_what_is_no_act_is_too_old(app: Flask) -> None:
    """Such as one of a later version."""
    assert app.test_client().get(link("timeline")).status_code == 410
