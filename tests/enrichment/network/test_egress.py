"""Shared ways out: SASE, VPN, Tor and relay services are named and never taken for a company."""

import pytest

from core.domain import NetworkKind
from enrichment.network.kinds import NetworkFacts, classify


@pytest.mark.parametrize(
    ("facts", "code", "service"),
    [
        (NetworkFacts(asn=22616), "egress:sase", "Zscaler"),
        (NetworkFacts(as_name="Netskope Inc"), "egress:sase", "Netskope"),
        (NetworkFacts(as_name="Example", as_domain="opendns.com"), "egress:sase", "Cisco Umbrella"),
        (NetworkFacts(owner="Palo Alto Networks, Inc"), "egress:sase", "Prisma Access"),
        (NetworkFacts(asn=36183, as_name="Akamai Technologies, Inc."), "egress:relay", "iCloud Private Relay"),
        (NetworkFacts(as_name="Emerald Onion"), "egress:tor", "Tor"),
        (NetworkFacts(asn=136787), "egress:vpn", "NordVPN"),
        (NetworkFacts(owner="Example Proxy Service"), "egress:proxy", "proxy"),
    ],
)
def test_services_are_named(facts: NetworkFacts, code: str, service: str) -> None:
    """A shared or anonymous way out is of the kind `vpn`, names no organisation, and its reason names the service."""
    verdict = classify(facts)
    assert (verdict.kind, verdict.organisation) == (NetworkKind.VPN, None)
    assert [reason.code for reason in verdict.why] == [code]
    assert service in verdict.why[0].text


@pytest.mark.parametrize("name", ["Universita di Roma Tor Vergata", "Hospital Privado del Sur SA", "Relay Foods Inc"])
def test_ordinary_words_are_no_services(name: str) -> None:
    """Words that services share with ordinary names don't make a way out of them."""
    assert classify(NetworkFacts(as_name=name)).kind is not NetworkKind.VPN
