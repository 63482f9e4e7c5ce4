"""The registry's own words: who uses a range, and what the owner named there is."""

import pytest

from core.domain import NetworkKind, OwnerKind
from enrichment.network.kinds import NetworkFacts, classify


def record(owner: str, **further: str) -> NetworkFacts:
    """A carrier's record of a small range."""
    known = {"range": "203.0.113.8/29", "status": "ASSIGNED PA", "domain": "example-telecom.com"} | further
    return NetworkFacts(owner=owner, **known)  # type: ignore[arg-type]


def test_a_carriers_domain_does_not_hide_its_customer() -> None:
    """The customer that the registry names is the user, whatever domain the carrier's contacts gave the record."""
    verdict = classify(record("Alpen Wein Partner"))
    assert (verdict.kind, verdict.owner_kind) == (NetworkKind.BUSINESS, OwnerKind.COMPANY)
    assert (verdict.organisation, verdict.domain) == ("Alpen Wein Partner", None)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (record("Alpen Foods GmbH"), OwnerKind.COMPANY),
        (record("SHAW CONSULTING LLC"), OwnerKind.COMPANY),
        (record("SMEX2017072557333_ALPEN FOOD CORP"), OwnerKind.COMPANY),
        (record("Example-Telecom Customer"), OwnerKind.CARRIER),
        (record("ENTERPRISE Client"), OwnerKind.UNCLEAR),
        (record("COMUNE DI ESEMPIO"), OwnerKind.PUBLIC),
        (record("Private Customer"), OwnerKind.PERSON),
        (record("Kaizonnet Inc.", range="198.51.100.0/22", domain=""), OwnerKind.CARRIER),
    ],
)
def test_owner_kinds(facts: NetworkFacts, kind: OwnerKind) -> None:
    """Company, carrier, authority, person or unclear, by the registry's record."""
    assert classify(facts).owner_kind is kind


def test_a_street_names_nobody() -> None:
    """Where the record gives a street for a name, the town in the next line isn't taken for the customer."""
    facts = record("5 R DU MOULIN", text="descr: 5 R DU MOULIN\ndescr: 99999\ndescr: EXEMPLEVILLE")
    assert classify(facts).organisation is None


def test_the_records_organisation_is_not_the_customer() -> None:
    """A stock phrase isn't replaced by the carrier's own name from the record's organisation."""
    facts = record("Example Customer", text="inetnum: 203.0.113.8\norg-name: Example-2 Limited")
    assert classify(facts).organisation is None


def test_a_country_alone_is_completed_by_the_handle() -> None:
    """`Sverige AB` with the handle `QXF` is the owner `QXF Sverige AB`."""
    facts = NetworkFacts(as_name="Sverige AB", as_handle="QXF-AS", as_addresses=256, as_prefixes=1)
    assert classify(facts).organisation == "QXF Sverige AB"
