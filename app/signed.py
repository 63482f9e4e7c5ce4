"""The signed tokens that the shell mints: links that act on an alert, and the demo's choice of visitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from alerts.buttons import Action
from alerts.channels.protocol import Links
from core.domain import AlertId
from core.signing import read, sign

if TYPE_CHECKING:
    from core.settings import Settings

LINK_SECONDS = 14 * 24 * 3600
"""A link in a message works for two weeks."""

DEMO_SITE = "demo.dormouse.example"
"""The demo shop's site; only there may a visitor choose who to be, and nothing said of it leaves the preview."""

DEMO_SECONDS = 300

OF_DEMO = "@dormouse.example"
"""How the addresses of the demo's people end."""


def is_of_demo(email: str) -> bool:
    """Return whether this is one of the demo's fictional reps: nobody outside the preview hears of them."""
    return email.strip().lower().endswith(OF_DEMO)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedAction:
    """What a signed link asks for."""

    alert: AlertId
    """The alert; in digests also the visit or the account that the action is about."""
    action: Action
    by: str = ""
    """On whose behalf; empty when the link may be anybody's."""
    choice: str = ""
    """What its button chose already, such as one of several accounts."""


def action_token(secret: str, action: LinkedAction) -> str:
    """Return the token of a link that opens a page to confirm the action."""
    chosen = [action.choice] if action.choice else []
    return sign(secret, "act", [action.alert, action.action, action.by, *chosen])


def read_action(secret: str, token: str) -> LinkedAction | None:
    """Return the action of a token minted here within two weeks, else None."""
    payload = read(secret, "act", token, LINK_SECONDS)
    if not isinstance(payload, list) or len(payload) not in (3, 4) or payload[1] not in get_args(Action):
        return None
    choice = str(payload[3]) if len(payload) == 4 else ""  # links without a choice look as they always did
    return LinkedAction(alert=AlertId(str(payload[0])), action=payload[1], by=str(payload[2]), choice=choice)


def demo_visitor_token(secret: str, ip: str, user_agent: str) -> str:
    """Return a token that lets the demo shop's visitor be somebody else for five minutes."""
    return sign(secret, "demo_visitor", [ip, user_agent])


def read_demo_visitor(secret: str, token: str) -> tuple[str, str] | None:
    """Return (address, user agent) of a demo token that is younger than five minutes, else None."""
    payload = read(secret, "demo_visitor", token, DEMO_SECONDS)
    if not isinstance(payload, list) or len(payload) != 2:
        return None
    return str(payload[0]), str(payload[1])


def links(settings: Settings) -> Links:
    """Return what gives the address behind each button of an alert."""

    def link(alert: AlertId, action: Action, choice: str = "", /) -> str:
        if action == "timeline":
            return f"{settings.public_url}/alerts/{alert}"
        if action == "crm":
            return f"{settings.public_url}/alerts/{alert}/crm" if settings.crm_url else ""
        token = action_token(settings.secret, LinkedAction(alert=alert, action=action, choice=choice))
        return f"{settings.public_url}/act/{token}"

    return link
