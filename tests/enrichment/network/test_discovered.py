"""Discovered networks: the longest counts, narrower ranges of others win, data centres halve the trust."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain import AccountId, Evidence, NetworkKind
from enrichment.network.resolvers.discovered import DiscoveredNetwork, DiscoveredResolver
from enrichment.network.verdict import judge

H, F = AccountId("H"), AccountId("F")
TEXT = "RIPE registers 192.0.2.0/24 to Hartmann Pumpen GmbH (netname HARTMANN-NET)"
OWN = DiscoveredNetwork(
    prefix="192.0.2.0/24",
    account=H,
    organisation="Hartmann Pumpen GmbH",
    strength=0.9,
    text=TEXT,
    at=datetime(2026, 11, 22, tzinfo=UTC),
)


def test_the_longest_prefix_counts() -> None:
    """In both versions of IP; what isn't inside is unknown."""
    narrow = replace(OWN, prefix="192.0.2.64/28", account=F)
    v6 = replace(OWN, prefix="2001:db8:7::/48")
    resolver = DiscoveredResolver([OWN, narrow, v6])
    asked = ["192.0.2.1", "192.0.2.70", "2001:db8:7::1", "198.51.100.1"]
    found = [next(((each.prefix, each.accounts) for each in resolver.evidence(ip)), None) for ip in asked]
    assert found == [("192.0.2.0/24", (H,)), ("192.0.2.64/28", (F,)), ("2001:db8:7::/48", (H,)), None]


def test_it_names_the_account_with_its_reason() -> None:
    """The verdict is as sure as the sources were, and says what they said."""
    network = judge("192.0.2.1", DiscoveredResolver([OWN]).evidence("192.0.2.1"))
    assert (network.accounts, network.confidence, [reason.text for reason in network.why]) == ((H,), 0.9, [TEXT])


def test_a_narrower_range_of_somebody_else_wins() -> None:
    """What was handed on to another organisation is not the holder's any more; its own narrower range is."""
    (own,) = DiscoveredResolver([OWN]).evidence("192.0.2.1")
    other = Evidence(source="rdap", prefix="192.0.2.0/28", organisation="Nordlicht Verlag KG", registry="ripencc")
    branch = replace(other, organisation="Hartmann Pumpen GmbH")
    assert judge("192.0.2.1", (own, other)).accounts == ()
    assert judge("192.0.2.1", (own, branch)).accounts == (H,)


@pytest.mark.parametrize("kind", [NetworkKind.HOSTING, NetworkKind.VPN])
def test_a_range_in_a_data_centre_counts_less(kind: NetworkKind) -> None:
    """Servers or a VPN stand there: no alert by it alone. Inside the customer's own AS it counts in full."""
    (own,) = DiscoveredResolver([OWN]).evidence("192.0.2.1")
    stated = Evidence(source="mmdb:x", prefix="192.0.2.0/23", asn=64497, as_name="Rackspace Hosting", kind=kind)
    network = judge("192.0.2.1", (own, stated))
    assert (network.accounts, round(network.confidence, 2), len(network.why)) == ((H,), 0.54, 2)
    home = replace(stated, as_name="Hartmann Pumpen GmbH")
    assert judge("192.0.2.1", (own, home)).confidence == 0.9
