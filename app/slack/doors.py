"""The two addresses that Slack calls: clicks, and the handshake of the Events API.

A request is answered within three seconds whatever the database does: 200 once its click is kept, 503 when that takes
too long.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from app.auth import guard
from app.security import without_cookies
from app.shell import now, shell
from app.slack.keeping import kept_in_time
from app.slack.reading import challenge, clicks, of_form
from app.slack.signature import Seen, is_slacks
from core.log import logger

LARGEST = 512 * 1024
"""Bytes of a request; Slack sends the message along, which has at most about 50 KB."""

doors = Blueprint("slack", __name__, url_prefix="/slack")

_log = logger("slack.doors")


@doors.post("/interactivity")
@guard.public
def interactivity() -> Response:
    """Take a click; 401 unless it is Slack's and new, 503 while it can't be kept, else 200, also for what means nothing
    to us."""
    body = _body()
    if body is None:
        return _refused()
    found = clicks(of_form(body))
    if found and not kept_in_time(shell().engine, found, now(), shell().settings.slack_api_url):
        return Response("The database is busy.\n", status=503, mimetype="text/plain")
    return Response(status=200)


@doors.post("/events")
@guard.public
def events() -> Response:
    """Answer the handshake of the Events API; other events mean nothing to us yet."""
    body = _body()
    if body is None:
        return _refused()
    return Response(challenge(body), status=200, mimetype="text/plain")


without_cookies(interactivity)
without_cookies(events)


def _body() -> bytes | None:
    """The raw body, None unless Slack signed it for us, now, and for the first time."""
    stamps, signatures = (
        request.headers.getlist("X-Slack-Request-Timestamp"),
        request.headers.getlist("X-Slack-Signature"),
    )
    if len(stamps) != 1 or len(signatures) != 1 or (request.content_length or 0) > LARGEST:
        return None
    try:
        body = request.get_data(cache=False)
    except (HTTPException, OSError):
        return None
    if len(body) > LARGEST or not is_slacks(
        shell().settings.slack_signing_secret, stamps[0], signatures[0], body, now()
    ):
        return None
    if _seen().again(signatures[0], now()):
        _log.warning("a request of Slack's came twice; the second one is refused")
        return None
    return body


def _seen() -> Seen:
    seen = current_app.extensions.setdefault("slack_seen", Seen())
    assert isinstance(seen, Seen)
    return seen


def _refused() -> Response:
    return Response("This request isn't Slack's, or it is too old.\n", status=401, mimetype="text/plain")
