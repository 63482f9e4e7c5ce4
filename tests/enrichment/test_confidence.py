"""Holds the fitted confidence to what it promises."""

from __future__ import annotations

import pytest

from core.domain import (
    ALERT_POINT,
    DIGEST_POINT,
    Account,
    AccountId,
    Company,
    DropReason,
    Evidence,
    Network,
    NetworkKind,
    OwnerKind,
)
from enrichment.account.match import AccountIndex
from enrichment.company.clues import CONFIDENCE
from enrichment.confidence import HIGHEST, features, fitted, probability, sureness
from enrichment.enrich import company_behind
from enrichment.network.verdict import judge

FOODS = Account(id=AccountId("A-1"), name="Alpenblick Foods GmbH", country="DE")


def company(name: str = "ALPENBLICK FOODS GMBH", country: str | None = "DE", confidence: float = 0.8) -> Company:
    return Company(name=name, domain=None, accounts=(), confidence=confidence, why=(), country=country)


def sure(account: Account, asked: Company) -> float:
    found = AccountIndex([account]).match(asked)
    assert found is not None
    assert found.account is not None
    return sureness(asked, found, None, by_clue=False)


def test_the_same_name_in_the_same_country_is_told() -> None:
    """A customer whom the registry names letter for letter is above the alert point."""
    assert sure(FOODS, company()) >= ALERT_POINT


def test_a_namesake_elsewhere_is_not_named() -> None:
    """The same words with another legal form in another country are below the digest point."""
    other = Account(id=AccountId("A-2"), name="Alpenblick Foods Inc.", country="US")
    assert sure(other, company()) < DIGEST_POINT


def test_less_sure_of_the_network_is_less_sure_of_the_account() -> None:
    """Confidence grows with the network's; a network alone is never as sure as a word of the visitor's own."""
    abroad = Account(id=AccountId("A-4"), name="Alpenblick Foods", country="US")
    assert sure(abroad, company(confidence=0.02)) < sure(abroad, company(confidence=0.98))
    assert sure(FOODS, company(confidence=0.98)) == HIGHEST < CONFIDENCE["signed_link"]


def test_what_was_declared_counts_as_it_is() -> None:
    """No name is compared where an account set the network down: its confidence is the product of both."""
    asked = Company(name=None, domain=None, accounts=(FOODS.id,), confidence=0.9, why=())
    found = AccountIndex([FOODS]).match(asked)
    assert found is not None
    assert sureness(asked, found, None, by_clue=False) == round(0.9 * found.confidence, 4)


def test_every_weight_belongs_to_a_feature() -> None:
    """The shipped weights have no name that no feature bears."""
    found = AccountIndex([FOODS]).match(company())
    assert found is not None
    routes = {name for name in fitted() if name.startswith("match:")}
    assert set(fitted()) - routes <= set(features(company(), found, None))
    assert probability({"bias": 0.0}, fitted()) == 0.5


def carriers_network(registered: str) -> Network:
    """A range that is only guessed to be a carrier's, with the user whom the registry names."""
    return Network(
        ip="192.0.2.1",
        prefix="192.0.2.0/28",
        kind=NetworkKind.ISP,
        owner_kind=OwnerKind.UNCLEAR,
        organisation=None,
        domain=None,
        asn=64500,
        accounts=(),
        confidence=0.0,
        evidence=(),
        why=(),
        country="DE",
        registered=registered,
        guess=0.6,
    )


@pytest.mark.parametrize(
    ("registered", "account", "is_named"),
    [
        ("NORDLICHT SEVEN", Account(id=AccountId("A-3"), name="Nordlicht Seven", country="DE"), True),
        ("SUEDLICHT SEVEN", Account(id=AccountId("A-3"), name="Nordlicht Seven", country="DE"), False),
        ("NORDLICHT SEVEN", Account(id=AccountId("A-3"), name="Nordlicht Seven", country="US"), False),
        ("NORDLICHT SEVEN GMBH", Account(id=AccountId("A-3"), name="Nordlicht Seven Inc.", country="DE"), False),
        ("NORDLICHT SEVEN", Account(id=AccountId("A-3"), name="Nordlicht Seven Media", country="DE"), False),
    ],
)
def test_a_customer_named_by_the_registry_beats_a_guess(registered: str, account: Account, is_named: bool) -> None:
    """Letter for letter, and with nothing against it; else the carrier's network stays one."""
    index = AccountIndex([account])
    behind = company_behind(
        carriers_network(registered), (), frozenset(), lambda asked, clue: index.match(asked, by_clue=clue)
    )
    assert isinstance(behind, Company) is is_named
    assert is_named or behind is DropReason.NETWORK_ISP


def test_the_verdict_keeps_whom_the_registry_names_where_it_only_guesses() -> None:
    """A guess that a range serves others keeps the registered user; a word or list that says so doesn't."""
    said = Evidence(source="rdap:ripencc", prefix="192.0.2.0/24", organisation="Example Telekom AG", country="DE")
    network = judge("192.0.2.1", (said,))
    assert network.kind is not NetworkKind.BUSINESS
    assert network.registered is None
