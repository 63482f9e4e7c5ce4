"""The two addresses that Slack calls: clicks, and the handshake of the Events API.

A request is answered within three seconds whatever the database does: the click is kept beside, and we wait for that
only so long.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from functools import cache

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

from app.auth import guard
from app.security import without_cookies
from app.shell import now, shell
from app.slack.clicks import keep
from app.slack.reading import Click, challenge, clicks, of_form
from app.slack.replies import reply
from app.slack.signature import Seen, is_slacks
from core.log import logger

WAIT_SECONDS = 2.0
"""How long a request waits for its click to be kept; Slack waits for three seconds."""

LARGEST = 512 * 1024
"""Bytes of a request; Slack sends the message along, which has at most about 50 KB."""

NOT_KEPT = "Not noted: the database was busy for too long. Press the button again."

doors = Blueprint("slack", __name__, url_prefix="/slack")

_log = logger("slack.doors")


@doors.post("/interactivity")
@guard.public
def interactivity() -> Response:
    """Take a click; 401 unless it is Slack's and new, else 200 at once, also for what means nothing to us."""
    body = _body()
    if body is None:
        return _refused()
    found = clicks(of_form(body))
    if found:
        _keep(found)
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


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="slack-clicks")


def _keep(found: tuple[Click, ...]) -> None:
    """Keep the clicks beside; wait for it, but not for long. It goes on by itself, and says so when it fails."""
    engine, api_url, moment = shell().engine, shell().settings.slack_api_url, now()

    def work(engine: Engine = engine) -> int:
        return keep(engine, found, moment)

    def told(future: Future[int]) -> None:
        if error := future.exception():
            _log.error("a click can't be kept", why=type(error).__name__)
            reply(found[0].response_url, NOT_KEPT, api_url)

    future = _beside().submit(work)
    future.add_done_callback(told)
    try:
        future.result(timeout=WAIT_SECONDS)
    except TooLong:
        _log.warning("the database is busy; the click is kept beside")
    except Exception:  # told above
        return
