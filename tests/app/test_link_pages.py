"""The dashboard makes signed links, shows what visitors said of themselves, and by which word a visit is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from line_world import FREIGHT, ISP_IP, NOON, SITE, fill, line, page
from pages import SAME_ORIGIN, dashboard, logged_in
from sqlalchemy import Engine, select

from alerts.tables import alerts
from app.pipeline import Batch
from app.tables import audit
from core.clock import at
from core.database import reading
from core.domain import IdentityClue
from tracker.identity import read_link

LATER = NOON + timedelta(minutes=5)
LINK = IdentityClue(kind="signed_link", value=FREIGHT, at=NOON)


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> Iterator[FlaskClient]:
    """The dashboard over customers, one of whom came by a link from home."""
    fill(engine)
    views = [
        page("/pricing", ip=ISP_IP, seconds=60, touched=True, clues=(LINK,)),
        page("/quote", ip=ISP_IP, visitor="v2", refused=("link_expired",)),
        page("/quote", ip=ISP_IP, visitor="v3", clues=(LINK,)),
    ]
    line(engine, tmp_path, at(LATER)).run(Batch(views=views))
    yield logged_in(dashboard(engine, tmp_path, at(LATER)))


def made(client: FlaskClient, **form: str) -> tuple[int, str]:
    """Ask for a link; the answer's status and text."""
    fields = {"account": str(FREIGHT), "url": f"https://{SITE}/quote", "days": "30", **form}
    answer = client.post("/link", data=fields, headers=SAME_ORIGIN)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_link_is_made_with_its_code(client: FlaskClient, engine: Engine) -> None:
    """It names the account; the audit says who made it; page and picture hold no style and no script of their own."""
    status, text = made(client)
    found = re.search(r"hi=([\w.-]+)", text)
    assert status == 200 and found
    secret = client.application.extensions["dormouse"].settings.secret
    assert read_link(secret, found[1], LATER) == FREIGHT
    assert "<svg" in text and "style=" not in text
    with reading(engine) as connection:
        assert connection.execute(select(audit.c.what, audit.c.subject)).all()[-1] == ("link.make", FREIGHT)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"url": "https://evil.example/<b>"}, "is no website of yours"),
        ({"days": "1e3"}, "whole number"),
        ({"days": "9999"}, "1 to 730 days"),
    ],
)
def test_what_makes_no_link_is_said_on_the_page(client: FlaskClient, form: dict[str, str], words: str) -> None:
    """With what was typed still in the fields, harmless."""
    status, text = made(client, **form)
    assert (status, words in text, "<b>" in text) == (400, True, False)


def test_an_unknown_account_gets_no_link(client: FlaskClient) -> None:
    assert made(client, account="C-99")[0] == 404
    assert client.get("/link?account=C-99").status_code == 404


def test_another_site_makes_no_link(client: FlaskClient) -> None:
    """A request that another website caused is refused."""
    assert (
        client.post("/link", data={"account": str(FREIGHT)}, headers={"Origin": "https://x.example"}).status_code == 403
    )


def test_a_visit_says_by_which_word_it_is_known(client: FlaskClient) -> None:
    """On the account's timeline, at a glance and among the reasons."""
    text = client.get(f"/accounts/{FREIGHT}").get_data(as_text=True)
    assert "came by a link that you sent</span>" in text
    assert "They came by a link that you sent them" in text


def test_the_message_says_it_too_and_not_where_they_sat(client: FlaskClient, engine: Engine) -> None:
    """Whose line they used proves nothing of somebody who came by your link."""
    with reading(engine) as connection:
        (message,) = connection.execute(select(alerts.c.message)).scalars()
    (sure,) = (line["text"] for line in message["lines"] if line["label"] == "Sure?")
    assert sure == "Very likely (98 in 100): came by a link that you sent them · nothing against it"


def test_what_was_said_is_counted_where_visits_go(client: FlaskClient) -> None:
    """What was proved, and what counts for nothing and why; a waiting clue gives its reason with its visit."""
    text = re.sub(r"<[^>]+>", "", client.get("/losses").get_data(as_text=True))
    assert "2 came by a link that you sent" in text
    assert "−1 links that had expired" in text
    waiting = client.get("/losses/visits/network_isp").get_data(as_text=True)
    assert "A signed link was opened, but nothing a person would do has been seen yet" in waiting
