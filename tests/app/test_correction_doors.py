"""Every door to corrections: pages, signed links, commands and the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pages import NOW, SAME_ORIGIN, dashboard, logged_in, settings
from seed import seed
from sqlalchemy import Engine, select, update

from app.api import keys
from app.cli import correct as command
from app.cli import listings
from app.signed import links
from core.database import reading, writing
from core.domain import ALERT_POINT, AlertId
from core.errors import InputError
from core.ids import derived
from enrichment.tables import accounts, corrections, judgements

VISIT = derived("v", "C-1001", 0)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    seed(any_engine, NOW)
    return any_engine


@pytest.fixture
def client(world: Engine, tmp_path: Path) -> FlaskClient:
    return logged_in(dashboard(world, tmp_path))


@pytest.fixture
def shell_of(world: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """The command line on the seeded world."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_SECRET", "only for tests")
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", world.url.render_as_string(hide_password=False))
    yield CliRunner()


def accounts_of(engine: Engine, *visits: str) -> list[tuple[str | None, str | None]]:
    with reading(engine) as connection:
        query = select(judgements.c.account, judgements.c.drop).where(judgements.c.visit.in_(visits))
        return [tuple(row) for row in connection.execute(query.order_by(judgements.c.visit))]


def snapshot(engine: Engine) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(select(judgements).order_by(judgements.c.visit))]


def test_a_declared_network_says_whose_it_is(world: Engine, client: FlaskClient) -> None:
    """An account's page names the account that the operator set down, and another one by its id."""
    row = {"source": "declared", "prefix": "203.0.113.0/28", "organisation": None, "domain": None}
    said = [
        row | {"speaks": "for", "accounts": ["C-1001"]},
        row | {"speaks": "against", "accounts": ["C-1002"], "prefix": "203.0.113.0/24"},
    ]
    with writing(world) as connection:
        connection.execute(update(judgements).where(judgements.c.visit == VISIT).values(evidence=said))
        name = connection.execute(select(accounts.c.name).where(accounts.c.id == "C-1001")).scalar_one()
    shown = " ".join(re.sub(r"<[^>]+>", " ", client.get("/accounts/C-1001").get_data(as_text=True)).split())
    assert f"Set down by you: 203.0.113.0/28 (16 addresses) is {name}" in shown
    assert "Set down by you: 203.0.113.0/24 (256 addresses) is of the account C-1002" in shown
    assert "203.0.113.0/28 (16 addresses) is nobody" not in shown


def test_wrong_company_asks_who_it_was_and_gives_the_visits_to_them(world: Engine, client: FlaskClient) -> None:
    """ "Wrong company" leads to "Who was it?"; picking an account gives it the past visits; undone, all is back."""
    before = snapshot(world)
    pressed = client.post(
        "/act", data={"do": "wrong_visit", "id": VISIT, "then": "who", "back": "/alerts"}, headers=SAME_ORIGIN
    )
    assert pressed.headers["Location"] == f"/who/{VISIT}?back=/alerts"
    page = client.get(f"/who/{VISIT}?q=zeta&back=/alerts").get_data(as_text=True)
    assert "wasn&#39;t Hartmann" in page or "wasn't Hartmann" in page
    picked = re.search(r'name="account" value="([^"]+)"', page)
    assert picked is not None
    answer = client.post(f"/who/{VISIT}", data={"account": picked[1]}, headers=SAME_ORIGIN)
    assert answer.headers["Location"] == f"/accounts/{picked[1]}"
    assert accounts_of(world, VISIT) == [(picked[1], None)]
    with reading(world) as connection:
        said = connection.execute(
            select(corrections.c.id).where(corrections.c.undone_at.is_(None), corrections.c.at == NOW)
        ).scalars()
        standing = list(said)
    assert len(standing) == 2
    for each in standing:
        client.post("/act", data={"do": "undo_correction", "id": each}, headers=SAME_ORIGIN)
    assert snapshot(world) == before


def test_the_queue_is_counted_and_answered(world: Engine, client: FlaskClient) -> None:
    """The menu counts the open question; an answer settles it, and the page says so."""
    page = client.get("/review").get_data(as_text=True)
    assert re.search(r'Review <span class="tag">1</span>', page)
    visit = re.search(r'name="visit" value="([^"]+)"', page)
    assert visit is not None
    form = {"visit": visit[1], "candidate": ["C-1001", "C-1004"], "account": "C-1004"}
    assert client.post("/review", data=form | {"account": "C-9999"}, headers=SAME_ORIGIN).status_code == 400
    assert client.post("/review", data=form, headers=SAME_ORIGIN).status_code == 303
    page = client.get("/review").get_data(as_text=True)
    assert "Nothing to judge" in page
    assert "is Alpen Foods eG" in page
    assert ("C-1004", None) in accounts_of(world, visit[1])


def test_a_signed_links_page_can_be_undone(world: Engine, client: FlaskClient, tmp_path: Path) -> None:
    """Somebody without a login presses "Wrong company" in a message: the page that thanks them has Undo."""
    alert = AlertId(derived("alert", "C-1001"))
    path = links(settings(tmp_path, public_url="http://localhost"))(alert, "wrong_company")
    stranger = dashboard(world, tmp_path).test_client()
    done = stranger.post(path, headers=SAME_ORIGIN).get_data(as_text=True)
    undo = re.search(r'href="(/act/[^"]+)">Undo<', done)
    assert undo is not None
    assert "Undone" in stranger.post(undo[1], headers=SAME_ORIGIN).get_data(as_text=True)
    assert accounts_of(world, VISIT) == [("C-1001", None)]


def test_programs_correct_list_and_undo(world: Engine, client: FlaskClient, tmp_path: Path) -> None:
    """POST, GET and DELETE with the right scopes; mistakes are named."""
    before = snapshot(world)
    app = dashboard(world, tmp_path)
    with writing(world) as connection:
        both = keys.add(connection, "crm", ("corrections:admin", "read"), NOW)[1]
        reader = keys.add(connection, "reports", ("read",), NOW)[1]
    api, head = app.test_client(), {"Authorization": f"Bearer {both}"}
    body = {"verdict": "wrong", "account": "C-1001", "prefix": "203.0.113.0/28"}
    refused = api.post("/api/v1/corrections", json=body, headers={"Authorization": f"Bearer {reader}"})
    assert refused.status_code == 403
    done = api.post("/api/v1/corrections", json=body, headers=head)
    assert (done.status_code, done.json["moved"], done.json["for_all"]) == (201, 4, True)  # type: ignore[index]
    listed = api.get("/api/v1/corrections?limit=1", headers=head).json
    assert [each["by"] for each in listed["corrections"]] == ["api:crm"]  # type: ignore[index]
    for key in (done.json["id"],):  # type: ignore[index]
        assert api.delete(f"/api/v1/corrections/{key}", headers=head).status_code == 200
        assert api.delete(f"/api/v1/corrections/{key}", headers=head).status_code == 404
    assert snapshot(world) == before
    for wrong, status in (
        ({"verdict": "wrong"}, 400),
        (body | {"asn": 5}, 422),
        (body | {"verdict": "maybe"}, 422),
        (body | {"account": "nobody"}, 422),
        (body | {"prefix": "x"}, 422),
        (body | {"by": "admin@localhost"}, 400),
        ({"verdict": "wrong", "account": "C\x00", "visit": VISIT}, 422),
        ({"verdict": "wrong", "account": "C" * 101, "visit": VISIT}, 422),
    ):
        assert api.post("/api/v1/corrections", json=wrong, headers=head).status_code == status, wrong
    no_text = b'{"verdict": "wrong", "account": "\xff", "visit": "x"}'
    assert api.post("/api/v1/corrections", data=no_text, headers=head).status_code == 400
    assert api.get(f"/api/v1/corrections?limit={'1' * 5000}", headers=head).status_code == 422


def test_a_key_is_one_voice_whomever_it_names(world: Engine, tmp_path: Path) -> None:
    """A key can't speak as an admin or for all by naming one; what another said it can't take back; two keys can."""
    with writing(world) as connection:
        crm = keys.add(connection, "crm", ("corrections", "read"), NOW)[1]
        other = keys.add(connection, "desk", ("corrections",), NOW)[1]
    api = dashboard(world, tmp_path).test_client()
    mine, theirs = ({"Authorization": f"Bearer {key}"} for key in (crm, other))
    body = {"verdict": "wrong", "account": "C-1001", "prefix": "203.0.113.0/28", "on_behalf_of": "admin@localhost"}
    first = api.post("/api/v1/corrections", json=body, headers=mine).json
    assert (first["moved"], first["for_all"]) == (0, False)  # type: ignore[index]
    again = api.post("/api/v1/corrections", json=body | {"on_behalf_of": "bo@example.com"}, headers=mine).json
    assert (again["moved"], again["for_all"]) == (0, False)  # type: ignore[index]
    said = api.get("/api/v1/corrections", headers=mine).json["corrections"]  # type: ignore[index]
    assert {(each["by"], each["on_behalf_of"]) for each in said if each["by"] == "api:crm"} <= {
        ("api:crm", "admin@localhost"),
        ("api:crm", "bo@example.com"),
    }
    refused = api.delete(f"/api/v1/corrections/{first['id']}", headers=theirs)  # type: ignore[index]
    assert (refused.status_code, "only they or an admin" in refused.get_data(as_text=True)) == (403, True)
    second = api.post("/api/v1/corrections", json=body, headers=theirs).json
    assert (second["moved"], second["for_all"]) == (4, True)  # type: ignore[index]


def test_commands_correct_list_and_undo(world: Engine, shell_of: CliRunner) -> None:
    """`correct`, `corrections list --json`, `corrections undo`."""
    before = snapshot(world)
    said = shell_of.invoke(command.correct, ["wrong", "--account", "C-1001", "--prefix", "203.0.113.0/28"])
    assert "4 moved" in said.output, said.output
    listed = shell_of.invoke(command.listed, ["list", "--json"]).output.splitlines()
    newest = json.loads(listed[0])
    assert (newest["verdict"], newest["prefix"], newest["by"]) == ("wrong", "203.0.113.0/28", "command line")
    assert "4 visits are back" in shell_of.invoke(command.listed, ["undo", newest["id"]]).output
    assert snapshot(world) == before
    again = shell_of.invoke(command.listed, ["undo", newest["id"]])
    assert isinstance(again.exception, InputError)
    both = shell_of.invoke(command.correct, ["wrong", "--account", "C-1001", "--as", "5", "--prefix", "x"])
    assert isinstance(both.exception, InputError)


def test_visits_say_which_point_they_reach(world: Engine, shell_of: CliRunner) -> None:
    """Beside the confidence stands what it is good for; an account that is only a candidate isn't the account."""
    lines = [json.loads(line) for line in shell_of.invoke(listings.visits, ["--json"]).output.splitlines()]
    for line in lines:
        sure = line["confidence"] if line["account"] else None
        expected = None if sure is None or sure < 0.5 else "alert" if sure >= ALERT_POINT else "digest"
        assert line["point"] == expected
    assert {line["point"] for line in lines} >= {"alert", None}
    assert [line["candidates"] for line in lines if line["drop"] == "account_ambiguous"] == [["C-1001", "C-1004"]] * 2
