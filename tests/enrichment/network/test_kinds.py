"""Kinds of networks, from facts alone: carriers are never companies, customers are told from their carriers."""

from __future__ import annotations

import pytest

from core.domain import NetworkKind, OwnerKind
from enrichment.network.explain import explain_network
from enrichment.network.kinds import NetworkFacts
from enrichment.network.known import known_networks
from enrichment.network.model import kind_model


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ejemplo Telecomunicaciones S.A.", NetworkKind.ISP),
        ("Beispiel Kabelfernsehen GmbH", NetworkKind.ISP),
        ("Przyklad Telekomunikacja Sp. z o.o.", NetworkKind.ISP),
        ("Exemple Fibre Optique SAS", NetworkKind.ISP),
        ("Provedor de Internet Exemplo Ltda", NetworkKind.ISP),
        ("Example Broadband Inc.", NetworkKind.ISP),
        ("Example Networks LLC", NetworkKind.ISP),
        ("Example Cellular Ltd", NetworkKind.MOBILE),
        ("Exemple Hebergement SARL", NetworkKind.HOSTING),
        ("Beispiel Rechenzentrum AG", NetworkKind.HOSTING),
        ("Example Data Center Services", NetworkKind.HOSTING),
        ("Zscaler, Inc.", NetworkKind.VPN),
        ("Universidad de Ejemplo", NetworkKind.EDUCATION),
        ("Technische Hochschule Beispiel", NetworkKind.EDUCATION),
        ("例大学", NetworkKind.EDUCATION),
        ("Ministerstvo Example", NetworkKind.GOVERNMENT),
        ("City of Example", NetworkKind.GOVERNMENT),
        ("Prefeitura Municipal de Exemplo", NetworkKind.GOVERNMENT),
        ("Example Insurance Company", NetworkKind.BUSINESS),
        ("Beispiel Maschinenbau GmbH", NetworkKind.BUSINESS),
    ],
)
def test_words_of_many_languages_tell_the_trade(name: str, kind: NetworkKind) -> None:
    """A word of the AS's name says what its owner does."""
    assert explain_network(NetworkFacts(as_name=name, as_addresses=4096, as_prefixes=2)).kind is kind


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("example.edu", NetworkKind.EDUCATION),
        ("example.ac.jp", NetworkKind.EDUCATION),
        ("example.edu.au", NetworkKind.EDUCATION),
        ("example.gov", NetworkKind.GOVERNMENT),
        ("example.gov.br", NetworkKind.GOVERNMENT),
        ("example.gc.ca", NetworkKind.GOVERNMENT),
        ("example.go.kr", NetworkKind.GOVERNMENT),
        ("af.mil", NetworkKind.GOVERNMENT),
    ],
)
def test_domains_of_schools_and_authorities_decide(domain: str, kind: NetworkKind) -> None:
    """Under some domains only schools or authorities can be."""
    verdict = explain_network(NetworkFacts(as_name="Example", as_domain=domain))
    assert (verdict.kind, verdict.owner_kind) == (kind, OwnerKind.PUBLIC)


def test_public_lists_silence_hosters_with_company_names() -> None:
    """An AS on a list of hosting networks isn't a company's own, however it is called."""
    hoster = min(known_networks().hosting)
    verdict = explain_network(NetworkFacts(asn=hoster, as_name="Example Steel GmbH", as_addresses=512))
    assert (verdict.kind, verdict.organisation, verdict.why[0].code) == (NetworkKind.HOSTING, None, "list:hosting")


def test_registrys_customer_is_the_organisation_not_its_carrier() -> None:
    """A reassigned block inside a carrier's AS belongs to the customer whom the record names."""
    verdict = explain_network(
        NetworkFacts(
            asn=64496,
            as_name="Example Telecom",
            as_domain="carrier.example",
            range="192.0.2.8/29",
            registry="arin",
            netname="EXTEL-192-0-2-8",
            owner="OAK TREE STEEL CO-100308143745",
            status="REASSIGNMENT",
            country="US",
        )
    )
    assert (verdict.kind, verdict.owner_kind) == (NetworkKind.BUSINESS, OwnerKind.COMPANY)
    assert verdict.organisation == "OAK TREE STEEL CO"


def test_customer_may_stand_in_the_records_text_alone() -> None:
    """Where the owner's field has a stock phrase, the record's lines are read."""
    verdict = explain_network(
        NetworkFacts(
            range="192.0.2.0 - 192.0.2.7",
            owner="Static IP",
            status="ASSIGNED PA",
            text="netname: X\ndescr: Static IP\ndescr: Beispiel Maschinenbau GmbH\ncountry: DE",
            country="DE",
        )
    )
    assert verdict.organisation == "Beispiel Maschinenbau GmbH"


def test_carriers_domain_in_a_record_is_not_the_customers() -> None:
    """A contact's domain would lead to the carrier as a customer: it is left out."""
    verdict = explain_network(
        NetworkFacts(
            range="192.0.2.0/29", owner="OAK TREE FOODS S.R.L.", domain="carrier.example", status="ASSIGNED PA"
        )
    )
    assert (verdict.organisation, verdict.domain) == ("OAK TREE FOODS S.R.L.", None)


@pytest.mark.parametrize("owner", ["Example Hosting Inc", "Example Broadband Ltd", "Example Telecom"])
def test_carrier_as_customer_of_a_carrier_is_no_company(owner: str) -> None:
    """A block that a carrier gave to another carrier or hoster serves that one's customers."""
    verdict = explain_network(NetworkFacts(range="192.0.2.0/24", owner=owner, status="REASSIGNMENT", country="US"))
    assert verdict.kind is not NetworkKind.BUSINESS
    assert (verdict.organisation, verdict.owner_kind) == (None, OwnerKind.CARRIER)


@pytest.mark.parametrize("owner", ["Jennifer Boone", "Private Customer", "EXAMPLE, JENNIFER"])
def test_private_person_is_never_named(owner: str) -> None:
    """A small block of a private person names nobody."""
    verdict = explain_network(NetworkFacts(range="192.0.2.0/29", owner=owner, domain="example.com"))
    assert (verdict.owner_kind, verdict.organisation, verdict.domain) == (OwnerKind.PERSON, None, None)


def test_firm_with_an_authoritys_word_is_a_firm() -> None:
    """A legal form says that a county's name is only part of a firm's."""
    verdict = explain_network(NetworkFacts(range="192.0.2.0/29", owner="OAK COUNTY PIZZA INC", status="REASSIGNMENT"))
    assert verdict.owner_kind is OwnerKind.COMPANY


def test_large_as_without_a_known_trade_is_unknown() -> None:
    """A large AS is rather a carrier: without a word of what it does nobody is named."""
    verdict = explain_network(NetworkFacts(as_name="Example Ltd", as_addresses=1 << 20, as_prefixes=300))
    assert (verdict.kind, verdict.organisation) == (NetworkKind.UNKNOWN, None)


def test_old_large_block_is_an_organisations() -> None:
    """A class B network of the early days with nothing beside it belongs to one organisation."""
    facts = NetworkFacts(as_name="Example Ltd", as_addresses=65536, as_prefixes=1, range="155.1.0.0/16")
    verdict = explain_network(facts)
    assert (verdict.kind, verdict.organisation, verdict.why[0].code) == (NetworkKind.BUSINESS, "Example Ltd", "legacy")


@pytest.mark.parametrize("facts", [NetworkFacts(), NetworkFacts(asn=64496), NetworkFacts(owner="", text="", range="x")])
def test_no_facts_is_unknown(facts: NetworkFacts) -> None:
    """Nothing known, nothing said; nonsense in a field is no crash."""
    verdict = explain_network(facts)
    assert (verdict.kind, verdict.owner_kind, verdict.organisation) == (NetworkKind.UNKNOWN, OwnerKind.UNCLEAR, None)
    assert len(verdict.why) == 1


def test_every_judgement_has_a_reason_and_networks_of_others_no_name() -> None:
    """Whatever the facts, there is a reason, and a network that serves others names no organisation."""
    names = ["Example", "Example Telecom", "Static IP", "Example Steel GmbH", "12 RUE X", "例株式会社", None]
    for as_name in names:
        for owner in names:
            verdict = explain_network(NetworkFacts(as_name=as_name, owner=owner, range="192.0.2.0/29"))
            assert verdict.why
            assert all(reason.text for reason in verdict.why)
            if verdict.kind in (NetworkKind.ISP, NetworkKind.HOSTING, NetworkKind.MOBILE, NetworkKind.VPN):
                assert (verdict.organisation, verdict.domain) == (None, None)


def test_models_give_probabilities() -> None:
    """Both shipped models load and give chances that add up to 1, also for features they never saw."""
    for name in ("system", "range"):
        chances = kind_model(name).probabilities(["w never-seen", "w bank"])
        assert sum(chances.values()) == pytest.approx(1)
        assert set(chances) == {"business", "isp", "hosting", "education", "government"}


def test_a_range_that_bears_its_systems_own_name_is_no_customers() -> None:
    """A range that bears the AS's own name isn't one given to a customer: a large AS is a carrier whatever its name."""
    facts = NetworkFacts(
        range="192.0.2.0/28",
        owner="Nordlicht AG",
        as_name="Nordlicht AG",
        as_addresses=400_000,
        as_prefixes=60,
        status="ASSIGNED PA",
    )
    judged = explain_network(facts)

    assert judged.organisation is None
    assert judged.registered is None


@pytest.mark.parametrize(
    "name", ["Jisc Services Limited", "SURFnet bv", "Verein zur Foerderung eines Deutschen Forschungsnetzes e.V."]
)
def test_research_networks_name_none_of_the_universities_they_carry(name: str) -> None:
    """A research network is a carrier: its kind is education, and whose visit it is stays open."""
    verdict = explain_network(NetworkFacts(as_name=name, as_addresses=2_000_000, as_prefixes=40))

    assert (verdict.kind, verdict.owner_kind, verdict.organisation) == (
        NetworkKind.EDUCATION,
        OwnerKind.CARRIER,
        None,
    )
