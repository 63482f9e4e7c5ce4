"""Finds whose address a request comes from, believing forwarding headers of trusted proxies only (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IpNetwork = IPv4Network | IPv6Network
IpAddress = IPv4Address | IPv6Address

FORWARDING_HEADERS = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "via")
"""Headers that show a proxy between the visitor and us."""

_MOST_HOPS = 64
_WITH_PORT = re.compile(r"^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$")
_BRACKETED = re.compile(r"^\[([^\[\]]+)\](?::\d{1,5})?$")
_FORWARDED_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))', re.IGNORECASE)
_OUTSIDE_QUOTES = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+')


@lru_cache(maxsize=8192)
def parse_address(text: str) -> IpAddress | None:
    """Return the address in `text` without port, brackets and zone, IPv4 inside IPv6 unwrapped; None for junk."""
    text = text.strip()
    if len(text) > 64:
        return None
    if found := _BRACKETED.match(text) or _WITH_PORT.match(text):
        text = found[1]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def client_ip(peer: str, headers: Mapping[str, str], trusted: tuple[IpNetwork, ...]) -> str:
    """Return the client's address as text, "" when even the peer has none.

    `peer` is the address of the connection, `headers` have lower-case names. The chain of proxies is walked from the
    right, the end that our own proxy wrote, for as long as each hop lies in a `trusted` network. The first other hop
    is the client; what stands left of it is only the client's own claim. A hop that is no address ends the walk too:
    the last hop that we could trust counts. `X-Forwarded-For` counts before `Forwarded`.
    """
    nearest = parse_address(peer)
    if nearest is None:
        return ""
    if not _trusted(nearest, trusted):
        return str(nearest)
    for hop in reversed(_hops(headers)):
        address = parse_address(hop)
        if address is None:
            break
        nearest = address
        if not _trusted(address, trusted):
            break
    return str(nearest)


def is_forwarded(headers: Mapping[str, str]) -> bool:
    """Tell whether any header says that a proxy passed this request on."""
    return any(headers.get(name) for name in FORWARDING_HEADERS)


def is_loopback(peer: str) -> bool:
    """Tell whether the connection comes from this machine."""
    address = parse_address(peer)
    return address is not None and address.is_loopback


def _trusted(address: IpAddress, trusted: tuple[IpNetwork, ...]) -> bool:
    return any(address in network for network in trusted)


def _hops(headers: Mapping[str, str]) -> list[str]:
    if listed := headers.get("x-forwarded-for", "").strip():
        return [hop for part in listed.split(",")[-_MOST_HOPS:] if (hop := part.strip())]
    elements = _OUTSIDE_QUOTES.findall(headers.get("forwarded", ""))[-_MOST_HOPS:]
    return [_forwarded_for(element) for element in elements if element.strip()]


def _forwarded_for(element: str) -> str:
    found = _FORWARDED_FOR.search(element.strip())
    return "" if found is None else found[1] or found[2] or ""
