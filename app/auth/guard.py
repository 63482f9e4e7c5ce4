"""Lets nobody see a page without a session, unless the page says that it is public."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from app import security
from app.auth import store
from app.shell import now, shell, user
from core.database import reading, writing

P = ParamSpec("P")
R = TypeVar("R")

_public: set[object] = set()


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs no login."""
    _public.add(view)
    return view


def guard(app: Flask) -> None:
    """Make `app` ask for a login before every page that isn't public."""
    app.before_request(_load_session)


def cookie_name() -> str:
    """Return the session cookie's name; under TLS the browser itself enforces `__Host-`."""
    return "__Host-dormouse" if shell().is_https else "dormouse"


def set_cookie(response: AnyResponse, token: str) -> None:
    """Give the browser its session id."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(store.ABSOLUTE.total_seconds()),
        secure=shell().is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def is_background() -> bool:
    """Tell whether a script asked by itself: that doesn't keep a forgotten screen logged in."""
    return "fragment" in request.args


def _load_session() -> AnyResponse | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if (request.endpoint or "").split(".")[-1] == "static" or security.is_without_cookies():
        return None
    token = request.cookies.get(cookie_name())
    if token:
        with reading(shell().engine) as connection:
            found = store.session_user(connection, token, now())
        if found:
            g.user, seen_at = found
            if now() - seen_at > store.TOUCH_EVERY and not is_background():
                with writing(shell().engine) as connection:
                    store.touch_session(connection, token, now())
    if user() is not None or view is None or view in _public:
        return None
    return _ask_for_login()


def _ask_for_login() -> AnyResponse:
    wants_page = request.method == "GET" and not request.path.endswith(".json") and not is_background()
    if wants_page:
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?") if request.path != "/" else None))
    if request.path.endswith(".json"):
        return Response('{"error": "Log in first."}\n', 401, content_type="application/json")
    raise Unauthorized("Log in first, then do it again.")
