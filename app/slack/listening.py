"""Socket Mode: clicks come over a connection that we open, so buttons work without a public URL."""

from __future__ import annotations

import logging
import ssl

import msgspec
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from sqlalchemy import Engine

from app.slack.keeping import kept_in_time
from app.slack.reading import clicks
from core.clock import Clock
from core.log import logger

_log = logger("slack.socket")
_silent = logging.getLogger("dormouse.slack_socket")
_silent.disabled = True  # the library logs the connection's address, which is a secret


class Listening:
    """Slack's Socket Mode, in threads of its own; it reconnects by itself."""

    def __init__(
        self, engine: Engine, app_token: str, api_url: str, clock: Clock, *, ping_seconds: float = 10.0
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._api_url = api_url
        context = ssl.create_default_context() if api_url.startswith("https") else None
        web = WebClient(token=app_token, base_url=api_url, timeout=10, ssl=context, logger=_silent, retry_handlers=[])
        self._client = SocketModeClient(
            app_token=app_token, web_client=web, logger=_silent, ping_interval=ping_seconds, concurrency=4
        )
        self._client.socket_mode_request_listeners.append(self._heard)

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands."""
        return self._client.is_connected()

    def start(self) -> bool:
        """Connect; False when Slack can't be reached or refuses. Call it again then; once connected it does nothing."""
        if self._client.is_connected():
            return True
        try:
            self._client.connect_to_new_endpoint(force=True)
        except Exception as error:
            _log.warning("Socket Mode can't connect", why=type(error).__name__)
            return False
        return self._client.is_connected()

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _heard(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        found = clicks(msgspec.json.encode(request.payload)) if request.type == "interactive" else ()
        if found and not kept_in_time(self._engine, found, self._clock(), self._api_url):
            return  # unanswered, so its clicker sees that it failed
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
