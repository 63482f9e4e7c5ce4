"""The page of a signed link: it asks with the choices that a button's menu has, and offers what may come next."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from pages import NOW, SAME_ORIGIN, dashboard, settings
from seed import seed
from sqlalchemy import Engine, select

from alerts.buttons import CHOICES, LINKS, Action
from alerts.digests.rep_digest import Late, Promised, RepDay, ToCall, ToJudge, rep_digest
from alerts.message import from_data
from alerts.reps.rep import Hours, Rep
from alerts.tables import alerts, feedback
from app.actions import ACTS
from app.dashboard.acting import NOTHING, QUESTIONS
from app.signed import LinkedAction, action_token, links, read_action
from app.tables import audit
from core.database import reading
from core.domain import AccountId, AlertId
from core.ids import derived
from core.signing import sign
from enrichment.tables import judgements, slipping_denials

ALERT = AlertId(derived("alert", "C-1001"))
SECRET = "only for tests"
OTHER = AccountId("C-1002")


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


def test_every_button_of_a_digest_works_by_its_link(app: Flask, engine: Engine, tmp_path: Path) -> None:
    """Where a channel has no buttons of its own: those of alerts, of visits and of accounts ask, and do it."""
    with reading(engine) as connection:
        words = from_data(connection.execute(select(alerts.c.message).where(alerts.c.id == ALERT)).scalar_one())
        visit = str(
            connection.execute(select(judgements.c.visit).where(judgements.c.account == "C-1001")).scalars().first()
        )
    day = RepDay(
        to_call=[ToCall(alert=ALERT, message=words, at=NOW)],
        to_judge=[ToJudge(visit=visit, names=((OTHER, "One"), (AccountId("C-1001"), "Two")), why="Twins", visits=2)],
        slipping=[Late(account=OTHER, name="Late", text="Order was due.")],
        promised=[Promised(alert=ALERT, name="Promised", until=NOW, is_overdue=True)],
    )
    text = rep_digest(Rep(email="anna.berg@example.com", hours=Hours(zone=ZoneInfo("UTC"))), day, NOW)
    assert text is not None
    link_of = links(settings(tmp_path, public_url="http://localhost"))
    client = app.test_client()
    answers = {}
    for button in (one for section in text.sections for row in section.rows for one in row.buttons):
        if button.action in LINKS:
            continue
        url = link_of(AlertId(button.subject), button.action, button.choice).removeprefix("http://localhost")
        asked = client.get(url)
        done = client.post(url, headers=SAME_ORIGIN)
        answers[button.action, button.choice] = (asked.status_code, done.status_code, NOTHING in done.text)
        for following in re.findall(r'href="(/act/[^"]+)"', done.text):
            assert client.get(following).status_code == 200
    assert len(answers) == 10
    assert set(answers.values()) == {(200, 200, False)}


def test_a_link_brings_the_choice_of_its_button(app: Flask, engine: Engine) -> None:
    """Which account it was is asked no more; no other one is taken; why an account isn't slipping is asked."""
    token = action_token(SECRET, LinkedAction(alert=ALERT, action="pick_account", choice="C-1002"))
    client = app.test_client()
    shown = client.get(f"/act/{token}").text
    assert re.findall(r'name="choice" value="([^"]+)"', shown) == ["C-1002"]
    refused = client.post(f"/act/{token}", data={"choice": "C-1003"}, headers=SAME_ORIGIN)
    assert refused.status_code == 400
    client.post(f"/act/{token}", headers=SAME_ORIGIN)
    with reading(engine) as connection:
        (picked,) = connection.execute(select(audit.c.subject).where(audit.c.what == "visit.pick_account")).scalars()
    assert picked.endswith(" C-1002")
    token = action_token(SECRET, LinkedAction(alert=AlertId("C-1002"), action="not_slipping"))
    assert client.post(f"/act/{token}", data={"choice": "price"}, headers=SAME_ORIGIN).status_code == 400
    client.post(f"/act/{token}", data={"choice": "seasonal"}, headers=SAME_ORIGIN)
    with reading(engine) as connection:
        assert connection.execute(select(slipping_denials.c.why)).scalars().all() == ["seasonal"]


@pytest.mark.parametrize("action", ["claim", "pick_account", "not_slipping"])
def test_a_link_to_what_is_gone_says_so(app: Flask, action: Action) -> None:
    """Neither an alert nor what else the action may be about."""
    token = action_token(SECRET, LinkedAction(alert=AlertId("gone"), action=action))
    assert app.test_client().get(f"/act/{token}").status_code == 410


def test_a_link_without_a_choice_looks_as_before(app: Flask) -> None:
    """Those in messages that were sent go on working."""
    token = sign(SECRET, "act", [ALERT, "snooze", "anna.berg@example.com"])
    assert read_action(SECRET, token) == LinkedAction(alert=ALERT, action="snooze", by="anna.berg@example.com")
    assert app.test_client().get(f"/act/{token}").status_code == 200
