"""Reads host names: an access provider's pool, a server in a data centre, or a machine of a company's own (pure)."""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import IPv6Address

from enrichment.network.addresses import Address


class HostKind(StrEnum):
    """What a host name says about who is behind it."""

    POOL = "isp-pool"
    BUSINESS = "business"
    HOSTING = "hosting"
    UNCLEAR = "unclear"


_POOL_WORDS = re.compile(
    r"(?:^|[.\-_\d])(?:a?dsl|vdsl|sdsl|xdsl|dial(?:up|in)?|ppp(?:oe|oa)?|dyn(?:amic)?|dynip|dhcp|pool|pools|cable"
    r"|cust(?:omer)?s?|client|clients|subs?(?:criber)?|broadband|bb|res(?:idential)?|home|user|users|mobile|gprs|lte|4g|5g|wireless"
    r"|wimax|ftth|fttx|fttp|fiber|fibre|gpon|catv|hsd|hfc|cpe|isdn|modem|slip|annex\d*|port|tty|umts|wifi|nat|cgn|cgnat|pat|ip|ipv6|host"
    r"|static|unassigned|rev|reverse|in-addr)(?=$|[.\-_\d])",
    re.IGNORECASE,
)
_HOSTING_WORDS = re.compile(
    r"(?:^|[.\-_\d])(?:vps|vds|vserver|dedicated|dedi|colo|cloud|compute|instance|ec2|droplet|hosting"
    r"|hosted|node|vm|kvm|xen|your-server|clients?\.your|rackspace|googleusercontent|amazonaws|cloudapp|linode|ovh"
    r"|contabo|hetzner|leaseweb|poneytelecom|scaleway|crawl(?:er)?|spider|exit|tor)(?=$|[.\-_\d])",
    re.IGNORECASE,
)
_OFFICE_WORDS = re.compile(
    r"^(?:mail\d*|mx\d*|smtp\d*|exchange|owa|webmail|vpn\d*|ssl-?vpn|remote|gw\d*|gate(?:way)?\d*|fw\d*|firewall\d*"
    r"|proxy\d*|nat\d*|office\d*|hq|corp|router\d*|rt\d*|asa\d*|sophos|fortigate|ns\d*|dns\d*|www\d*|ftp|citrix|rdp|wan\d*|out"
    r"|outbound|relay\d*|egress|internet|inet|edge\d*|webproxy\d*|squid)(?:[-.\d]|$)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+")


def read_host(host: str, address: Address) -> HostKind:
    """Say what a host name is, by rules that hold for any carrier: an address in the name is a pool's."""
    name = host.rstrip(".").lower()
    own = ".".join(name.split(".")[:-2])  # what stands before the domain itself, roughly
    spells = has_address(name, address)
    if not spells and _OFFICE_WORDS.match(name):
        return HostKind.BUSINESS
    if _HOSTING_WORDS.search(name):
        return HostKind.HOSTING
    if spells:
        return HostKind.POOL
    if _POOL_WORDS.search(own):
        return HostKind.POOL
    digits = sum(len(found) for found in _NUMBERS.findall(own))
    if digits >= 4:
        return HostKind.POOL
    return HostKind.BUSINESS if own else HostKind.UNCLEAR


def is_host_name(text: str) -> bool:
    """Say whether text can be a host name in the public DNS: anybody may answer anything."""
    name = text.rstrip(".")
    labels = name.split(".")
    return 4 <= len(name) <= 253 and len(labels) > 1 and all(map(_LABEL.match, labels)) and not labels[-1].isdigit()


def has_address(host: str, address: Address) -> bool:
    """Say whether the name spells the address, or most of it, in decimal or hexadecimal."""
    return _spelled(host, address) is not None


def without_address(host: str, address: Address) -> str:
    """Return the name with `0` for the numbers of its first labels where they spell the address: that isn't kept."""
    if not has_address(host, address):
        return host
    labels = host.split(".")
    kept = 2 if len(labels) > 2 else len(labels)
    first = [re.sub(r"[0-9a-f]*\d[0-9a-f]*", "0", label) for label in labels[:-kept]]
    return ".".join((*first, *labels[-kept:]))


def _spelled(host: str, address: Address) -> str | None:
    if isinstance(address, IPv6Address):
        groups = [group for group in address.exploded.split(":") if group != "0000"]
        squeezed = re.sub(r"[^0-9a-f]", "", host.lower())
        short = [group.lstrip("0") for group in groups]
        found = sum(
            group in squeezed or few in re.split(r"[^0-9a-f]+", host.lower())
            for group, few in zip(groups, short, strict=True)
        )
        return host if len(groups) > 1 and found >= min(3, len(groups)) else None
    parts = str(address).split(".")
    numbers = [found.lstrip("0") or "0" for found in _NUMBERS.findall(host)]
    joined = "".join(f"{int(part):03d}" for part in parts)
    hexadecimal = "".join(f"{int(part):02x}" for part in parts)
    if joined in host or hexadecimal in host.lower() or str(int(address)) in host:
        return host
    matched = sum(part in numbers for part in parts[-2:])
    return host if matched == 2 or (len(numbers) > 1 and sum(part in numbers for part in parts) >= 3) else None
