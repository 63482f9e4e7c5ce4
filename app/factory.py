"""Makes the dashboard: a Flask app with its pages, its security, and plain pages for errors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

from app import migrate, security
from app.api import events, problems
from app.auth import guard, login
from app.auth.backoff import Backoff
from app.dashboard import (
    accounts,
    acting,
    alerts,
    awake,
    deliveries,
    duplicates,
    filters,
    for_programs,
    importing,
    losses,
    making_links,
    messages,
    mine,
    networks,
    now,
    queries_health,
    review,
    rule_precision,
    rules,
    segments,
    setup,
    shadow,
    team,
    worth,
)
from app.shell import Shell, shell, user
from app.slack import doors as slack_doors
from core.clock import Clock
from core.database import reading
from core.ids import random_token
from core.log import logger
from core.settings import Settings

HERE = Path(__file__).parent
LARGEST_REQUEST = 1024 * 1024
"""Bytes of one request; the forms here are small."""

BLUEPRINTS: tuple[Blueprint, ...] = (
    login.pages,
    awake.pages,
    now.pages,
    accounts.pages,
    duplicates.pages,
    importing.pages,
    alerts.pages,
    deliveries.pages,
    messages.pages,
    review.pages,
    losses.pages,
    networks.pages,
    team.pages,
    shadow.pages,
    rule_precision.pages,
    rules.pages,
    segments.pages,
    setup.pages,
    acting.pages,
    mine.pages,
    making_links.pages,
    worth.pages,
    events.doors,
    for_programs.doors,
    slack_doors.doors,
)
"""All pages. More come by one line each; one named `demo`, at `/demo`, stands first in the menu while demo data is
loaded, and is where a login leads."""

MENU = (
    ("awake", "awake.awake", "Awake"),
    ("mine", "mine.mine", "My list"),
    ("now", "now.on_site", "On the site now"),
    ("accounts", "accounts.accounts", "Accounts"),
    ("alerts", "alerts.alerts", "Alerts"),
    ("review", "review.review", "Review"),
    ("losses", "losses.losses", "Where visits go"),
    ("networks", "networks.networks", "Networks"),
    ("team", "team.team", "Team"),
    ("rules", "rules.rules", "Rules"),
    ("setup", "setup.settings", "Settings"),
)

_log = logger("dashboard")


def create_app(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    *,
    more: tuple[Blueprint, ...] = (),
    schema_is_current: Callable[[Engine], bool] = migrate.is_current,
) -> Flask:
    """Return the dashboard for these settings; `more` adds pages, `schema_is_current` answers for `/readyz`."""
    app = Flask("app", root_path=str(HERE), static_folder="dashboard/static", static_url_path="/static")
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(HERE / "dashboard" / "templates"), FileSystemLoader(HERE / "auth" / "templates")]
    )
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SECRET_KEY=settings.secret or random_token(),
        SESSION_COOKIE_NAME="__Host-dormouse-said" if settings.public_url.startswith("https://") else "dormouse-said",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,
    )
    app.extensions["dormouse"] = Shell(settings=settings, engine=engine, clock=clock)
    app.extensions["login_backoff"] = Backoff()
    app.extensions["start_page"] = _start_page
    app.extensions["schema_is_current"] = schema_is_current
    security.guard(app)
    guard.guard(app)
    filters.install(app)
    for blueprint in (*BLUEPRINTS, *more):
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
    app.add_url_rule("/favicon.ico", view_func=favicon)
    app.context_processor(_for_all_pages)
    app.register_error_handler(HTTPException, _say_error)
    app.register_error_handler(Exception, _say_failure)
    return app


@guard.public
def healthz() -> Response:
    """Say that the process lives."""
    return Response("ok\n", content_type="text/plain")


@guard.public
def readyz() -> Response:
    """Say whether pages can be served: the database answers and its tables are the expected ones."""
    try:
        with reading(shell().engine) as connection:
            queries_health.is_reachable(connection)
        is_current = current_app.extensions["schema_is_current"](shell().engine)
    except Exception as error:
        _log.warning("not ready", error=type(error).__name__)
        return Response("the database does not answer\n", 503, content_type="text/plain")
    if not is_current:
        return Response("the database's tables are old: run `dormouse migrate`\n", 503, content_type="text/plain")
    return Response("ready\n", content_type="text/plain")


@guard.public
def favicon() -> Response:
    """Browsers ask for this name whatever the page says."""
    return current_app.send_static_file("dormouse.svg")


def _start_page() -> str:
    """Return where a login leads: to the demo while it is loaded, else to the awake accounts."""
    if "demo" in current_app.blueprints:
        with reading(shell().engine) as connection:
            if queries_health.has_demo(connection):
                return "/demo"
    return url_for("awake.awake")


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((HERE / "dashboard" / "static" / name).read_bytes()).hexdigest()[:12]


def _asset(name: str) -> str:
    """Return the address of a static file; a changed file has another one, so browsers may keep it for a year."""
    return url_for("static", filename=name, v=_fingerprint(name))


def _for_all_pages() -> dict[str, object]:
    if user() is None:
        return {"asset": _asset, "user": None, "menu": (), "has_demo": False, "has_demo_page": False}
    with reading(shell().engine) as connection:
        has_demo = queries_health.has_demo(connection)
    return {
        "asset": _asset,
        "user": user(),
        "menu": MENU,
        "open_questions": review.count_open(),
        "has_demo": has_demo,
        "has_demo_page": has_demo and "demo" in current_app.blueprints,
    }


NAMES = {
    400: "This can't be done",
    401: "Please log in",
    403: "Not done",
    404: "There is no such page",
    405: "This can't be done here",
    410: "This link has ended",
    413: "Too much at once",
    503: "Not now",
}
ADVICE = {
    404: "Check the address, or start again from the menu.",
    405: "Open the page from the menu and use its buttons.",
    413: "What was sent is larger than any form here. Send less.",
}


def _say_error(error: HTTPException) -> Response:
    code = error.code or 500
    own_words = error.description != type(error).description
    text = error.description if own_words else ADVICE.get(code, error.description)
    if code in (301, 302, 303, 307, 308):
        return make_response(error.get_response())
    if problems.is_api():
        return problems.of_http(
            error, "Another method is asked for: docs/api.md says which." if code == 405 else text or ""
        )
    return _error_page(code, NAMES.get(code, "Something is wrong"), text or "")


def _say_failure(error: Exception) -> Response:
    # not the path: in it may stand the token of a signed link
    _log.error("a page failed", page=request.endpoint, error=type(error).__name__, exc_info=error)
    text = "The page could not be made; what went wrong stands in the log. Try again, or run `dormouse doctor`."
    if problems.is_api():
        return problems.answer(500, "Send the same request again; what went wrong stands in the log.")
    return _error_page(500, "Something went wrong", text)


def _error_page(code: int, title: str, text: str) -> Response:
    if request.path.endswith(".json"):
        return make_response(current_app.json.response({"error": text}), code)
    try:
        body = render_template("error.html", code=code, title=title, text=text)
    except Exception:  # the database may be what failed: this page needs none
        body = f"{title}. {text}\n"
        return Response(body, code, content_type="text/plain; charset=utf-8")
    return make_response(body, code)
