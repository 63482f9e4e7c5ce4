"""Keeps a click before Slack gets its answer, and says whether that could be done in time.

Slack waits for three seconds and asks once. A click that can't be kept in time isn't acknowledged: its clicker sees
that it failed and may press again, and it is kept all the same as soon as the database answers. Acts may be pressed
twice without harm, so nothing is lost and nothing is told that isn't so.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from datetime import datetime
from functools import cache

from sqlalchemy import Engine

from app.slack import store
from app.slack.reading import Click
from app.slack.replies import reply
from core.database import writing
from core.log import logger

WAIT_SECONDS = 2.0
"""How long we wait for a click to be kept; Slack waits for three seconds."""

NOT_KEPT = "Not noted: the database was busy for too long. Press the button again."

_log = logger("slack.keeping")


def keep(engine: Engine, clicks: Iterable[Click], now: datetime) -> int:
    """Keep clicks; return how many are new."""
    with writing(engine) as connection:
        return sum(store.keep(connection, click, now) for click in clicks)


def kept_in_time(engine: Engine, found: tuple[Click, ...], now: datetime, api_url: str) -> bool:
    """Keep the clicks beside and wait for it, but not for long; False when they aren't kept (yet).

    What takes longer goes on by itself; what fails is said to the clicker.
    """

    def told(future: Future[int]) -> None:
        if error := future.exception():
            _log.error("a click can't be kept", why=type(error).__name__)
            reply(found[0].response_url, NOT_KEPT, api_url)

    future = _beside().submit(keep, engine, found, now)
    future.add_done_callback(told)
    try:
        future.result(timeout=WAIT_SECONDS)
    except TooLong:
        _log.warning("the database is busy; the click is kept beside, and not acknowledged")
        return False
    except Exception:  # told beside
        return False
    return True


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="slack-clicks")
