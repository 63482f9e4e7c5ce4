"""The pages to log in and out, and the one-time login link."""

from __future__ import annotations

from ipaddress import ip_network

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import audit
from app.auth import guard, passwords, store
from app.auth.backoff import Backoff
from app.shell import User, now, shell, user
from core.database import reading, writing
from core.errors import UnavailableError
from tracker.client_ip import client_ip

pages = Blueprint("auth", __name__)

WRONG = "This name and password don't belong together. Check both and try again."


def safe_next(target: str | None) -> str:
    """Return `target` if it is a path of ours, else the start page: a login never leads to another site."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return home()


def home() -> str:
    """Return where people start: the demo while it is loaded, else the awake accounts."""
    return str(current_app.extensions["start_page"]())


def client_address() -> str:
    """Return whose address this is, for counting failures: forwarded ones only from a trusted proxy.

    Of an IPv6 address the /64 counts: whoever has one address there has them all.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    address = client_ip(request.remote_addr or "", headers, shell().settings.trusted_proxies)
    return str(ip_network((address, 64), strict=False)) if ":" in address else address


@pages.get("/login")
@guard.public
def login() -> str | Response:
    """Show the form."""
    if user() is not None:
        return redirect(safe_next(request.args.get("next")))
    return render_template("login.html", next=request.args.get("next", ""), mistake="", name="")


@pages.post("/login")
@guard.public
def log_in() -> str | Response | tuple[str, int]:
    """Check name and password; the answer to an unknown name and to a wrong password is the same."""
    name, password = request.form.get("name", "")[:254], request.form.get("password", "")[:1000]
    backoff: Backoff = current_app.extensions["login_backoff"]
    wait = backoff.wait_seconds(name, client_address(), now())
    if wait:
        return _again(f"Too many failed tries. Wait {wait} seconds, then try again.", name, 429)
    with reading(shell().engine) as connection:
        found = store.find_user(connection, name)
    try:
        right = passwords.matches(found[1] if found else None, password)
    except UnavailableError as error:
        return _again(str(error), name, 503)
    if found is None or not right:
        backoff.failed(name, client_address(), now())
        return _again(WRONG, name, 401)
    backoff.succeeded(name, client_address())
    return start_session(found[0], "login", safe_next(request.form.get("next")))


def _again(mistake: str, name: str, status: int) -> tuple[str, int]:
    return render_template("login.html", next=request.form.get("next", ""), mistake=mistake, name=name), status


def start_session(who: User, how: str, target: str) -> Response:
    """Open a new session (ending the browser's old one) and lead on to `target`."""
    with writing(shell().engine) as connection:
        if old := request.cookies.get(guard.cookie_name()):
            store.close_session(connection, old)
        token = store.open_session(connection, who, now())
        audit.record(connection, who.email, how, "", now())
    response = redirect(target, 303)
    guard.set_cookie(response, token)
    return response


@pages.get("/go/<token>")
@guard.public
def go(token: str) -> Response | tuple[str, int]:
    """Log in by a one-time link; a browser that only looks ahead doesn't use it up."""
    looks_ahead = "prefetch" in (request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", ""))
    if request.method == "HEAD" or looks_ahead:
        return "", 204
    with writing(shell().engine) as connection:
        found = store.use_link(connection, token, now())
    if found is not None:
        return start_session(found, "login by link", home())
    if user() is not None:
        return redirect(home(), 303)
    return abort(
        410, "This login link was used already or is older than 15 minutes. Log in with your password, or restart."
    )


@pages.post("/logout")
def logout() -> Response:
    """End the session."""
    with writing(shell().engine) as connection:
        if token := request.cookies.get(guard.cookie_name()):
            store.close_session(connection, token)
        if (who := user()) is not None:
            audit.record(connection, who.email, "logout", "", now())
    response = redirect(url_for("auth.login"), 303)
    response.delete_cookie(guard.cookie_name(), path="/", secure=shell().is_https, httponly=True, samesite="Lax")
    return response
