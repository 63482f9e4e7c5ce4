"""Socket Mode: clicks over a connection that we open are kept, then acknowledged, once, and survive a broken line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from line_world import NOON
from slack_clicks import SlackWithPeople, click
from slack_socket import SlackSocket
from sqlalchemy import Engine, select

from app.slack import keeping
from app.slack.listening import Listening
from app.slack.tables import slack_clicks
from core.clock import at
from core.database import reading

pytestmark = pytest.mark.slow  # the library looks every few seconds only


class SlackWithSocket(SlackWithPeople):
    """The stand-in, with Socket Mode."""

    def __init__(self, socket: SlackSocket) -> None:
        super().__init__()
        self.socket = socket

    def answer(self, method: str, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        if method == "apps.connections.open":
            return {"ok": True, "url": self.socket.url}
        return super().answer(method, body, at)


@pytest.fixture
def socket() -> Iterator[SlackSocket]:
    found = SlackSocket()
    yield found
    found.close()


def within(seconds: float, is_so: Callable[[], object]) -> bool:
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    return bool(is_so())


def kept(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(slack_clicks.c.action).order_by(slack_clicks.c.action)).scalars())


def test_clicks_come_by_socket_mode_and_once(engine: Engine, socket: SlackSocket) -> None:
    """Acknowledged within a second; the same envelope again is the same click; odd ones are acknowledged, too."""
    with SlackWithSocket(socket) as slack:
        listening = Listening(engine, "xapp-test", slack.url, at(NOON), ping_seconds=1.0)
        try:
            assert listening.start() and listening.start()
            assert within(3, lambda: socket.handshakes == 1)
            sent = time.monotonic()
            socket.send(click("claim", "A-1"), "e1")
            socket.send(click("claim", "A-1"), "e2")
            socket.send({"type": "block_actions", "actions": 7}, "e3")
            assert socket.wait(3)
            assert sorted(each for each, _ in socket.acknowledged) == ["e1", "e2", "e3"]
            assert max(when for _, when in socket.acknowledged) - sent < 1.0
            assert within(3, lambda: kept(engine) == ["claim"])
        finally:
            listening.close()


def test_what_isnt_kept_in_time_isnt_acknowledged(
    engine: Engine, socket: SlackSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clicker sees that it failed; it is kept once the database answers."""
    free, real = threading.Event(), keeping.keep

    def busy(*given: Any) -> int:
        free.wait(5)
        return real(*given)

    monkeypatch.setattr(keeping, "keep", busy)
    monkeypatch.setattr(keeping, "WAIT_SECONDS", 0.05)
    with SlackWithSocket(socket) as slack:
        listening = Listening(engine, "xapp-test", slack.url, at(NOON), ping_seconds=1.0)
        try:
            assert listening.start() and within(3, lambda: socket.handshakes == 1)
            socket.send(click("claim", "A-1"), "e1")
            time.sleep(0.5)
            assert (kept(engine), socket.acknowledged) == ([], [])
            free.set()
            assert within(3, lambda: kept(engine) == ["claim"])
            assert socket.acknowledged == []
        finally:
            free.set()
            listening.close()


def test_a_broken_line_is_opened_again(engine: Engine, socket: SlackSocket) -> None:
    """By itself: clicks go on arriving."""
    with SlackWithSocket(socket) as slack:
        listening = Listening(engine, "xapp-test", slack.url, at(NOON), ping_seconds=0.3)
        try:
            assert listening.start()
            assert within(3, lambda: socket.handshakes == 1)
            socket.hang_up()
            assert within(10, lambda: socket.handshakes >= 2)
            socket.send(click("won", "A-1"), "e1")
            assert socket.wait(1)
            assert within(3, lambda: kept(engine) == ["won"])
        finally:
            listening.close()


def test_a_refused_token_is_no_end(engine: Engine, socket: SlackSocket) -> None:
    """Slack says no: it says so, and the worker tries again later."""
    with SlackWithSocket(socket) as slack:
        slack.fault("apps.connections.open", "refused", code="invalid_auth")
        listening = Listening(engine, "xapp-test", slack.url, at(NOON))
        try:
            assert listening.start() is False
            assert listening.start() is True
        finally:
            listening.close()
