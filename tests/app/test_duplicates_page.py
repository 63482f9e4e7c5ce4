"""The pages about duplicates and groups: what they show, who may merge, and that it can be undone there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pages import NOW, SAME_ORIGIN, dashboard, logged_in
from sqlalchemy import Engine, update

from app.tables import users
from core.database import writing
from enrichment.account.importer.accounts import import_accounts
from enrichment.tables import judgements

CRM = """id,name,domain,country,owner,parent
H,Hartmann Holding AG,hartmann-holding.de,DE,bo@example.com,
P,Hartmann Pumpen GmbH,hartmann.de,DE,,H
Q,Hartmann Pumpen,hartmann.de,DE,,
X,<b>Xylo</b> AG,xylo.com,,,
"""


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> FlaskClient:
    """Somebody logged in; four accounts, two of them one customer, one below another and awake."""
    path = tmp_path / "crm.csv"
    path.write_text(CRM, encoding="utf-8")
    import_accounts(engine, path, NOW)
    with writing(engine) as connection:
        connection.execute(
            judgements.insert().values(
                visit="v1",
                site="example.com",
                visitor="v",
                at=NOW - timedelta(hours=1),
                account="P",
                candidates=[],
                qualified=True,
                dormant=True,
                points=80.0,
                confidence=0.98,
                state="awake",
                silent_days=400,
                why={},
            )
        )
    return logged_in(dashboard(engine, tmp_path))


def test_duplicates_are_listed_previewed_merged_and_undone(client: FlaskClient) -> None:
    """From the list to the preview, the merge, the old id's page, and back."""
    listed = client.get("/accounts/duplicates").text
    assert "Both use the domain hartmann.de." in listed and "/accounts/merge?master=P&amp;other=Q" in listed
    assert "Hartmann Pumpen becomes part of Hartmann Pumpen GmbH" in client.get("/accounts/merge?master=P&other=Q").text
    done = client.post(
        "/accounts/merge", data={"master": "P", "other": "Q"}, headers=SAME_ORIGIN, follow_redirects=True
    )
    assert "is now part of Hartmann Pumpen GmbH" in done.text and "No duplicates found" in done.text
    moved = client.get("/accounts/Q")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/accounts/P")
    undone = client.post("/accounts/unmerge", data={"account": "Q"}, headers=SAME_ORIGIN, follow_redirects=True)
    assert "account of its own again" in undone.text and "Both use the domain hartmann.de." in undone.text
    assert client.get("/accounts/Q").status_code == 200


def test_only_an_admin_merges(client: FlaskClient, engine: Engine) -> None:
    """Others see the pairs and the preview; the button isn't there and asking for it anyway is refused."""
    with writing(engine) as connection:
        connection.execute(update(users).values(role="rep"))
    assert "Only an admin may merge" in client.get("/accounts/merge?master=P&other=Q").text
    assert client.post("/accounts/merge", data={"master": "P", "other": "Q"}, headers=SAME_ORIGIN).status_code == 403
    assert client.post("/accounts/unmerge", data={"account": "Q"}, headers=SAME_ORIGIN).status_code == 403


def test_what_cannot_be_merged_is_a_plain_page(client: FlaskClient) -> None:
    """Unknown accounts and merges that aren't there say what is wrong."""
    assert "no account &#39;nope&#39;" in client.get("/accounts/merge?master=P&other=nope").text
    gone = client.post("/accounts/unmerge", data={"account": "P"}, headers=SAME_ORIGIN)
    assert (gone.status_code, "merged into another account" in gone.text) == (400, True)


def test_a_subsidiarys_visit_shows_on_the_parent_when_rolled_up(client: FlaskClient) -> None:
    """Only when asked for; the address keeps it; the subsidiary's page says whose owner is told."""
    alone, together = client.get("/accounts/H").text, client.get("/accounts/H?group=1").text
    assert ('id="why-v1"' in alone or "<b>Visit</b>" in alone, "<b>Visit</b>" in together) == (False, True)
    assert "With their visits" in alone and "Without their visits" in together
    assert "group=1" in together
    assert "by way of Hartmann Holding AG" in client.get("/accounts/P").text


def test_awake_accounts_can_be_shown_by_group(client: FlaskClient) -> None:
    """The dormant account stays the row that is awake; its group's top stands above it."""
    alone, together = client.get("/").text, client.get("/?group=1").text
    assert "Hartmann Holding AG" not in alone and "By group" in alone
    assert together.index(">Hartmann Holding AG<") < together.index(">Hartmann Pumpen GmbH<")
    assert "fragment=1&amp;page=1&amp;group=1" in together
