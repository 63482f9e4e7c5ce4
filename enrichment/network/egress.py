"""Recognises shared and anonymous ways out: SASE, VPN, proxy, Tor and relay services, and lists of prefixes (pure)."""

from __future__ import annotations

import bisect
import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from ipaddress import IPv4Address, IPv4Network

from core.domain import NetworkKind
from enrichment.network import words
from enrichment.network.opinion import Opinion

_SAY = {
    "sase": "a security service through which the people of many companies go out",
    "vpn": "a VPN service",
    "tor": "the Tor network",
    "proxy": "a proxy service",
    "relay": "a privacy relay",
}
_GENERAL = {"proxy": "proxy", "proxies": "proxy"}


@dataclass(frozen=True, slots=True)
class Service:
    """A service through which people go out under an address that isn't theirs."""

    kind: str
    """`sase`, `vpn`, `tor`, `proxy` or `relay`."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Services:
    numbers: Mapping[int, Service]
    domains: Mapping[str, Service]
    names: tuple[tuple[str, Service], ...]


@lru_cache(maxsize=1)
def _services() -> _Services:
    numbers: dict[int, Service] = {}
    domains: dict[str, Service] = {}
    names: list[tuple[str, Service]] = []
    text = files("enrichment.network").joinpath("lists", "egress.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        service = Service(row["kind"], row["service"])
        if row["what"] == "asn":
            numbers[int(row["value"])] = service
        elif row["what"] == "domain":
            domains[row["value"]] = service
        else:
            names.append((words.plain(row["value"]), service))
    return _Services(numbers=numbers, domains=domains, names=tuple(names))


def of_number(asn: int | None) -> Opinion | None:
    """Return what our list of services says of an AS number."""
    service = _services().numbers.get(asn) if asn is not None else None
    return _opinion(service, f"AS{asn} is {service.name}", 0.95) if service else None


def of_domain(domain: str | None) -> Opinion | None:
    """Return which service a domain, or a host under it, belongs to."""
    labels = domain.strip().lower().strip(".").split(".") if domain else []
    for start in range(len(labels) - 1):
        if service := _services().domains.get(".".join(labels[start:])):
            return _opinion(service, f"{domain} belongs to {service.name}", 0.95)
    return None


@lru_cache(maxsize=20_000)
def of_name(name: str) -> Opinion | None:
    """Return which service a name names; a word such as `proxy` is a service of no name."""
    text = words.plain(name)
    for piece, service in _services().names:
        if piece in text:
            return _opinion(service, f"{name} is {service.name}", 0.95)
    word = words.VPN.find(text)
    if word is None:
        return None
    kind = _GENERAL.get(word, "vpn")
    whole = words.around(word, text)
    return Opinion(NetworkKind.VPN, 0.9, f"“{whole}” in the name “{name}” points to {_SAY[kind]}", f"egress:{kind}")


def _opinion(service: Service, what: str, confidence: float) -> Opinion:
    return Opinion(NetworkKind.VPN, confidence, f"{what}, {_SAY[service.kind]}", f"egress:{service.kind}")


# Lists of prefixes


def of_range(first: int, last: int) -> Opinion | None:
    """Return what public lists say of a range of IPv4 addresses that lies wholly in one of their prefixes."""
    if _holds(_prefixes("x4b_vpn_ipv4.txt.gz"), first, last):
        return Opinion(NetworkKind.VPN, 0.9, "This range is on a public list of VPN networks", "egress:vpn")
    if _holds(_prefixes("x4b_datacenter_ipv4.txt.gz"), first, last):
        return Opinion(NetworkKind.HOSTING, 0.8, "This range is on a public list of data centres", "list:datacenter")
    return None


@lru_cache(maxsize=2)
def _prefixes(name: str) -> tuple[list[int], list[int]]:
    """Return the first and last addresses of the list's prefixes, those that touch joined, in order."""
    packed = files("enrichment.network").joinpath("lists", name).read_bytes()
    spans: list[tuple[int, int]] = []
    for line in gzip.decompress(packed).decode("ascii").splitlines():
        base, _, length = line.strip().partition("/")
        if base and base[0] != "#":
            first = int(IPv4Address(base))
            spans.append((first, first + (1 << (32 - int(length or "32"))) - 1))
    spans.sort()
    starts: list[int] = []
    ends: list[int] = []
    for first, last in spans:
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _holds(lists: tuple[list[int], list[int]], first: int, last: int) -> bool:
    starts, ends = lists
    place = bisect.bisect_right(starts, first) - 1
    return place >= 0 and last <= ends[place]


def span_of(text: str | None) -> tuple[int, int] | None:
    """Return first and last address of an IPv4 `CIDR`, `first-last` or single address as numbers."""
    if not text or ":" in text:
        return None
    try:
        if "-" in text:
            first, last = (int(IPv4Address(part.strip())) for part in text.split("-", 1))
            return first, last
        network = IPv4Network(text.strip(), strict=False)
    except ValueError:
        return None
    return int(network.network_address), int(network.broadcast_address)
