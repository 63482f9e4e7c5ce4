"""Clicks as Slack sends them: signed requests, payloads of buttons and menus, and a Slack that knows its users."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from slack_stand_in import SlackStandIn

from alerts.buttons import Action, action_id, click_value
from app.slack.signature import signature

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # that of Slack's own documentation
TEAM = "T1"


class SlackWithPeople(SlackStandIn):
    """The stand-in, with users who have e-mail addresses and addresses for an answer to a clicker."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.people: dict[str, str] = {}
        self.replies: list[str] = []
        """What was said to clickers alone."""

    def __enter__(self) -> SlackWithPeople:
        super().__enter__()
        return self

    def member(self, email: str) -> str:
        """Return the id of the user with this address."""
        user = self._user(email)
        self.people[user] = email
        return user

    @property
    def response_url(self) -> str:
        return self.url.removesuffix("/api/") + "/actions/T1/respond"

    def answer(self, method: str, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        if method == "users.info":
            email = self.people.get(str(body.get("user")))
            if email is None:
                return {"ok": False, "error": "user_not_found"}
            return {"ok": True, "user": {"id": body["user"], "profile": {"email": email}}}
        if method.startswith("/actions/"):
            self.replies.append(str(body.get("text", "")))
            return {"ok": True}
        return super().answer(method, body, at)


def click(
    action: Action | str,
    subject: str,
    *,
    user: str = "U0ANNA",
    choice: str = "",
    at: str = "1763894400.000100",
    team: str = TEAM,
    name: str = "anna",
    response_url: str = "",
    menu: bool = False,
) -> dict[str, Any]:
    """The payload of a click; `menu` for one on an entry of a menu."""
    known = action_id(action) if action.isidentifier() else action  # type: ignore[arg-type]
    pressed: dict[str, Any] = {"action_id": known, "block_id": "b", "type": "button", "action_ts": at}
    if menu or choice:
        option = {"text": {"type": "plain_text", "text": "…"}, "value": click_value(subject, choice)}
        pressed |= {"type": "static_select", "selected_option": option}
    else:
        pressed["value"] = click_value(subject)
    return {
        "type": "block_actions",
        "team": {"id": team, "domain": "example"},
        "user": {"id": user, "username": name, "name": name, "team_id": team},
        "api_app_id": "A1",
        "token": "old and ignored",
        "container": {"type": "message", "message_ts": "1763894400.000001", "channel_id": "D1"},
        "trigger_id": "1.2.3",
        "channel": {"id": "D1", "name": "directmessage"},
        "message": {"type": "message", "text": "…", "blocks": []},
        "response_url": response_url,
        "actions": [pressed],
    }


def form(payload: Mapping[str, Any] | str) -> bytes:
    """A payload as the body of a request."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return urlencode({"payload": text}).encode()


def headers(body: bytes, now: datetime, *, secret: str = SIGNING_SECRET, stamp: str = "") -> dict[str, str]:
    """The headers with which Slack signs a body."""
    stamp = stamp or str(int(now.timestamp()))
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature(secret, stamp, body),
        "Content-Type": "application/x-www-form-urlencoded",
    }
