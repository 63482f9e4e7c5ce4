"""Host names: forward-confirmed or not, never with the address in them, and nobody waits long."""

from __future__ import annotations

import time

import pytest
from dns_stand_in import DnsStandIn

from core.errors import InputError
from enrichment.account.domains import registrable
from enrichment.network.addresses import parse_address
from enrichment.network.remote.hosts import HostKind, is_host_name, read_host, without_address
from enrichment.network.remote.rdns import HostAnswer, RdnsClient, split_server
from enrichment.network.remote.transport import CallError, NoRecordError

NAMES = {
    "192.0.2.10": ["vpn.hartmann.example"],
    "192.0.2.11": ["mail.somebody-else.example"],
    "192.0.2.12": ["dsl-192-0-2-12.dynamic.carrier.example"],
    "2001:db8::1": ["gate.hartmann.example"],
    "192.0.2.13": ["a.example", "wan.hartmann.example"],
}
ADDRESSES = {
    "vpn.hartmann.example": ["192.0.2.10"],
    "mail.somebody-else.example": ["198.51.100.1"],
    "dsl-192-0-2-12.dynamic.carrier.example": ["192.0.2.12"],
    "gate.hartmann.example": ["2001:db8::1"],
    "wan.hartmann.example": ["192.0.2.13"],
}


def client(dns: DnsStandIn, seconds: float = 1.0) -> RdnsClient:
    return RdnsClient(dns.server, registrable, seconds=seconds)


def test_a_name_that_leads_back_is_confirmed() -> None:
    """Whoever holds the domain says that the address is theirs, so its domain counts."""
    with DnsStandIn(NAMES, ADDRESSES) as dns:
        assert client(dns).ask("192.0.2.10") == HostAnswer(
            host="vpn.hartmann.example", confirmed=True, kind=HostKind.BUSINESS, domain="hartmann.example"
        )
        assert client(dns).ask("2001:db8::1").confirmed


def test_anybody_can_claim_a_name_so_an_unconfirmed_one_gives_no_domain() -> None:
    """A PTR record that says somebody else's name is kept as unconfirmed, without a domain."""
    with DnsStandIn(NAMES, ADDRESSES) as dns:
        answer = client(dns).ask("192.0.2.11")
    assert (answer.host, answer.confirmed, answer.domain) == ("mail.somebody-else.example", False, None)


def test_a_pools_name_is_kept_without_the_address_in_it() -> None:
    """A carrier spells the address in the host name; what is kept for a month doesn't."""
    with DnsStandIn(NAMES, ADDRESSES) as dns:
        answer = client(dns).ask("192.0.2.12")
    assert answer == HostAnswer(
        host="dsl-0-0-0-0.dynamic.carrier.example", confirmed=True, kind=HostKind.POOL, domain=None
    )


def test_of_several_names_the_confirmed_one_counts() -> None:
    """The first name that leads back is taken."""
    with DnsStandIn(NAMES, ADDRESSES) as dns:
        assert client(dns).ask("192.0.2.13").host == "wan.hartmann.example"


def test_no_name_isn_t_a_failure() -> None:
    """Most addresses have none."""
    with DnsStandIn(NAMES, ADDRESSES) as dns, pytest.raises(NoRecordError):
        client(dns).ask("192.0.2.99")


@pytest.mark.parametrize("fault", ["silent", "servfail", "garbage"])
def test_a_broken_server_costs_its_time_limit_and_no_more(fault: str) -> None:
    """Silence, failures and garbage end as an error within the limit."""
    with DnsStandIn(NAMES, ADDRESSES) as dns:
        dns.fault(fault, times=20)  # type: ignore[arg-type]
        began = time.monotonic()
        with pytest.raises(CallError):
            client(dns, seconds=0.4).ask("192.0.2.10")
        assert time.monotonic() - began < 1.5


def test_an_odd_name_is_no_name() -> None:
    """Bytes that no host name has are not passed on."""
    with DnsStandIn(NAMES, ADDRESSES) as dns:
        dns.fault("odd_name")
        with pytest.raises(NoRecordError):
            client(dns).ask("192.0.2.10")


@pytest.mark.parametrize(
    ("host", "ip", "kind"),
    [
        ("pool-192-0-2-5.city.carrier.example", "192.0.2.5", HostKind.POOL),
        ("c0000205.carrier.example", "192.0.2.5", HostKind.POOL),
        ("5.2.0.192.carrier.example", "192.0.2.5", HostKind.POOL),
        ("static.5.2.carrier.example", "192.0.2.5", HostKind.POOL),
        ("ppp12345.dialup.carrier.example", "192.0.2.5", HostKind.POOL),
        ("cable-7.carrier.example", "192.0.2.5", HostKind.POOL),
        ("mail.hartmann.example", "192.0.2.5", HostKind.BUSINESS),
        ("fw1.muc.hartmann.example", "192.0.2.5", HostKind.BUSINESS),
        ("proxy2.hartmann.example", "192.0.2.5", HostKind.BUSINESS),
        ("ec2-192-0-2-5.compute.cloud.example", "192.0.2.5", HostKind.HOSTING),
        ("vps1234.hoster.example", "192.0.2.5", HostKind.HOSTING),
        ("2001-db8-1-2--5.carrier.example", "2001:db8:1:2::5", HostKind.POOL),
    ],
)
def test_what_a_host_name_says(host: str, ip: str, kind: HostKind) -> None:
    """Pools spell addresses or say so, offices name their machines, data centres their products."""
    address = parse_address(ip)
    assert address is not None
    assert read_host(host, address) is kind


@pytest.mark.parametrize("text", ["localhost", "a b.example.com", "1.2.3.4", "x" * 300 + ".com", "<b>.example.com", ""])
def test_what_is_no_host_name(text: str) -> None:
    """Anybody can put anything into a PTR record."""
    assert not is_host_name(text)


def test_a_name_without_the_address_stays_as_it_is() -> None:
    """Numbers that aren't the address's stay: `mail2` is `mail2`."""
    address = parse_address("192.0.2.5")
    assert address is not None
    assert without_address("mail2.hartmann.example", address) == "mail2.hartmann.example"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
    ],
)
def test_how_a_server_is_named(text: str, server: tuple[str, int]) -> None:
    """Both versions, with and without a port."""
    assert split_server(text) == server


def test_a_server_that_is_no_address_is_refused() -> None:
    """The error says what to give."""
    with pytest.raises(InputError, match=r"192\.0\.2\.53"):
        split_server("dns.example.com")
