"""What Slack's failures mean for us: wait, try again, ask first, change a setting, or give up.

An answer that we never saw whole may stand for a message that was posted, since `chat.postMessage` has no
idempotency key; such failures are ambiguous.
"""

from __future__ import annotations

import re
import socket
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from alerts.channels.protocol import MisconfiguredError
from core.errors import ChannelError

_CODE = re.compile(r"[a-z0-9_]{2,60}")
TOO_LONG = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_TRY_AGAIN = frozenset(
    {"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited"}
)
_MAYBE_DONE = frozenset({"internal_error", "fatal_error"})
_DESTINATION = {
    "channel_not_found": "There is no such channel for the app: check DORMOUSE_SLACK_CHANNEL, or invite the app to it",
    "not_in_channel": "The app isn't in the channel: invite it with /invite",
    "is_archived": "The channel is archived: set another DORMOUSE_SLACK_CHANNEL",
    "restricted_action": "The workspace doesn't let the app post there: ask its administrator",
    "restricted_action_read_only_channel": "The channel is read-only for the app: set another DORMOUSE_SLACK_CHANNEL",
}
_WORKSPACE = {
    "invalid_auth": "Slack refuses the token: set a valid DORMOUSE_SLACK_TOKEN",
    "not_authed": "Slack got no token: set DORMOUSE_SLACK_TOKEN",
    "token_revoked": "The Slack token was revoked: install the app again and set DORMOUSE_SLACK_TOKEN",
    "token_expired": "The Slack token has expired: set a new DORMOUSE_SLACK_TOKEN",
    "account_inactive": "The Slack app was removed from the workspace: install it again",
    "missing_scope": "The Slack app lacks a permission: add {needed} to its scopes and install it again",
    "not_allowed_token_type": "The Slack token is of the wrong kind: set the bot token (xoxb-…)",
}


def code_of(error: SlackApiError) -> str:
    """Return Slack's error code, or "" when the answer wasn't one of Slack's."""
    code = _field(error, "error")
    return code if _CODE.fullmatch(code) else ""


def from_answer(error: SlackApiError, method: str) -> ChannelError:
    """Return what an answer other than `ok: true` means."""
    status, code = int(getattr(error.response, "status_code", 0)), code_of(error)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return ChannelError(f"Slack asks us to wait ({method})", retry_after=_retry_after(error))
    if code in _DESTINATION:
        return MisconfiguredError(f"{_DESTINATION[code]} ({code})", whole_channel=False)
    if code in _WORKSPACE:
        advice = _WORKSPACE[code].replace("{needed}", _field(error, "needed") or "the missing one")
        return MisconfiguredError(f"{advice} ({code})", whole_channel=True)
    if code in _TRY_AGAIN:
        return ChannelError(f"Slack can't take it now ({method}: {code})")
    if status >= 500 or code in _MAYBE_DONE:
        return ChannelError(f"Slack failed ({method}: {code or status})", ambiguous=True)
    if not code:
        return ChannelError(f"Slack's answer to {method} (status {status}) can't be read", ambiguous=status < 400)
    return ChannelError(f"Slack refuses the message ({method}: {code})", permanent=True)


def from_failure(error: Exception, method: str) -> ChannelError:
    """Return what a failure without an answer means; only one before anything was sent is surely harmless."""
    if isinstance(error, URLError) and isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
        return ChannelError(f"Slack can't be reached ({method}): check DORMOUSE_SLACK_API_URL and the network")
    kind = type(error.reason if isinstance(error, URLError) else error).__name__
    if isinstance(error, SlackClientError):
        return ChannelError(f"The request to Slack can't be made ({method}: {kind})", permanent=True)
    return ChannelError(f"Slack didn't answer ({method}: {kind})", ambiguous=True)


def _retry_after(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    text = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    return min(3600.0, max(1.0, float(text))) if text.isdigit() else 30.0


def _field(error: SlackApiError, name: str) -> str:
    data = error.response.data if hasattr(error.response, "data") else error.response
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""
