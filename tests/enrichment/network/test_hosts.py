"""Host names say what they can: lines of carriers, gates of companies, universities; and no more."""

import pytest

from core.domain import NetworkKind
from enrichment.network.hosts import is_access_line, of_host, registrable
from enrichment.network.kinds import NetworkFacts, classify


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("dsl-203-0-113-7.pool.example-telecom.com", NetworkKind.ISP),
        ("dialup12.example.net", NetworkKind.ISP),
        ("gatekeeper.example.com", NetworkKind.BUSINESS),
        ("lab3.cs.example.edu", NetworkKind.EDUCATION),
        ("pc7.example.gov.au", NetworkKind.GOVERNMENT),
        ("vps12.example-hosting.com", NetworkKind.HOSTING),
    ],
)
def test_kind_of_a_host(host: str, kind: NetworkKind) -> None:
    """A host name alone gives a kind, and never an organisation's name."""
    verdict = classify(NetworkFacts(rdns=host))
    assert (verdict.kind, verdict.organisation, verdict.domain) == (kind, None, None)


def test_registered_domain() -> None:
    """The registered domain has three labels below the usual second levels of countries, else two."""
    assert [registrable(host) for host in ("a.b.example.co.uk", "mail.example.com", "example.de")] == [
        "example.co.uk",
        "example.com",
        "example.de",
    ]


def test_a_carriers_line_outweighs_a_guess() -> None:
    """A line's name makes a carrier of an AS that only the model takes for a company."""
    guessed = classify(NetworkFacts(as_name="Quelltal Dienste"))
    assert [reason.code for reason in guessed.why] == ["model:system"]
    line = classify(NetworkFacts(as_name="Quelltal Dienste", rdns="dsl-203-0-113-7.example.com"))
    assert line.kind is NetworkKind.ISP


def test_a_confirmed_gate_in_a_carriers_network_is_its_customers() -> None:
    """A company's gate that leads back to the address gives its domain, though a carrier owns the network."""
    verdict = classify(
        NetworkFacts(as_name="Example Telecom", as_addresses=1 << 20, domain="alpenfoods.com", rdns="gw.alpenfoods.com")
    )
    assert (verdict.kind, verdict.domain) == (NetworkKind.BUSINESS, "alpenfoods.com")
    assert [reason.code for reason in verdict.why] == ["rdns:confirmed", "rdns:gate"]


def test_access_lines() -> None:
    """Addresses and line words mark a carrier's line; a company's machine isn't one."""
    assert is_access_line("203-0-113-7.example.com")
    assert not is_access_line("mail.example.com")
    assert of_host("localhost") is None
