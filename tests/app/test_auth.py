"""Logging in: passwords, back-off, sessions, one-time links."""

from __future__ import annotations

import importlib.util
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import extract_parameters
from flask import Flask
from flask.testing import FlaskClient
from pages import NOW, SAME_ORIGIN, MovingClock, dashboard, logged_in
from sqlalchemy import Engine, func, select

from app.auth import passwords
from app.auth.backoff import FREE_TRIES, LONGEST_WAIT, Backoff
from app.auth.users import ensure_admin, login_link
from app.tables import audit, login_links, sessions, users
from core.database import reading, writing
from core.errors import InputError, UnavailableError


@pytest.fixture
def now() -> MovingClock:
    """A clock to move."""
    return MovingClock()


@pytest.fixture
def app(engine: Engine, tmp_path: Path, now: MovingClock) -> Flask:
    """The dashboard with nobody in it."""
    return dashboard(engine, tmp_path, now)


@pytest.fixture
def password(engine: Engine, app: Flask) -> str:
    """The first user's password."""
    with writing(engine) as connection:
        found = ensure_admin(connection, NOW)
    assert found
    return found


def try_in(client: FlaskClient, name: str, password: str, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login", data={"name": name, "password": password, **more}, headers=SAME_ORIGIN)


def test_first_password_is_made_once(engine: Engine, password: str) -> None:
    """The first password is random, made once, and only its hash is stored."""
    with writing(engine) as connection:
        assert ensure_admin(connection, NOW) is None
        row = connection.execute(select(users)).one()
    assert len(password) >= 16
    assert row.email == "admin@localhost"
    assert row.password_hash.startswith("$argon2id$")
    assert password not in row.password_hash


def test_log_in_and_out(engine: Engine, app: Flask, password: str) -> None:
    """With name and password one gets a session, which ends for good by logging out."""
    client = app.test_client()
    answer = try_in(client, "Admin@Localhost", password, next="/alerts")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/alerts")
    assert client.get("/alerts").status_code == 200
    cookie = client.get_cookie("dormouse")
    assert cookie is not None
    assert client.post("/logout", headers=SAME_ORIGIN).headers["Location"] == "/login"
    assert client.get("/alerts").status_code == 302
    client.set_cookie("dormouse", cookie.value)
    assert client.get("/alerts").status_code == 302
    with reading(engine) as connection:
        assert [row.what for row in connection.execute(select(audit).order_by(audit.c.at))] == ["login", "logout"]


def test_wrong_password_and_unknown_user_look_alike(app: Flask, password: str) -> None:
    """The answer does not tell whether a name exists."""
    client = app.test_client()
    wrong = try_in(client, "admin@localhost", "wrong")
    unknown = try_in(client, "somebody@localhost", "wrong")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.get_data().replace(b"admin@", b"somebody@") == unknown.get_data()


def test_unknown_user_costs_a_hash(monkeypatch: pytest.MonkeyPatch, app: Flask, password: str) -> None:
    """An unknown name is checked against a hash too, so the time does not tell either."""
    checked: list[str | None] = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda hash_, given: checked.append(hash_) or real(hash_, given))
    try_in(app.test_client(), "somebody@localhost", "wrong")
    assert checked == [None]
    assert passwords.matches(None, "") is False


def test_a_guess_costs_64_mebibytes() -> None:
    """In earnest, not as in these tests: a password's hash, and the one that an unknown name is checked against."""
    found = importlib.util.spec_from_file_location("passwords_in_earnest", passwords.__file__)
    assert found and found.loader
    earnest = importlib.util.module_from_spec(found)
    found.loader.exec_module(earnest)
    costs = [extract_parameters(text) for text in (earnest.hashed("a password"), earnest._NOBODY)]
    assert [(cost.memory_cost, cost.time_cost) for cost in costs] == [(65_536, 3)] * 2


def test_few_hashes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While as many checks run as may, the next one is refused after a while instead of taking memory."""
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(passwords, "_turns", threading.BoundedSemaphore(1))
    with passwords._Turn(), pytest.raises(UnavailableError):
        passwords.matches(None, "any")


def test_guessing_is_slowed_down(app: Flask, password: str, now: MovingClock) -> None:
    """After five failures even the right password must wait; then it works."""
    client = app.test_client()
    for _ in range(FREE_TRIES):
        assert try_in(client, "admin@localhost", "wrong").status_code == 401
    assert try_in(client, "admin@localhost", password).status_code == 429
    now.forward(seconds=3)
    assert try_in(client, "admin@localhost", password).status_code == 303


def test_backoff_doubles_up_to_a_limit() -> None:
    """Each failure over the free ones doubles the wait, up to 15 minutes; other addresses are not blocked."""
    backoff, waits = Backoff(), []
    for _ in range(FREE_TRIES + 12):
        backoff.failed("a", "192.0.2.1", NOW)
        waits.append(backoff.wait_seconds("a", "192.0.2.1", NOW))
    assert waits[: FREE_TRIES + 2] == [0, 0, 0, 0, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT.total_seconds()
    assert backoff.wait_seconds("a", "192.0.2.2", NOW) == 0
    assert backoff.wait_seconds("a", "192.0.2.1", NOW + timedelta(minutes=16)) == 0


def test_backoff_stops_trying_many_names_from_one_address() -> None:
    """An address that tries many names is slowed down as a whole."""
    backoff = Backoff()
    for number in range(60):
        backoff.failed(f"user{number}", "192.0.2.1", NOW)
    assert backoff.wait_seconds("another", "192.0.2.1", NOW) > 0


def test_session_ends_idle_and_absolute(engine: Engine, app: Flask, now: MovingClock) -> None:
    """A session ends after 8 idle hours, and after 7 days however busy it is."""
    client = logged_in(app)
    now.forward(hours=7, minutes=59)
    assert client.get("/").status_code == 200
    now.forward(hours=7, minutes=59)
    assert client.get("/").status_code == 200
    for _ in range(24):
        now.forward(hours=7)
        last = client.get("/").status_code
    assert last == 302
    client = logged_in(app)
    now.forward(hours=8, minutes=1)
    assert client.get("/").status_code == 302


def test_background_requests_keep_nobody_logged_in(app: Flask, now: MovingClock) -> None:
    """A forgotten screen that asks by itself every two seconds is logged out all the same."""
    client = logged_in(app)
    for _ in range(9):
        now.forward(hours=1)
        last = client.get("/?fragment=1").status_code
    assert last == 401


def test_session_id_is_new_at_each_login(engine: Engine, app: Flask, password: str) -> None:
    """Logging in ends the browser's old session and gives a new id; the database knows only its hash."""
    client = app.test_client()
    client.set_cookie("dormouse", "chosen-by-somebody-else")
    try_in(client, "admin@localhost", password)
    first = client.get_cookie("dormouse")
    try_in(client, "admin@localhost", password)
    second = client.get_cookie("dormouse")
    assert first is not None
    assert second is not None
    assert len({"chosen-by-somebody-else", first.value, second.value}) == 3
    with reading(engine) as connection:
        stored = connection.execute(select(sessions.c.id_hash)).scalars().all()
    assert len(stored) == 1
    assert second.value not in stored


def test_login_link_works_once(engine: Engine, app: Flask, password: str, now: MovingClock) -> None:
    """A login link logs in once, within 15 minutes; a browser that looks ahead does not use it up."""
    with writing(engine) as connection:
        token, late = login_link(connection, NOW), login_link(connection, NOW)
        assert connection.execute(select(func.count()).where(login_links.c.token_hash == token)).scalar() == 0
    client = app.test_client()
    assert client.head(f"/go/{token}").status_code == 204
    assert client.get(f"/go/{token}", headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
    assert client.get(f"/go/{token}").headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get(f"/go/{token}").status_code == 303, "who is logged in already is led on"
    assert app.test_client().get(f"/go/{token}").status_code == 410
    now.forward(minutes=16)
    assert app.test_client().get(f"/go/{late}").status_code == 410


def test_login_link_needs_a_user(engine: Engine) -> None:
    """There is no link for somebody unknown."""
    with writing(engine) as connection, pytest.raises(InputError):
        login_link(connection, NOW, "nobody@example.com")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_login_never_leads_elsewhere(app: Flask, password: str, target: str) -> None:
    """`next` leads only to pages of ours."""
    answer = try_in(app.test_client(), "admin@localhost", password, next=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_failures_are_counted_behind_a_proxy(engine: Engine, tmp_path: Path, password: str) -> None:
    """Behind a trusted proxy the visitor's own address counts; without one the header is only a claim."""
    from ipaddress import ip_network

    for trusted, codes in (((ip_network("127.0.0.0/8"),), [401, 401]), ((), [429, 429])):
        client = dashboard(engine, tmp_path, MovingClock(), trusted_proxies=trusted).test_client()
        for number in range(FREE_TRIES):
            headers = SAME_ORIGIN | {"X-Forwarded-For": f"198.51.100.{number}"}
            client.post("/login", data={"name": "a", "password": "b"}, headers=headers)
        found = [
            client.post(
                "/login", data={"name": "a", "password": "b"}, headers=SAME_ORIGIN | {"X-Forwarded-For": address}
            ).status_code
            for address in ("198.51.100.7", "198.51.100.8")
        ]
        assert found == codes


def test_a_line_with_many_addresses_is_slowed_down_as_one(app: Flask, password: str) -> None:
    """Of IPv6 the /64 counts: going on from the next address of the same line doesn't help; another line may try."""
    client = app.test_client()
    codes = [
        client.post(
            "/login",
            data={"name": "a", "password": "b"},
            headers=SAME_ORIGIN,
            environ_base={"REMOTE_ADDR": address},
        ).status_code
        for address in (*(f"2001:db8:0:1::{number}" for number in range(1, FREE_TRIES + 2)), "2001:db8:0:2::1")
    ]
    assert codes == [401] * FREE_TRIES + [429, 401]
