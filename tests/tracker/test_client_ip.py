"""Whose address a request comes from."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.client_ip import client_ip, is_forwarded, is_loopback

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("2001:db8:ffff::/48"))
NOBODY: tuple[()] = ()
XFF, FWD = "x-forwarded-for", "forwarded"

ROWS = [
    # peer, headers, trusted, client
    ("192.0.2.1", {}, NOBODY, "192.0.2.1"),
    ("192.0.2.1", {}, PROXIES, "192.0.2.1"),
    ("10.0.0.1", {}, PROXIES, "10.0.0.1"),
    ("", {}, PROXIES, ""),
    ("unix:", {XFF: "192.0.2.1"}, PROXIES, ""),
    # what a stranger claims
    ("192.0.2.1", {XFF: "198.51.100.9"}, NOBODY, "192.0.2.1"),
    ("192.0.2.1", {XFF: "198.51.100.9"}, PROXIES, "192.0.2.1"),
    ("192.0.2.1", {FWD: "for=198.51.100.9"}, PROXIES, "192.0.2.1"),
    ("192.0.2.1", {"x-real-ip": "198.51.100.9"}, PROXIES, "192.0.2.1"),
    ("10.0.0.1", {"x-real-ip": "198.51.100.9"}, PROXIES, "10.0.0.1"),
    # one proxy of ours
    ("10.0.0.1", {XFF: "198.51.100.9"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {XFF: "  198.51.100.9  "}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {XFF: "203.0.113.66, 198.51.100.9"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {XFF: "10.9.9.9, 198.51.100.9"}, PROXIES, "198.51.100.9"),
    ("127.0.0.1", {XFF: "2001:db8::7"}, PROXIES, "2001:db8::7"),
    # several
    ("10.0.0.1", {XFF: "198.51.100.9, 10.0.0.2"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {XFF: "203.0.113.66, 198.51.100.9, 10.0.0.3, 10.0.0.2"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {XFF: "198.51.100.9, 203.0.113.5, 10.0.0.2"}, PROXIES, "203.0.113.5"),
    ("10.0.0.1", {XFF: "10.0.0.3, 10.0.0.2"}, PROXIES, "10.0.0.3"),
    ("2001:db8:ffff::1", {XFF: "198.51.100.9, 2001:db8:ffff::2"}, PROXIES, "198.51.100.9"),
    # ports, brackets, zones, IPv4 in IPv6
    ("10.0.0.1", {XFF: "198.51.100.9:51234"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {XFF: "[2001:db8::7]:443"}, PROXIES, "2001:db8::7"),
    ("10.0.0.1", {XFF: "[2001:db8::7]"}, PROXIES, "2001:db8::7"),
    ("10.0.0.1", {XFF: "2001:DB8:0:0::7"}, PROXIES, "2001:db8::7"),
    ("10.0.0.1", {XFF: "::ffff:198.51.100.9"}, PROXIES, "198.51.100.9"),
    ("::ffff:10.0.0.1", {XFF: "198.51.100.9"}, PROXIES, "198.51.100.9"),
    ("::ffff:192.0.2.1", {XFF: "198.51.100.9"}, PROXIES, "192.0.2.1"),
    ("fe80::1%eth0", {}, PROXIES, "fe80::1"),
    # junk
    ("10.0.0.1", {XFF: "unknown"}, PROXIES, "10.0.0.1"),
    ("10.0.0.1", {XFF: "203.0.113.66, unknown"}, PROXIES, "10.0.0.1"),
    ("10.0.0.1", {XFF: "203.0.113.66, <script>, 10.0.0.2"}, PROXIES, "10.0.0.2"),
    ("10.0.0.1", {XFF: "198.51.100.9, , 10.0.0.2,"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {XFF: "198.51.100.256"}, PROXIES, "10.0.0.1"),
    ("10.0.0.1", {XFF: "1" * 5000}, PROXIES, "10.0.0.1"),
    ("10.0.0.1", {XFF: ",".join(["203.0.113.66"] * 5000 + ["198.51.100.9"])}, PROXIES, "198.51.100.9"),
    # Forwarded (RFC 7239)
    ("10.0.0.1", {FWD: "for=198.51.100.9"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {FWD: 'For="[2001:db8:cafe::17]:4711"'}, PROXIES, "2001:db8:cafe::17"),
    ("10.0.0.1", {FWD: "for=203.0.113.66, for=198.51.100.9;proto=https;by=10.0.0.2"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {FWD: 'for=198.51.100.9;host="a,b;for=203.0.113.66"'}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {FWD: "for=198.51.100.9, for=10.0.0.2"}, PROXIES, "198.51.100.9"),
    ("10.0.0.1", {FWD: "for=203.0.113.66, for=_hidden"}, PROXIES, "10.0.0.1"),
    ("10.0.0.1", {FWD: "for=203.0.113.66, proto=https"}, PROXIES, "10.0.0.1"),
    ("10.0.0.1", {XFF: "198.51.100.9", FWD: "for=203.0.113.66"}, PROXIES, "198.51.100.9"),
]


@pytest.mark.parametrize(("peer", "headers", "trusted", "client"), ROWS)
def test_the_client_is_the_first_hop_that_is_no_proxy_of_ours(
    peer: str, headers: dict[str, str], trusted: tuple[()], client: str
) -> None:
    """The chain is walked from our side; claims behind the first stranger don't count."""
    actual = client_ip(peer, headers, trusted)
    assert actual == client


@given(
    peer=st.sampled_from(["10.0.0.1", "192.0.2.1", "", "x"]),
    forwarded_for=st.text(max_size=200),
    forwarded=st.text(alphabet='for=";, \\[]:.0123456789abc', max_size=200),
)
def test_any_header_gives_an_address_or_nothing(peer: str, forwarded_for: str, forwarded: str) -> None:
    """Whatever stands in the headers, the result is a plain address or empty."""
    for headers in ({XFF: forwarded_for}, {FWD: forwarded}):
        actual = client_ip(peer, headers, PROXIES)
        assert actual == "" or str(ip_address(actual)) == actual


def test_forwarding_headers_and_loopback_are_recognised() -> None:
    """What protects the demo and the metrics: was this request passed on, and does it come from this machine?"""
    assert is_forwarded({"via": "1.1 proxy"})
    assert not is_forwarded({"host": "example.com"})
    assert [is_loopback(peer) for peer in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "192.0.2.1", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]
