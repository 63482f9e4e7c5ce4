"""What a stranger, another website or a hostile visitor can't do to the dashboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from pages import NOW, SAME_ORIGIN, dashboard, logged_in
from seed import seed
from sqlalchemy import Engine, select
from structlog.testing import capture_logs
from werkzeug.routing import Rule

from alerts.tables import feedback
from app.signed import LinkedAction, action_token
from core.database import reading
from core.domain import AlertId
from core.ids import derived

PUBLIC = {
    "/login",
    "/go/<token>",
    "/act/<token>",
    "/healthz",
    "/readyz",
    "/favicon.ico",
    "/static/<path:filename>",
}
SECRET = "only for tests"


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Flask:
    """The dashboard on the seeded world."""
    seed(engine, NOW)
    return dashboard(engine, tmp_path)


def address(app: Flask, rule: Rule) -> str:
    known = {"what": "visits", "code": "account_none", "account": "C-1001", "number": "1"}
    values = dict.fromkeys(rule.arguments, "x") | known
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, {key: values[key] for key in rule.arguments})


def test_every_page_needs_a_login(app: Flask) -> None:
    """Logged out, every route but the public ones leads to the login or says 401, and shows nothing."""
    client, asked = app.test_client(), 0
    for rule in app.url_map.iter_rules():
        if rule.rule in PUBLIC:
            continue
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}:
            answer = client.open(address(app, rule), method=method, headers=SAME_ORIGIN)
            assert answer.status_code in (302, 401), (rule, method)
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/login")
            assert b"Hartmann" not in answer.get_data()
            asked += 1
    assert asked >= 10
    assert client.get("/nowhere").status_code == 404


def test_login_leads_back(app: Flask) -> None:
    """Whoever is sent to the login comes back to the page that was asked for."""
    answer = app.test_client().get("/alerts?show=stuck")
    assert answer.headers["Location"] == "/login?next=/alerts?show%3Dstuck"


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
    {},
)


@pytest.mark.parametrize("headers", FOREIGN)
def test_unsafe_requests_of_other_sites_do_nothing(app: Flask, headers: dict[str, str]) -> None:
    """Every unsafe route refuses what another site caused, logged in or not; the API's and
    Slack's, which no cookie opens, ask for their key or signature."""
    unsafe = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or ())
        if method not in ("GET", "HEAD", "OPTIONS")
    ]
    assert len(unsafe) >= 4
    for client in (app.test_client(), logged_in(app)):
        for rule, method in unsafe:
            refusal = 401 if rule.rule.startswith(("/api/", "/slack/")) else 403
            assert client.open(address(app, rule), method=method, headers=headers).status_code == refusal, rule
    with reading(app.extensions["dormouse"].engine) as connection:
        assert len(connection.execute(select(feedback)).all()) == 1


@pytest.mark.parametrize("headers", [SAME_ORIGIN, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}])
def test_own_requests_pass(app: Flask, headers: dict[str, str]) -> None:
    """What our own pages cause is let through, by either header."""
    data = {"do": "claim", "id": derived("alert", "C-1001"), "back": "/"}
    assert logged_in(app).post("/act", data=data, headers=headers).status_code == 303


def test_headers(app: Flask) -> None:
    """Every answer carries the strict headers, errors and static files too; nothing is `unsafe-`."""
    client = logged_in(app)
    for path in ("/", "/login", "/nowhere", "/static/live.js", "/accounts/C-1001.json", "/healthz"):
        with client.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_https(engine: Engine, tmp_path: Path) -> None:
    """Under TLS the cookies are Secure with `__Host-`, and HSTS is sent."""
    app = dashboard(engine, tmp_path, public_url="https://dormouse.example.com")
    client = logged_in(app)
    assert client.get_cookie("__Host-dormouse") is not None
    answer = client.get("/", base_url="https://localhost")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_cookie_flags(app: Flask) -> None:
    """The session's cookie can't be read by scripts nor sent by other sites' forms."""
    client = logged_in(app)
    cookie = client.get_cookie("dormouse")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.domain) == (True, "Lax", "/", "localhost")
    client.post("/act", data={"do": "claim", "id": "x", "back": "/"}, headers=SAME_ORIGIN)
    said = client.get_cookie("dormouse-said")
    assert said is not None
    assert (said.http_only, said.same_site) == (True, "Lax")


def test_a_page_may_widen_its_policy_but_not_unsafely(engine: Engine, tmp_path: Path) -> None:
    """A blueprint may open a frame of ours; `unsafe-` words are refused, and other pages stay strict."""
    from flask import Blueprint

    from app import security

    demo = Blueprint("demo", __name__)

    @demo.get("/demo")
    def page() -> str:
        security.widen(frame_src="'self'", frame_ancestors="'self'")
        return "demo"

    @demo.get("/unsafe")
    def unsafe() -> str:
        with pytest.raises(ValueError, match="unsafe"):
            security.widen(script_src="'unsafe-inline'")
        return "refused"

    from app.factory import create_app
    from core import clock

    settings = dashboard(engine, tmp_path).extensions["dormouse"].settings
    app = create_app(settings, engine, clock.at(NOW), more=(demo,), schema_is_current=lambda _: True)
    client = logged_in(app)
    headers = client.get("/demo").headers
    assert "frame-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    assert client.get("/unsafe").get_data() == b"refused"
    assert "frame-src" not in client.get("/").headers["Content-Security-Policy"]


def test_large_requests_are_refused(app: Flask) -> None:
    """A request of more than a megabyte is refused."""
    data = {"name": "a" * 2_000_000, "password": "b"}
    assert app.test_client().post("/login", data=data, headers=SAME_ORIGIN).status_code == 413


def test_looking_at_a_signed_link_does_nothing(engine: Engine, app: Flask) -> None:
    """A signed link from a message asks first, works without a login when confirmed, and only as it was signed."""
    alert = derived("alert", "C-1001")
    token = action_token(SECRET, LinkedAction(alert=AlertId(alert), action="claim", by="anna.berg@example.com"))
    client = app.test_client()

    def given() -> list[str]:
        with reading(engine) as connection:
            return list(connection.execute(select(feedback.c.by).where(feedback.c.alert == alert)).scalars())

    page = client.get(f"/act/{token}")
    assert page.status_code == 200
    assert "Hartmann Pumpen" in page.get_data(as_text=True)
    assert given() == []
    assert client.post(f"/act/{token}").status_code == 403
    assert given() == []
    assert client.post(f"/act/{token}", headers=SAME_ORIGIN).status_code == 200
    assert given() == ["anna.berg@example.com"]
    assert client.get(f"/act/{token[:-2]}xx").status_code == 410
    assert client.get("/act/nonsense").status_code == 410


def test_buttons_know_only_their_acts(app: Flask) -> None:
    """An unknown button is refused; a strange id does nothing and says so."""
    client = logged_in(app)
    assert client.post("/act", data={"do": "__class__", "id": "x"}, headers=SAME_ORIGIN).status_code == 400
    answer = client.post("/act", data={"do": "claim", "id": "x' OR 1=1", "back": "//evil.example"}, headers=SAME_ORIGIN)
    assert answer.headers["Location"] == "/"
    assert "Nothing to do" in client.get("/").get_data(as_text=True)


def test_ready_says_what_is_missing(engine: Engine, tmp_path: Path) -> None:
    """`/readyz` says whether the tables are current and the database answers; `/healthz` only that we live."""
    from app.factory import create_app
    from core import clock
    from core.database import open_engine

    app = dashboard(engine, tmp_path)
    settings = app.extensions["dormouse"].settings
    assert app.test_client().get("/readyz").status_code == 200
    old = create_app(settings, engine, clock.at(NOW), schema_is_current=lambda _: False).test_client()
    assert (old.get("/readyz").status_code, old.get("/healthz").status_code) == (503, 200)
    assert "dormouse migrate" in old.get("/readyz").get_data(as_text=True)
    gone = open_engine("postgresql://nobody@127.0.0.1:1/none")
    lost = create_app(settings, gone, clock.at(NOW)).test_client()
    assert (lost.get("/readyz").status_code, lost.get("/healthz").status_code) == (503, 200)


def test_a_failing_page_tells_nothing_of_the_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a page fails, its reader learns what to do, not what went wrong where."""
    from app.dashboard import queries_alerts

    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(queries_alerts, "list_alerts", broken)
    answer = logged_in(app).get("/alerts")
    assert answer.status_code == 500
    assert b"the secret inside" not in answer.get_data()
    assert b"dormouse doctor" in answer.get_data()


def test_no_token_of_a_link_comes_into_the_log(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that fails is named in the log, the address that led to it isn't: in it stands the right to act."""
    from app import action_queries

    def broken(*_: object) -> None:
        raise RuntimeError("no database")

    token = action_token(SECRET, LinkedAction(alert=AlertId("A-1"), action="claim"))
    monkeypatch.setattr(action_queries, "account_of_alert", broken)
    with capture_logs() as lines:
        assert app.test_client().get(f"/act/{token}").status_code == 500
    assert ([line["page"] for line in lines], token in str(lines)) == (["acting.confirm"], False)


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://a.example/x", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("http://[", False),
    ],
)
def test_only_web_addresses_become_links(link: str, shown: bool) -> None:
    """Only http and https addresses may be linked."""
    from app.dashboard.filters import web_link

    assert bool(web_link(link)) is shown
