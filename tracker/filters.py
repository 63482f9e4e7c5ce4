"""Decides at the edge why a hit is not followed further: privacy signal, prefetch, own staff, bot (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.domain import DropReason
from tracker.bots import judge_agent
from tracker.client_ip import IpNetwork, parse_address
from tracker.consent import has_privacy_signal

_PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_PREFETCH_VALUES = ("prefetch", "prerender", "preview")


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRequest:
    """What the edge knows about a request."""

    headers: Mapping[str, str]
    """Names in lower case."""
    ip: str
    user_agent: str
    webdriver: bool = False
    """The browser itself says that a program drives it."""
    privacy_signal: bool = False
    """The snippet says that the visitor's browser sends Global Privacy Control."""
    excluded_networks: tuple[IpNetwork, ...] = ()
    """Networks of our own staff."""


def privacy_signal(request: EdgeRequest) -> DropReason | None:
    """The visitor asked not to be followed."""
    asked = has_privacy_signal(request.headers, in_beacon=request.privacy_signal)
    return DropReason.PRIVACY_SIGNAL if asked else None


def prefetch(request: EdgeRequest) -> DropReason | None:
    """The browser fetched the page in advance; nobody has seen it."""
    for name in _PREFETCH_HEADERS:
        value = request.headers.get(name, "").lower()
        if value and any(word in value for word in _PREFETCH_VALUES):
            return DropReason.PREFETCH
    return None


def own_staff(request: EdgeRequest) -> DropReason | None:
    """The address lies in a network that the operator excluded."""
    if not request.excluded_networks:
        return None
    address = parse_address(request.ip)
    excluded = address is not None and any(address in network for network in request.excluded_networks)
    return DropReason.EXCLUDED if excluded else None


def bot(request: EdgeRequest) -> DropReason | None:
    """The agent is a program, by its own name."""
    return judge_agent(request.user_agent, webdriver=request.webdriver)[0]


FILTERS: tuple[Callable[[EdgeRequest], DropReason | None], ...] = (privacy_signal, prefetch, own_staff, bot)
"""Asked in this order: who asked for privacy isn't looked at any closer."""


def edge_drop(request: EdgeRequest) -> DropReason | None:
    """Return the first reason not to follow this hit, or None."""
    for judge in FILTERS:
        if (reason := judge(request)) is not None:
            return reason
    return None
