"""A payload of Slack's → the click in it (pure). Nothing of it is trusted but that Slack sent it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

import msgspec

from alerts.buttons import LINKS, Action, read_action_id, read_click_value
from core.ids import derived

_MOST = 200
"""Characters of an id, a name or a choice; the longest of ours has 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody pressed a button or chose from its menu."""

    id: str
    """Derived from what Slack says of the click, so that the same click is one however often it arrives."""
    team: str
    user: str
    """The Slack user's id."""
    user_name: str
    action: Action
    subject: str
    choice: str = ""
    response_url: str = ""
    """Where a word to the clicker goes; works for half an hour, and anybody who has it can use it."""


class _Team(msgspec.Struct):
    id: str = ""


class _User(msgspec.Struct):
    id: str = ""
    username: str = ""
    name: str = ""
    team_id: str = ""


class _Option(msgspec.Struct):
    value: str = ""


class _Action(msgspec.Struct):
    action_id: str = ""
    action_ts: str = ""
    value: str = ""
    selected_option: _Option | None = None


class _Payload(msgspec.Struct):
    type: str = ""
    user: _User = msgspec.field(default_factory=_User)
    team: _Team | None = None
    actions: list[_Action] = msgspec.field(default_factory=list)
    response_url: str = ""


class Envelope(msgspec.Struct):
    """What the Events API sends; only the handshake means anything to us."""

    type: str = ""
    challenge: str = ""


_payload = msgspec.json.Decoder(_Payload)
_envelope = msgspec.json.Decoder(Envelope)


def of_form(body: bytes) -> str:
    """Return the JSON in a form's field `payload`; empty when there is none, as in Slack's `ssl_check`."""
    try:
        found = parse_qs(body.decode(), max_num_fields=20)
    except ValueError:
        return ""
    return found.get("payload", [""])[-1]


def clicks(payload: str | bytes) -> tuple[Click, ...]:
    """Return the clicks in a payload; those on links, on other apps' buttons and on anything odd are left out."""
    try:
        found = _payload.decode(payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ()
    if found.type != "block_actions":
        return ()
    made = [_click(found, each) for each in found.actions[:10]]
    return tuple(each for each in made if each is not None)


def challenge(body: bytes) -> str:
    """Return the word that Slack's first request to a new address wants back; empty for any other request."""
    try:
        found = _envelope.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    return found.challenge[:_MOST] if found.type == "url_verification" else ""


def _click(payload: _Payload, pressed: _Action) -> Click | None:
    action = read_action_id(pressed.action_id)
    value = pressed.selected_option.value if pressed.selected_option else pressed.value
    subject, choice = read_click_value(value)
    odd = max(map(len, (subject, choice, payload.user.id, pressed.action_ts))) > _MOST
    if action is None or action in LINKS or not subject or not payload.user.id or odd or "\0" in value:
        return None
    team = (payload.team.id if payload.team else "") or payload.user.team_id
    return Click(
        id=derived("click", team, payload.user.id, pressed.action_ts, action, subject, choice),
        team=team[:_MOST],
        user=payload.user.id,
        user_name=(payload.user.username or payload.user.name)[:_MOST].replace("\0", ""),
        action=action,
        subject=subject,
        choice=choice,
        response_url=payload.response_url[:500].replace("\0", ""),
    )
