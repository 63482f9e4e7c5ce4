"""The API's door: a key with the right scope, no cookie, no other way in; errors are RFC 9457 problems."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pages import NOW, dashboard, logged_in
from sqlalchemy import Engine, select

from app.api import keys, store
from app.api.tables import api_keys
from app.cli.main import dormouse
from core import clock
from core.database import reading, writing

DOOR = "/api/v1/events"


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> FlaskClient:
    """A program without a browser's cookies."""
    return dashboard(engine, tmp_path).test_client()


def new_key(engine: Engine, *scopes: str, name: str = "shop") -> str:
    """Make a key and return its text."""
    with writing(engine) as connection:
        return keys.add(connection, name, scopes or ("events",), NOW)[1]


def bearer(text: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {text}"}


def test_a_call_without_a_key_is_told_how_to_send_one(client: FlaskClient) -> None:
    """401 with WWW-Authenticate, as a problem that names the command."""
    answer = client.post(DOOR, json={})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="dormouse"'
    assert "dormouse api-key add" in answer.get_json()["detail"]


def test_a_session_is_no_key(engine: Engine, tmp_path: Path) -> None:
    """A logged-in browser can't call the API by its cookie."""
    client = logged_in(dashboard(engine, tmp_path))
    assert client.post(DOOR, json={}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 401


def test_a_key_needs_no_same_origin(client: FlaskClient, engine: Engine) -> None:
    """The check of origins is for cookies; a program with a key has none."""
    headers = bearer(new_key(engine)) | {"Origin": "https://elsewhere.example"}
    assert client.post(DOOR, data=b"{", headers=headers).status_code == 400


def test_a_key_is_good_for_its_scopes_only(client: FlaskClient, engine: Engine) -> None:
    """403 names the scope that is missing."""
    answer = client.post(DOOR, json={}, headers=bearer(new_key(engine, "read", "corrections")))
    assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:dormouse:problem:wrong-scope")
    assert "--scope events" in answer.get_json()["detail"]


@pytest.mark.parametrize("pair", ["{key}:", "anybody:{key}"])
def test_a_key_comes_by_basic_too(client: FlaskClient, engine: Engine, pair: str) -> None:
    """As the user name, like Segment's libraries send it, or as the password."""
    text = base64.b64encode(pair.format(key=new_key(engine)).encode()).decode()
    assert client.post(DOOR, data=b"{", headers={"Authorization": f"Basic {text}"}).status_code == 400


@pytest.mark.parametrize("header", ["Basic !", "Basic w6k=", "Bearer", "Bearer dmk_wrong", "Digest x"])
def test_what_is_no_key_opens_nothing(client: FlaskClient, header: str) -> None:
    """Odd headers are refused, not failed on."""
    assert client.post(DOOR, json={}, headers={"Authorization": header}).status_code == 401


def test_only_the_hash_of_a_key_is_kept(engine: Engine) -> None:
    """No column holds the key."""
    text = new_key(engine)
    with reading(engine) as connection:
        row = connection.execute(select(api_keys)).one()
    assert text not in map(str, row)
    assert text.startswith(row.prefix) and len(row.prefix) < len(text) / 3


def test_use_is_written_down(client: FlaskClient, engine: Engine) -> None:
    """The list of keys can say which are unused."""
    client.post(DOOR, data=b"{", headers=bearer(new_key(engine)))
    with reading(engine) as connection:
        assert connection.execute(select(api_keys.c.last_used_at)).scalar_one() == NOW


def test_an_unknown_path_of_the_api_is_a_problem(client: FlaskClient) -> None:
    """Programs get no page, not for 404 nor for 405."""
    found = [client.get("/api/v1/nothing"), client.get(DOOR)]
    kind = "application/problem+json"
    assert [(one.status_code, one.content_type) for one in found] == [(404, kind), (405, kind)]


def test_keys_by_command(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made, listed, revoked; a revoked key opens nothing."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", engine.url.render_as_string())
    run = CliRunner()
    text = run.invoke(dormouse, ["api-key", "add", "shop backend"]).stdout.strip()
    client = dashboard(engine, tmp_path).test_client()
    assert client.post(DOOR, data=b"{", headers=bearer(text)).status_code == 400
    assert "shop backend\tevents\tmade" in run.invoke(dormouse, ["api-key", "list"]).stdout
    assert run.invoke(dormouse, ["api-key", "revoke", "shop backend"]).exit_code == 0
    assert client.post(DOOR, data=b"{", headers=bearer(text)).status_code == 401
    assert "revoked" in run.invoke(dormouse, ["api-key", "list"]).stdout


def test_what_became_of_events_is_told(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """`dormouse api-key events` counts what was taken and what wasn't, by reason."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", engine.url.render_as_string())
    with writing(engine) as connection:
        store.count_events(connection, clock.now().date(), {"accepted": 3})
        store.count_events(connection, clock.now().date(), {"accepted": 4, "unknown_account": 1})
    told = CliRunner().invoke(dormouse, ["api-key", "events"]).stdout
    assert told == "accepted\t7\nunknown_account\t1\n"


def test_a_name_is_used_once(engine: Engine) -> None:
    """Two keys in force never share a name: which one to revoke must be clear."""
    new_key(engine)
    with pytest.raises(Exception, match="there is a key 'shop' already"):
        new_key(engine)
