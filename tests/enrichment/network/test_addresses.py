"""Addresses are read whatever their dress, and those that say nothing are known."""

from __future__ import annotations

import pytest

from enrichment.network.addresses import addresses_in, neighbourhood, not_public, parse_address, parse_prefix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2002:c000:207::1", "192.0.2.7"),
        ("64:ff9b::c000:207", "192.0.2.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_address_is_read_in_every_dress(text: str, expected: str) -> None:
    """A v4-mapped, 6to4 or NAT64 address is the IPv4 address inside it."""
    assert str(parse_address(text)) == expected


@pytest.mark.parametrize("text", ["", "example.com", "192.0.2.256", "192.0.2", "-", "::g"])
def test_text_that_is_no_address_is_none(text: str) -> None:
    """What isn't an address is None, not an exception."""
    assert parse_address(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("10.1.2.3", "private"),
        ("192.168.0.1", "private"),
        ("fd00::1", "private"),
        ("127.0.0.1", "own"),
        ("::1", "own"),
        ("169.254.1.1", "cable"),
        ("100.64.0.1", "shares"),
        ("224.0.0.1", "many receivers"),
        ("240.0.0.1", "private"),
        ("192.0.2.1", "examples"),
        ("2001:db8::1", "examples"),
    ],
)
def test_addresses_that_say_nothing_are_known(text: str, word: str) -> None:
    """Private, shared, local and example addresses say why nobody can be found behind them."""
    address = parse_address(text)
    assert address is not None
    assert word in (not_public(address) or "")


@pytest.mark.parametrize("text", ["9.9.9.9", "2620:fe::fe"])
def test_public_addresses_are_not_special(text: str) -> None:
    """A public address is left to the sources."""
    address = parse_address(text)
    assert address is not None
    assert not_public(address) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("192.0.2.77/24", "192.0.2.0/24"),
        ("192.0.2.0-192.0.2.15", "192.0.2.0/28"),
        ("192.0.2.0 - 192.0.2.12", "192.0.2.0/28"),
        ("2001:db8::/48", "2001:db8::/48"),
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.9-192.0.2.1", "None"),
        ("192.0.2.0-2001:db8::", "None"),
        ("nowhere", "None"),
    ],
)
def test_prefix_is_read_from_cidr_or_range(text: str, expected: str) -> None:
    """A range becomes the smallest network that holds it."""
    assert str(parse_prefix(text)) == expected


def test_size_of_a_range_is_counted_exactly() -> None:
    """A range that isn't a power of two keeps its own size."""
    assert (addresses_in("192.0.2.0-192.0.2.11"), addresses_in("192.0.2.0/28"), addresses_in("x")) == (12, 16, None)


def test_neighbourhood_is_a_24_or_48() -> None:
    """Where no source names a network, the /24 or /48 around the address stands for it."""
    v4, v6 = parse_address("192.0.2.7"), parse_address("2001:db8:1:2::3")
    assert v4 is not None
    assert v6 is not None
    assert (str(neighbourhood(v4)), str(neighbourhood(v6))) == ("192.0.2.0/24", "2001:db8:1::/48")
