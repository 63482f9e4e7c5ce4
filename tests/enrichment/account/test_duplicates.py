"""Finding accounts that are one customer twice, and leaving those alone that only look so."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain import Account, AccountId
from enrichment.account.duplicates import Pair, find_duplicates

_STEMS = (
    *("Arvendal", "Bolkamp", "Cestrin", "Dorvath", "Eskelund", "Fennobrik", "Galvendo", "Hostrik", "Ilmenroth"),
    *("Jarnvik", "Kollmar", "Lindquarz", "Morvane", "Nestrova", "Ostrander", "Pellikan", "Quarnberg", "Rosendahl"),
    *("Sattmark", "Tolvanen", "Ullrichs", "Varnholt", "Westerkamp", "Yllmark", "Zondervelt"),
)
_TRADES = ("Pumpen", "Logistics", "Optics", "Foods", "Software", "Metallbau", "Packaging", "Chemicals")
_FORMS = ("GmbH", "AG", "Ltd", "Inc", "B.V.", "S.p.A.", "Oy")
_CITIES = ("Kiel", "Turin", "Leeds", "Lyon", "Turku")


def account(key: str, name: str, domain: str = "", country: str = "", city: str = "", **more: str) -> Account:
    return Account(
        id=AccountId(key),
        name=name,
        domains=(domain,) if domain else (),
        country=country,
        location=city,
        registry_number=more.get("number", ""),
        parent=AccountId(more["parent"]) if "parent" in more else None,
    )


def customers(count: int, chance: random.Random) -> list[Account]:
    """Firms of their own: many share a stem (sisters), some a whole name in other countries (namesakes)."""
    found: dict[str, Account] = {}
    while len(found) < count:
        number = len(found)
        stem, trade, form = chance.choice(_STEMS), chance.choice(_TRADES), chance.choice(_FORMS)
        letters = "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(2))
        name = f"{stem}{letters} {trade} {form}"
        domain = f"{stem}{letters}-{trade}.example{number % 9}.com".lower() if number % 3 else ""
        found[name] = account(
            f"A{number:04}",
            name,
            domain and f"{stem}{letters}{trade}{number}.com".lower(),
            "DE",
            chance.choice(_CITIES),
        )
    return list(found.values())


def domain_of(a: Account) -> str:
    return a.domains[0] if a.domains else ""


def _slip(text: str) -> str:
    return text[:4] + text[5] + text[4] + text[6:] if text[4] != text[5] else text[:5] + "x" + text[6:]


_VARIANTS: tuple[Callable[[Account], Account], ...] = (
    lambda a: account("", a.name.upper(), domain_of(a)),
    lambda a: account("", a.name.rsplit(" ", 1)[0], "", a.country, a.location),
    lambda a: account("", f"{a.name.rsplit(' ', 1)[0]} S.A.R.L.", domain_of(a), a.country),
    lambda a: account("", a.name.replace("a", "á"), "", a.country),
    lambda a: account("", _slip(a.name), "", a.country, a.location),
    lambda a: account("", f"The {a.name}", domain_of(a).replace(".com", ".net"), a.country),
    lambda a: account("", a.name.replace(" ", "  ").lower(), "", "", ""),
    lambda a: account("", " ".join(reversed(a.name.rsplit(" ", 1)[0].split())), domain_of(a), a.country),
)


def test_of_80_planted_duplicates_nine_in_ten_are_found_and_none_is_wrongly_sure() -> None:
    """1,000 accounts, 80 of them entered twice in other spellings (FEATURES C4)."""
    chance = random.Random(20261122)
    own = customers(920, chance)
    planted = []
    for number, one in enumerate(chance.sample(own, 80)):
        twin = _VARIANTS[number % len(_VARIANTS)](one)
        planted.append((one.id, AccountId(f"Z{number:03}"), twin))
    accounts = own + [
        Account(id=key, name=t.name, domains=t.domains, country=t.country, location=t.location) for _, key, t in planted
    ]
    chance.shuffle(accounts)
    pairs = find_duplicates(accounts)
    truth = {frozenset((one, key)) for one, key, _ in planted}
    said = {frozenset((pair.a.id, pair.b.id)): pair for pair in pairs}
    assert len(accounts) == 1000
    assert len(truth & said.keys()) >= 72
    assert [told(pair) for key, pair in said.items() if pair.kind == "sure" and key not in truth] == []


def told(pair: Pair) -> str:
    return f"{pair.a.name} | {pair.b.name} ({pair.confidence})"


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        (account("1", "Acme GmbH", number="DE 123-4"), account("2", "ACME", number="de1234"), "sure"),
        (account("1", "Acme GmbH", number="DE1"), account("2", "Acme GmbH", number="DE2"), None),
        (account("1", "Hartmann Pumpen GmbH", "hartmann.de"), account("2", "Hartmann Pumpen", "hartmann.de"), "sure"),
        (account("1", "Hartmann Pumpen", "hartmann.de"), account("2", "Hartmann Logistik", "hartmann.de"), "possible"),
        (account("1", "Hartmann AG"), account("2", "Hartmann AG", parent="1"), None),
        (account("1", "Ostvarn Ltd", country="GB"), account("2", "Ostvarn Inc", country="US"), "possible"),
        (account("1", "Ostvarn", "gmail.com"), account("2", "Keller", "gmail.com"), None),
        (account("1", "株式会社オストバーン", country="JP"), account("2", "㈱オストバーン", country="JP"), "likely"),
    ],
)
def test_a_pair_is_judged_by_what_speaks_for_it_and_against_it(a: Account, b: Account, kind: str | None) -> None:
    """Numbers decide; sisters at one domain, namesakes abroad and groups are not taken for duplicates."""
    found = find_duplicates([a, b])
    assert [pair.kind for pair in found] == ([kind] if kind else [])
    assert all(reason.text for pair in found for reason in pair.why)


@pytest.mark.real_data
def test_in_a_real_crm_no_two_companies_are_sure_to_be_one(shared_data: Path) -> None:
    """4,506 companies that are all their own, sisters and namesakes among them: nobody is surely a duplicate."""
    with (shared_data / "crm" / "accounts.csv").open(encoding="utf-8") as file:
        accounts = [
            account(row["account_id"], row["name"], row["domain"], row["country"], row["location"])
            for row in csv.DictReader(file)
        ]
    assert [told(pair) for pair in find_duplicates(accounts) if pair.kind == "sure"] == []
