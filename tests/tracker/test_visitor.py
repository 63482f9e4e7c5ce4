"""The visitor's name: the same while the salt is the same, another on another day, site, address or browser."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain import SiteId
from tracker.visitor import masked_prefix, past_salt, plain_address, visitor_id

SITE = SiteId("example.com")
SALT = b"s" * 32


def test_same_salt_site_address_and_browser_name_the_same_visitor() -> None:
    """A visitor keeps the name while the salt lives."""
    assert visitor_id(SALT, SITE, "192.0.2.1", "Firefox") == visitor_id(SALT, SITE, "192.0.2.1", "Firefox")


def test_any_difference_names_another_visitor() -> None:
    """Salt, site, address and browser all count, and none can be shifted into its neighbour."""
    names = {
        visitor_id(SALT, SITE, "192.0.2.1", "Firefox"),
        visitor_id(b"t" * 32, SITE, "192.0.2.1", "Firefox"),
        visitor_id(SALT, SiteId("example.org"), "192.0.2.1", "Firefox"),
        visitor_id(SALT, SITE, "192.0.2.11", "Firefox"),
        visitor_id(SALT, SITE, "192.0.2.1", "1Firefox"),
    }
    assert len(names) == 5


def test_name_tells_neither_address_nor_browser() -> None:
    """The name is 32 hex digits, even for text that UTF-8 can't hold."""
    assert len(bytes.fromhex(visitor_id(SALT, SITE, "192.0.2.1", "\udcff"))) == 16


def test_past_salt_depends_on_secret_and_day() -> None:
    """An imported day has its own salt, the same on each import."""
    day = date(2026, 11, 20)
    assert past_salt("a", day) == past_salt("a", day)
    assert len({past_salt("a", day), past_salt("b", day), past_salt("a", date(2026, 11, 21))}) == 3


@pytest.mark.parametrize(
    ("ip", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("::ffff:198.51.100.9", "198.51.100.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("host.example.com", ""),
        ("", ""),
    ],
)
def test_masked_prefix(ip: str, prefix: str) -> None:
    """What stays of an address is its /24 or /48; what is no address leaves nothing."""
    assert masked_prefix(ip) == prefix


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.77", "192.0.2.77"),
        ("2001:0DB8::0001", "2001:db8::1"),
        ("::ffff:198.51.100.9", "198.51.100.9"),
        ("host.example.com", None),
        ("1", None),
    ],
)
def test_plain_address(text: str, address: str | None) -> None:
    """Addresses take one form; host names are none."""
    assert plain_address(text) == address
