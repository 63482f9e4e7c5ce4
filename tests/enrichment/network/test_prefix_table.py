"""The table of prefixes that declared and discovered networks are found in."""

from __future__ import annotations

import random
from ipaddress import IPv4Network, ip_address, ip_network

import pytest

from enrichment.network.prefix_table import PrefixTable


@pytest.mark.parametrize(
    ("ip", "rows"),
    [
        ("192.0.2.77", ["half", "half again"]),
        ("192.0.2.200", ["whole"]),
        ("198.51.100.1", []),
        ("2001:db8::1", ["six"]),
        ("::ffff:c000:24d", []),
    ],
)
def test_the_longest_prefix_wins(ip: str, rows: list[str]) -> None:
    """All rows of the longest prefix around an address come, in their order; versions of IP stay apart."""
    stated = [
        ("192.0.2.0/24", "whole"),
        ("192.0.2.0/25", "half"),
        ("192.0.2.0/25", "half again"),
        ("2001:db8::/32", "six"),
    ]
    table = PrefixTable((ip_network(prefix), row) for prefix, row in stated)
    assert list(table.around(ip)) == rows


def test_it_says_what_a_search_of_all_says() -> None:
    """For 500 addresses the table finds what a look at every prefix finds."""
    draw = random.Random(5)
    prefixes = {
        IPv4Network((0xC6336400 + draw.randrange(256), draw.randrange(24, 33)), strict=False) for _ in range(60)
    }
    table = PrefixTable((prefix, prefix) for prefix in prefixes)
    for _ in range(500):
        address = ip_address(0xC6336400 + draw.randrange(256))
        around = [prefix for prefix in prefixes if address in prefix]
        expected = [max(around, key=lambda prefix: prefix.prefixlen)] if around else []
        assert list(table.around(str(address))) == expected


def test_a_table_of_nothing_finds_nothing() -> None:
    """Without prefixes no address is read."""
    assert list(PrefixTable[str]([]).around("not an address")) == []
