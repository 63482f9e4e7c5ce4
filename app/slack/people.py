"""Who a Slack user is: by e-mail address, as reps are known; and which workspace is ours."""

from __future__ import annotations

import logging
import ssl
import threading

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from core.clock import monotonic

REMEMBER_SECONDS = 3600.0

_silent = logging.getLogger("dormouse.slack_people")
_silent.disabled = True  # the library logs whole answers


def client(token: str, api_url: str, timeout: int = 10) -> WebClient:
    """Return a client of Slack's Web API that logs nothing and retries nothing."""
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=timeout,
        ssl=ssl.create_default_context() if api_url.startswith("https") else None,
        logger=_silent,
        retry_handlers=[],
    )


class UnansweredError(Exception):
    """Slack can't be asked now: it, or the network, fails."""


class People:
    """Asks Slack who its users are, and remembers it for an hour."""

    def __init__(self, token: str, api_url: str) -> None:
        self._client = client(token, api_url) if token else None
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}
        self._team = ""

    def team(self) -> str:
        """Return our workspace's id; empty where there is no bot token to ask with. Raises UnansweredError."""
        if self._client is not None and not self._team:
            try:
                self._team = str(self._client.auth_test().get("team_id") or "")
            except Exception as error:
                raise UnansweredError(type(error).__name__) from error
        return self._team

    def name(self, user: str, called: str) -> str:
        """Return a user's e-mail address, else `called` with the id, so that no name can pass for another's.

        Raises UnansweredError while Slack can't be asked; an unknown user is an answer.
        """
        stranger = f"{called or 'somebody'} (Slack {user})"
        if self._client is None:
            return stranger
        with self._lock:
            known = self._known.get(user)
        if known and known[1] > monotonic():
            return known[0] or stranger
        try:
            found = self._client.users_info(user=user)
        except SlackApiError as error:
            code = error.response.get("error") if hasattr(error.response, "get") else ""
            if code not in ("user_not_found", "user_not_visible", "missing_scope", "users_not_found"):
                raise UnansweredError(str(code)) from error
            email = ""
        except Exception as error:  # the network's errors look like those of files and databases
            raise UnansweredError(type(error).__name__) from error
        else:
            email = str(((found.get("user") or {}).get("profile") or {}).get("email") or "").strip().lower()
        with self._lock:
            self._known[user] = (email, monotonic() + REMEMBER_SECONDS)
        return email or stranger
