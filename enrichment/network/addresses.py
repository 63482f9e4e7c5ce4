"""Reads an address as text and says what kind of address it is (pure)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Prefix = IPv4Network | IPv6Network

_NAT64 = int(IPv6Address("64:ff9b::")) >> 32
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_SHARED = IPv4Network("100.64.0.0/10")
_DOCUMENTATION: tuple[Prefix, ...] = (
    IPv4Network("192.0.2.0/24"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),
)


def parse_address(text: str) -> Address | None:
    """Return the address that `text` means, or None when it isn't one.

    An IPv4 address dressed as IPv6 (v4-mapped, 6to4, NAT64's well-known prefix) comes back as the IPv4 address inside,
    because that is the one whose network is known. A zone such as `%eth0` is left out.
    """
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and int(address) >> 32 == _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address


def parse_prefix(text: str) -> Prefix | None:
    """Return the network in CIDR form, or `first-last` where that is one network; None when it is neither."""
    text = text.strip()
    try:
        if "-" in text:
            return _of_range(text)
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _of_range(text: str) -> Prefix | None:
    first, _, last = (part.strip() for part in text.partition("-"))
    low, high = ip_address(first), ip_address(last)
    size = int(high) - int(low) + 1
    if low.version != high.version or size < 1:
        return None
    # The smallest network that holds the whole range: registries assign ranges that aren't powers of two.
    length = low.max_prefixlen - (int(low) ^ int(high)).bit_length()
    return ip_network((int(low) if low.version == 4 else low, length), strict=False)


@lru_cache(maxsize=20_000)
def addresses_in(text: str) -> int | None:
    """Return how many addresses a CIDR prefix or a `first-last` range holds; None when it is neither."""
    text = text.strip()
    try:
        if "-" in text:
            first, _, last = text.partition("-")
            low, high = ip_address(first.strip()), ip_address(last.strip())
            size = int(high) - int(low) + 1
            return size if low.version == high.version and size > 0 else None
        return ip_network(text, strict=False).num_addresses
    except ValueError:
        return None


def is_documentation(address: Address) -> bool:
    """Say whether the address is in a range kept for examples (RFC 5737, 3849, 9637)."""
    return any(address.version == prefix.version and address in prefix for prefix in _DOCUMENTATION)


def not_public(address: Address) -> str | None:
    """Return why this address says nothing about who is behind it, as a sentence; None for a public address."""
    if is_documentation(address):
        return "The address is from a range kept for examples"
    if address.is_loopback:
        return "The address is this computer's own"
    if address.is_link_local:
        return "The address is valid only on one cable"
    if address.is_multicast:
        return "The address is for many receivers at once, no visitor can have it"
    if address.version == 4 and address in _SHARED:
        return "The address is one that a carrier shares among its customers"
    if address.is_private or (address.version == 6 and address in _NAT64_LOCAL):
        return "The address is private: a proxy in front of the website hides the visitor's own"
    if address.is_reserved or address.is_unspecified:
        return "The address isn't in use on the internet"
    return None


def neighbourhood(address: Address) -> Prefix:
    """Return the /24 or /48 around the address: the network to speak of when no source names one."""
    return prefix_at(address, 24 if address.version == 4 else 48)


def prefix_at(address: Address, length: int) -> Prefix:
    """Return the network of `length` bits around the address."""
    keep = address.max_prefixlen - length
    base = int(address) >> keep << keep
    return IPv4Network((base, length)) if address.version == 4 else IPv6Network((base, length))


def kept_prefix(text: str) -> str:
    """Return the prefix as it may be kept: one of a few addresses (over /29, /56) is widened to /24 or /48.

    A prefix of one address is that address, which has a clock of its own.
    """
    prefix = parse_prefix(text)
    if prefix is None:
        return text
    narrow, wide = (29, 24) if prefix.version == 4 else (56, 48)
    return str(prefix.supernet(new_prefix=wide)) if prefix.prefixlen > narrow else text
