"""The company behind a visit: clues beat networks, networks that serve others name nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.domain import (
    AccountId,
    Company,
    DropReason,
    Evidence,
    IdentityClue,
    Network,
    NetworkKind,
    OwnerKind,
    Reason,
)
from enrichment.company.identify import identify_company
from enrichment.network.verdict import judge

A, B = AccountId("A"), AccountId("B")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def network(kind: NetworkKind, organisation: str | None = None, **changed: object) -> Network:
    """A verdict of the network stage."""
    fields: dict[str, object] = {
        "ip": "192.0.2.1",
        "prefix": "192.0.2.0/24",
        "kind": kind,
        "owner_kind": OwnerKind.COMPANY,
        "organisation": organisation,
        "domain": None,
        "asn": None,
        "accounts": (),
        "confidence": 0.8,
        "evidence": (),
        "why": (Reason(text="So it seems", code="test"),),
    }
    return Network(**(fields | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [NetworkKind.BUSINESS, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT])
def test_organisations_own_network_names_it(kind: NetworkKind) -> None:
    """A company's, school's or authority's own network names it, with the network's reasons and confidence."""
    found = identify_company(network(kind, "Example Steel GmbH", domain="example.com"), ())
    assert isinstance(found, Company)
    assert (found.name, found.domain, found.confidence) == ("Example Steel GmbH", "example.com", 0.8)
    assert found.why[0].text == "So it seems"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (NetworkKind.ISP, DropReason.NETWORK_ISP),
        (NetworkKind.MOBILE, DropReason.NETWORK_MOBILE),
        (NetworkKind.HOSTING, DropReason.NETWORK_HOSTING),
        (NetworkKind.VPN, DropReason.NETWORK_VPN),
        (NetworkKind.CONTENT, DropReason.NETWORK_CONTENT),
        (NetworkKind.UNKNOWN, DropReason.NETWORK_UNKNOWN),
    ],
)
def test_networks_of_others_name_nobody(kind: NetworkKind, reason: DropReason) -> None:
    """A network that serves others is dropped with its kind, even if a name stands beside it."""
    assert identify_company(network(kind, "Example Telecom"), ()) is reason


def test_private_person_is_never_named() -> None:
    """A network registered to a private person is dropped as such."""
    found = identify_company(network(NetworkKind.ISP, None, owner_kind=OwnerKind.PERSON), ())
    assert found is DropReason.COMPANY_PERSON


def test_business_without_a_name_is_company_unknown() -> None:
    """Knowing that it is a company's network isn't knowing which."""
    assert identify_company(network(NetworkKind.BUSINESS), ()) is DropReason.COMPANY_UNKNOWN


def test_private_address_has_its_own_reason() -> None:
    """A proxy that hides the visitor's address is told apart from an unknown network: it can be repaired."""
    assert identify_company(judge("10.0.0.1", ()), ()) is DropReason.PRIVATE_ADDRESS
    assert identify_company(None, ()) is DropReason.NETWORK_UNKNOWN


def test_form_domain_beats_a_carriers_network() -> None:
    """Somebody at home who gave a work address in a form is from that company; the latest form counts."""
    clues = (
        IdentityClue(kind="form_domain", value="Example.com", at=NOW),
        IdentityClue(kind="form_domain", value="old.example.com", at=NOW - timedelta(hours=1)),
    )
    found = identify_company(network(NetworkKind.ISP), clues)
    assert isinstance(found, Company)
    assert (found.name, found.domain) == (None, "example.com")
    assert found.confidence >= 0.9


def test_declared_accounts_are_handed_on() -> None:
    """A declared network gives its accounts, both when it is shared."""
    declared = Evidence(source="declared", prefix="192.0.2.0/24", accounts=(A, B))
    found = identify_company(judge("192.0.2.1", [declared]), ())
    assert isinstance(found, Company)
    assert found.accounts == (A, B)


def test_rejected_account_is_left_out() -> None:
    """What somebody said was wrong isn't said again; when nobody is left, the drop says so."""
    declared = Evidence(source="declared", prefix="192.0.2.0/24", accounts=(A, B))
    shared = judge("192.0.2.1", [declared])
    found = identify_company(shared, (), rejected=frozenset({A}))
    assert isinstance(found, Company)
    assert found.accounts == (B,)
    assert identify_company(shared, (), rejected=frozenset({A, B})) is DropReason.COMPANY_REJECTED
