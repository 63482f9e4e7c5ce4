"""The verdict weighs evidence: declarations first, precision before recall, honesty where nothing is known."""

from __future__ import annotations

import pytest

from core.domain import AccountId, Evidence, NetworkKind, OwnerKind
from enrichment.network.verdict import judge

A, B = AccountId("A"), AccountId("B")


def system(name: str, *, addresses: int | None = 2048, asn: int = 64496, kind: NetworkKind | None = None) -> Evidence:
    """Evidence of an AS file."""
    return Evidence(
        source="mmdb:asn.mmdb", prefix="198.51.100.0/24", asn=asn, as_name=name, as_addresses=addresses, kind=kind
    )


def test_declaration_beats_every_database() -> None:
    """A network that an account declared is theirs, even inside a carrier's AS."""
    declared = Evidence(source="declared", prefix="198.51.100.8/29", organisation="Alpha", accounts=(A,))
    network = judge("198.51.100.9", [system("Example Telecom"), declared])
    assert (network.kind, network.accounts, network.confidence) == (NetworkKind.BUSINESS, (A,), 0.97)
    assert network.prefix == "198.51.100.8/29"


def test_shared_declaration_halves_the_confidence() -> None:
    """Two accounts on one network: both are named, and the reason says that it is shared."""
    declared = Evidence(source="declared", prefix="198.51.100.8/29", accounts=(A, B))
    network = judge("198.51.100.9", [declared])
    assert (network.accounts, network.confidence) == ((A, B), pytest.approx(0.485))
    assert network.why[0].code == "declared:shared"


def test_operator_may_silence_a_network() -> None:
    """A network that the operator calls a VPN names nobody."""
    declared = Evidence(source="declared", prefix="198.51.100.0/24", kind=NetworkKind.VPN)
    network = judge("198.51.100.9", [declared, system("Example Steel GmbH")])
    assert (network.kind, network.organisation, network.confidence) == (NetworkKind.VPN, None, 0.0)


def test_small_company_network_is_business() -> None:
    """An AS with a company's trade in its name and few addresses is the company's own."""
    network = judge("198.51.100.9", [system("Example Steel GmbH")])
    assert (network.kind, network.organisation) == (NetworkKind.BUSINESS, "Example Steel GmbH")
    assert 0.7 <= network.confidence <= 0.9


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Example Telecomunicaciones S.A.", NetworkKind.ISP),
        ("Kabelnetz Beispiel GmbH", NetworkKind.ISP),
        ("Example Mobile Ltd", NetworkKind.MOBILE),
        ("Example Hosting Inc.", NetworkKind.HOSTING),
        ("Example Cloud Services", NetworkKind.HOSTING),
        ("Example VPN Ltd", NetworkKind.VPN),
    ],
)
def test_networks_that_serve_others_name_nobody(name: str, kind: NetworkKind) -> None:
    """A carrier, hoster or VPN is never called a company's network."""
    network = judge("198.51.100.9", [system(name)])
    assert (network.kind, network.organisation, network.owner_kind) == (kind, None, OwnerKind.CARRIER)


def test_source_that_says_hosting_silences() -> None:
    """One source's word that a network serves others counts over a company's name."""
    evidence = [system("Example Steel GmbH"), system("Example Steel GmbH", kind=NetworkKind.HOSTING)]
    network = judge("198.51.100.9", evidence)
    assert (network.kind, network.organisation) == (NetworkKind.HOSTING, None)


def test_source_that_says_business_does_not_make_a_carrier_one() -> None:
    """A source's word that a network is a company's own doesn't count against a carrier's name."""
    network = judge("198.51.100.9", [system("Example Telecom", kind=NetworkKind.BUSINESS)])
    assert network.kind is NetworkKind.ISP


def test_private_address_is_said_to_be_private() -> None:
    """Without evidence a private address says why nobody is found behind it."""
    network = judge("10.1.2.3", [])
    assert (network.kind, network.why[0].code) == (NetworkKind.UNKNOWN, "address:private")


def test_example_address_with_evidence_is_judged_like_any_other() -> None:
    """The demo lives in ranges kept for examples: evidence comes first."""
    network = judge("192.0.2.9", [system("Example Steel GmbH")])
    assert network.kind is NetworkKind.BUSINESS


def test_unknown_address_is_unknown() -> None:
    """No database, no judgement; the /24 stands for the network."""
    network = judge("9.9.9.9", [])
    assert (network.kind, network.prefix, network.organisation) == (NetworkKind.UNKNOWN, "9.9.9.0/24", None)


def test_text_that_is_no_address_is_unknown() -> None:
    """Whatever stands in the place of an address is judged, not raised."""
    network = judge("garbage", [])
    assert (network.kind, network.why[0].code) == (NetworkKind.UNKNOWN, "address:invalid")
