"""Guessing which column is which."""

from __future__ import annotations

import pytest

from core.errors import InputError
from enrichment.account.importer.columns import guess_columns
from enrichment.account.importer.headers import What


@pytest.mark.parametrize(
    ("what", "headers", "expected"),
    [
        (
            "accounts",
            ["Kundennummer", "Firma", "Website", "LetzterAuftrag", "Betreuer", "Ort", "Umsatz"],
            {"id": 0, "name": 1, "domain": 2, "last_order": 3, "owner_email": 4, "location": 5},
        ),
        (
            "accounts",
            ["会社名", "顧客番号", "最終購入日", "担当者", "ホームページ"],
            {"name": 0, "id": 1, "last_order": 2, "owner_email": 3, "domain": 4},
        ),
        (
            "accounts",
            ["Raison sociale", "N° client", "Site web", "Pays", "Dernière commande"],
            {"name": 0, "id": 1, "domain": 2, "country": 3, "last_order": 4},
        ),
        ("accounts", ["Razón social", "Código de cliente", "País"], {"name": 0, "id": 1, "country": 2}),
        ("accounts", ["Ragione sociale", "Codice cliente", "Sito web"], {"name": 0, "id": 1, "domain": 2}),
        ("accounts", ["Account ID", "Account Name", "Account Owner"], {"id": 0, "name": 1, "owner_email": 2}),
        ("accounts", ["ID", "Name", "Website"], {"id": 0, "name": 1, "domain": 2}),
        (
            "activities",
            ["Kundennr", "Belegart", "Datum", "Betrag", "Artikel"],
            {"account": 0, "kind": 1, "at": 2, "amount": 3, "product": 4},
        ),
        ("activities", ["顧客番号", "注文日", "金額", "商品名"], {"account": 0, "at": 1, "amount": 2, "product": 3}),
        (
            "contacts",
            ["Kundennummer", "Vorname", "Nachname", "E-Mail", "Telefon", "ausgeschieden"],
            {"account": 0, "first_name": 1, "last_name": 2, "email": 3, "phone": 4, "left": 5},
        ),
        ("contacts", ["会社名", "氏名", "役職", "メール"], {"account_name": 0, "person": 1, "role": 2, "email": 3}),
    ],
)
def test_headers_of_several_languages_are_known(what: What, headers: list[str], expected: dict[str, int]) -> None:
    """English, German, French, Spanish, Italian and Japanese exports need no mapping."""
    assert dict(guess_columns(headers, [], what).columns) == expected


def test_what_no_header_tells_the_content_does() -> None:
    """A column of hosts is the domain, one of addresses the owner, one with legal forms the company."""
    sample = [["Acme GmbH", "acme.example.com", "a@example.com"], ["Beta AG", "beta.example.com", "b@example.com"]]
    guess = guess_columns(["x1", "x2", "x3"], sample, "accounts")
    assert dict(guess.columns) == {"name": 0, "domain": 1, "owner_email": 2}
    assert guess.by_content == {"name", "domain", "owner_email"}


def test_the_guess_is_told_in_one_line() -> None:
    """People see which column was taken for what, and which is not used."""
    guess = guess_columns(["Firma", "Website", "LetzterAuftrag", "Umsatz"], [], "accounts")
    assert guess.text == "columns guessed: company=Firma, domain=Website, last order=LetzterAuftrag (not used: Umsatz)"


def test_a_mapping_overrides_the_guess() -> None:
    """What a person says wins over what a header seems to say."""
    guess = guess_columns(["Name", "Trading style"], [], "accounts", {"name": "Trading style"})
    assert guess.position("name") == 1


@pytest.mark.parametrize(("mapping", "says"), [({"name": "Gone"}, "its columns are"), ({"colour": "Name"}, "choose")])
def test_a_mapping_to_nothing_says_what_there_is(mapping: dict[str, str], says: str) -> None:
    """A wrong header or field is an error that lists the right ones."""
    with pytest.raises(InputError, match=says):
        guess_columns(["Name"], [], "accounts", mapping)
