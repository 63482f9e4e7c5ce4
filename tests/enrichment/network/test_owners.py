"""Registry names are cleaned of dirt, and names that name nobody are known."""

from __future__ import annotations

import pytest

from core.domain import OwnerKind
from enrichment.network.kinds import NetworkFacts, classify
from enrichment.network.owners import (
    cleaned,
    customer_in,
    fits,
    is_placeholder,
    is_private,
    looks_like_person,
    same_name,
)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("EXMPL2017072557333_OAK TREE FOOD CORP", "OAK TREE FOOD CORP"),
        ("65-9080087_DEPARTMENT OF EXAMPLES", "DEPARTMENT OF EXAMPLES"),
        ("OAK TREE CO-100308143745", "OAK TREE CO"),
        ("OAK TREE EXPRESS #604052013170603607", "OAK TREE EXPRESS"),
        ("EXAMPLE.COM (host1828.example.com)", "EXAMPLE.COM"),
        ("This prefix is assigned to Example College", "Example College"),
        ("Network of Example GmbH", "Example GmbH"),
        ("  Example   Steel  ", "Example Steel"),
        ("3M Company", "3M Company"),
        ("7-Example Japan Co., Ltd.", "7-Example Japan Co., Ltd."),
        ("A.G. Example 1871 Ltd", "A.G. Example 1871 Ltd"),
    ],
)
def test_name_is_cleaned(dirty: str, clean: str) -> None:
    """Customer numbers, host names and talk go; numbers that belong to a name stay."""
    assert cleaned(dirty) == clean


@pytest.mark.parametrize(
    "name",
    [
        "Static IP",
        "ENTERPRISE CLIENT",
        "This space has been assigned as STATIC",
        "UID1-117-302",
        "c-47219",
        "12 RUE DE L'EXEMPLE",
        "-Reserved AS-",
        "Dynamic pool",
        "",
        "4711",
    ],
)
def test_carriers_stock_phrases_name_nobody(name: str) -> None:
    """A code, a street or a carrier's phrase isn't a customer's name."""
    assert is_placeholder(name)


@pytest.mark.parametrize("name", ["Example Steel GmbH", "Customer Care Example Ltd", "Example.org", "ARM Example"])
def test_names_name_somebody(name: str) -> None:
    """A company's name is one even if it has a word of carriers' phrases beside its legal form."""
    assert not is_placeholder(name)


def test_private_persons_are_recognised() -> None:
    """Given name and surname, or words that say so; a legal form makes it a firm."""
    assert looks_like_person("Jennifer Example")
    assert looks_like_person("EXAMPLE, JENNIFER")
    assert not looks_like_person("Jennifer Example Ltd")
    assert not looks_like_person("Jennifer Example Estates")
    assert not looks_like_person("Example Steel")
    assert is_private("Private Person")
    assert not is_private("Example Steel")


def test_customer_is_read_from_a_registrys_record() -> None:
    """The first line that names somebody counts, in the words of each registry."""
    arin = "NetName: CARRIER-192-0-2-0\nNetType: reassignment\n\nOrgID: C1\nOrgName: Example Steel Inc\nCountry: US"
    ripe = "inetnum: 192.0.2.0 - 192.0.2.7\nnetname: X\ndescr: Static IP\ndescr: Example Steel GmbH\ncountry: DE"
    lacnic = "inetnum: 192.0.2.0/29\nstatus: reallocated\nowner: Example Acero S.A.\ncountry: CL"
    assert [customer_in(text) for text in (arin, ripe, lacnic, "netname: X")] == [
        "Example Steel Inc",
        "Example Steel GmbH",
        "Example Acero S.A.",
        None,
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Example Steel GmbH", "EXAMPLE STEEL", True),
        ("Example Steel", "Example Steel Europe B.V.", True),
        ("Example Steel", "Example Foods", False),
        ("GmbH", "Ltd", False),
    ],
)
def test_same_owner_is_seen_through_legal_forms(one: str, other: str, same: bool) -> None:
    """Legal forms and case don't make another owner."""
    assert same_name(one, other) is same


@pytest.mark.parametrize(
    ("domain", "name", "own"),
    [
        ("oaktree.example", "OAK TREE, LLC", True),
        ("oaktreefood.example", "Oaktree Foods Inc", True),
        ("otf.example", "Oak Tree Foods", True),
        ("telecarrier.example", "Oak Tree Foods", False),
        ("x.example", "Oak Tree Foods", False),
    ],
)
def test_carriers_domain_is_not_taken_for_the_customers(domain: str, name: str, own: bool) -> None:
    """A domain is the owner's when it is their name, a long word of it, or its initials."""
    assert fits(domain, name) is own


@pytest.mark.parametrize("name", ["Anna Maria Keller e.K.", "Jan Jansen eenmanszaak", "Ditta individuale Rossi"])
def test_a_firm_of_one_person_is_a_person(name: str) -> None:
    """It is never named from a network, with or without a known size of its range."""
    judged = classify(NetworkFacts(owner=name))
    assert (judged.owner_kind, judged.organisation) == (OwnerKind.PERSON, None)


@pytest.mark.parametrize("name", ["Max Mustermann", "Peter Schmidt", "Schmidt, Peter"])
def test_a_person_is_never_named_even_without_a_range(name: str) -> None:
    """Where nothing says how large the range is, a given name and a surname are a person's."""
    judged = classify(NetworkFacts(owner=name))
    assert (judged.owner_kind, judged.organisation) == (OwnerKind.PERSON, None)


def test_a_registrys_code_before_a_firms_name_hides_no_customer() -> None:
    """The carrier's code is cut off, and the firm is named although the AS is a carrier's."""
    judged = classify(
        NetworkFacts(owner="SMEAB2017072557333_ALPENBLICK FOODS CORP", as_name="Example Telephone Company")
    )
    assert (judged.owner_kind, judged.organisation) == (OwnerKind.COMPANY, "ALPENBLICK FOODS CORP")
