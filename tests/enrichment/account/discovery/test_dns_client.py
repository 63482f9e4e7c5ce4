"""The client for the DNS: records as text, and nothing where there is no answer, soon; against a real server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from dns_stand_in import DnsStandIn, FaultKind

from enrichment.account.discovery.dns_client import DnsClient
from enrichment.account.discovery.dns_trail import Record


@pytest.fixture
def server() -> Iterator[DnsStandIn]:
    """The DNS of one firm."""
    others = {
        ("example.com", "MX"): ["10 Mail.Example.COM.", "20 backup.example.net."],
        ("example.com", "TXT"): ['"v=spf1 ip4:192.0.2.0/28 " "include:_spf.example.net -all"', '"caf\\195\\169 \\255"'],
    }
    addresses = {"example.com": ["192.0.2.10", "2001:db8::10"], "mail.example.com": ["192.0.2.25"]}
    with DnsStandIn(addresses=addresses, others=others) as running:
        yield running


def client(server: DnsStandIn) -> DnsClient:
    """A client that asks the stand-in and waits briefly."""
    host, _, port = server.server.partition(":")
    return DnsClient(host, int(port), timeout=0.2, total=0.4)


@pytest.mark.parametrize(
    ("kind", "records"),
    [
        ("A", ["192.0.2.10"]),
        ("AAAA", ["2001:db8::10"]),
        ("MX", ["mail.example.com", "backup.example.net"]),
        ("TXT", ["v=spf1 ip4:192.0.2.0/28 include:_spf.example.net -all", "café \ufffd"]),
    ],
)
def test_records_are_plain_text(server: DnsStandIn, kind: Record, records: list[str]) -> None:
    """Hosts in lower case without the final dot or a preference; the pieces of a text joined, odd bytes marked."""
    assert sorted(client(server).records("example.com", kind)) == sorted(records)


def test_what_does_not_exist_is_empty(server: DnsStandIn) -> None:
    """No such name, no record of the kind, and a text that is no name at all."""
    asked = client(server)
    assert list(asked.records("nobody.example.org", "A")) == []
    assert list(asked.records("mail.example.com", "MX")) == []
    assert list(asked.records("a" * 64 + ".example.com", "A")) == []
    assert list(asked.records("two..dots", "A")) == []


@pytest.mark.parametrize("fault", ["silent", "servfail", "garbage"])
def test_a_server_that_fails_costs_a_moment(server: DnsStandIn, fault: FaultKind) -> None:
    """Nobody answers, can't, or answers nonsense: no records within the time allowed, and the next question works."""
    asked = client(server)
    server.fault(fault, times=20)
    started = time.monotonic()
    assert list(asked.records("example.com", "A")) == []
    assert time.monotonic() - started < 3.0
    server._faults.clear()
    assert list(asked.records("example.com", "A")) == ["192.0.2.10"]


def test_the_same_question_is_asked_once(server: DnsStandIn) -> None:
    """Accounts share mail providers: an answer is kept."""
    asked = client(server)
    for _ in range(3):
        asked.records("example.com", "MX")
    assert server.log == [("example.com", "MX")]


def test_a_name_is_not_completed(server: DnsStandIn) -> None:
    """A firm's domain is asked as it is, never below the domain of the machine that asks."""
    client(server).records("nobody.example.org", "A")
    assert {name for name, _ in server.log} == {"nobody.example.org"}
