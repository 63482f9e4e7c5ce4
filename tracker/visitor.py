"""Names a visitor by a salted hash that can't be followed past the day (pure)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from core.domain import SiteId, VisitorId

SALT_BYTES = 32


def visitor_id(salt: bytes, site: SiteId, ip: str, user_agent: str) -> VisitorId:
    """Return who this is on this site while `salt` lives: 32 hex digits, useless once the salt is gone."""
    named = "\x1f".join((site, ip, user_agent)).encode("utf-8", "replace")
    return VisitorId(hashlib.blake2b(named, key=salt, digest_size=16).hexdigest())


def past_salt(site_secret: str, day: date) -> bytes:
    """Return the salt of a past UTC day of an imported log: the same file names the same visitors again."""
    return hmac.new(site_secret.encode(), day.isoformat().encode(), hashlib.sha256).digest()


def plain_address(text: str) -> str | None:
    """Return the address in its shortest form (IPv4 out of `::ffff:…`, no zone), or None if `text` isn't one."""
    address = _address(text)
    return None if address is None else str(address)


@lru_cache(maxsize=10_000)
def masked_prefix(ip: str) -> str:
    """Return the /24 (IPv4) or /48 (IPv6) around an address in CIDR form, or "" if `ip` is no address."""
    address = _address(ip)
    if address is None:
        return ""
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
