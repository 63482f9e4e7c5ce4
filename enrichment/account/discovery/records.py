"""What registries say, as types: an organisation, and a range of addresses (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, summarize_address_range

from enrichment.network.addresses import Prefix, parse_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An organisation object of a registry."""

    handle: str
    name: str
    country: str = ""
    """ISO code, upper case; empty where the registry has none."""
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A range of addresses as a registry has it."""

    first: str
    last: str
    """The last address; for a range given as a prefix, empty and `first` is the prefix."""
    registry: str
    netname: str = ""
    descr: tuple[str, ...] = ()
    """The registry's description, line by line: often the customer's name, then its street."""
    org: str = ""
    """The handle of the organisation that holds it."""
    owner: str = ""
    """The organisation's name, where the source gives it with the range."""
    country: str = ""
    status: str = ""
    domain: str = ""


def prefixes_of(found: Range) -> tuple[Prefix, ...]:
    """Return the range as CIDR prefixes; none when it isn't a range of addresses."""
    try:
        if not found.last:
            prefix = parse_prefix(found.first)
            return (prefix,) if prefix else ()
        low, high = ip_address(found.first), ip_address(found.last)
        if low.version != high.version or int(low) > int(high):
            return ()
        return tuple(summarize_address_range(low, high))
    except (ValueError, TypeError):
        return ()
