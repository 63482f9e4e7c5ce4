"""What acts at once, what waits and why, and what is never proposed; the sieve loses nothing that matching finds."""

from __future__ import annotations

import pytest

from core.domain import Account, AccountId
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.judging import Finding, judge_range
from enrichment.account.discovery.proposals import Said, said_in, weigh
from enrichment.account.discovery.records import Owner, Range
from enrichment.account.match import AccountIndex

HARTMANN = Account(id=AccountId("H"), name="Hartmann Pumpen", country="DE")
RARE = Account(id=AccountId("R"), name="Thyssenkrupp Vorwerkstein", country="DE")
TELCO = Account(id=AccountId("T"), name="Kestrel Telecom", domains=("kestrel.example",), country="GB")
SHORT = Account(id=AccountId("S"), name="Falkenrieth", country="DE")
ACCOUNTS = [HARTMANN, RARE, TELCO, SHORT]


def judged(
    *descr: str, org: str = "", country: str = "DE", status: str = "ASSIGNED PA", prefix: str = "192.0.2.0/28"
) -> list[Finding]:
    """Return what a RIPE range with this description says."""
    found = Range(
        first=prefix, last="", registry="ripencc", netname="NET-1", descr=descr, country=country, status=status
    )
    owner = Owner(handle="ORG-1", name=org) if org else None
    return judge_range(found, owner, AccountFinder(ACCOUNTS))


def acting(findings: list[Finding]) -> list[tuple[str, bool]]:
    """Return each account with whether the finding acts alone."""
    return [(finding.account, not weigh([said_in(finding)])[1]) for finding in findings]


@pytest.mark.parametrize(
    ("descr", "org", "expected"),
    [
        (("Hartmann Pumpen GmbH", "Musterstr. 1"), "", [("H", True)]),
        ((), "Hartmann Pumpen GmbH", [("H", True)]),
        (("assigned to Hartmann Pumpen GmbH",), "", [("H", True)]),
        (("HARTMANN PUMPEN GMBH-100308143745",), "", [("H", True)]),
        (("Nordlicht Verlag KG",), "Hartmann Pumpen GmbH", []),  # its holder, but another firm uses it
        (("Hartmann Backwaren GmbH",), "", []),  # a shared rare word
        (("Peter Hartmann",), "", []),  # a person
        (("Privatperson Hartmann Pumpen",), "", []),
        (("Dynamic pool", "Hartmann Pumpen"), "", []),  # a line further down, without a legal form
        (("Kestrel Telecom Ltd",), "", []),  # a carrier that is a customer
    ],
)
def test_whose_range_it_is(descr: tuple[str, ...], org: str, expected: list[tuple[str, bool]]) -> None:
    """The name decides, in its dirty forms too; persons, sisters, carriers, holders of others' ranges don't count."""
    assert acting(judged(*descr, org=org)) == expected


@pytest.mark.parametrize(
    ("name", "change", "waits"),
    [
        ("Hartmann Pumpen GmbH", {"status": "ALLOCATED PA"}, "It is an allocation"),
        ("Falkenrieth SA", {"country": "FR"}, "It is registered in another country (FR) than the account's (DE)"),
        ("Hartmann Pumpen GmbH", {"prefix": "5.0.0.0/12"}, "5.0.0.0/12 is so wide that many may use it"),
    ],
)
def test_what_waits_says_why(name: str, change: dict[str, str], waits: str) -> None:
    """An allocation, another country, a very wide prefix: somebody must look first."""
    (found,) = judged(name, **change)
    assert found.waits.startswith(waits)


def test_a_name_that_only_one_has_counts_abroad_too() -> None:
    """A branch under the very same rare name is the customer's."""
    assert acting(judged("Thyssenkrupp Vorwerkstein S.A.", country="FR")) == [("R", True)]


def test_a_short_name_must_be_the_same() -> None:
    """Three letters with something added may be anybody's; alone they are the account's."""
    finder = AccountFinder([Account(id=AccountId("Q"), name="QXJ Corporation", country="DE")])
    says = {}
    for name in ("QXJ", "QXJ GmbH", "QXJ Operations"):
        found = Range(first="192.0.2.0/28", last="", registry="ripencc", descr=(name,), country="DE")
        says[name] = [waits for finding in judge_range(found, None, finder) for waits in (finding.waits[:22],)]
    assert says["QXJ"] == says["QXJ GmbH"] == [""]
    assert says["QXJ Operations"] in ([], ["The account's name is "])


def test_independent_sources_add_up() -> None:
    """Two of one kind are one voice; a registry and an AS name together may act; ambiguity always waits."""
    registry = Said(source="registry:ripencc", group="registry", text="", confidence=0.65, waits="It is an allocation")
    rdap = Said(source="rdap:ripencc", group="registry", text="", confidence=0.65, waits="It is an allocation")
    system = Said(source="as:64496", group="as", text="", confidence=0.6, waits="It is large")
    ambiguous = Said(source="as:64496", group="as", text="", confidence=0.9, waits="Others are called so", is_hard=True)
    assert weigh([registry]) == (0.65, "It is an allocation")
    assert weigh([registry, rdap]) == (0.65, "It is an allocation")
    assert weigh([registry, system]) == (0.86, "")
    assert weigh([registry, ambiguous])[1] == "Others are called so"


def test_accounts_of_one_name_all_wait() -> None:
    """Two accounts called the same: both are proposed, neither acts, each says who the other is."""
    twins = [Account(id=AccountId(key), name="Hartmann Pumpen", country="DE") for key in ("A", "B")]
    found = Range(first="192.0.2.0/28", last="", registry="ripencc", descr=("Hartmann Pumpen GmbH",), country="DE")
    findings = judge_range(found, None, AccountFinder(twins))
    assert acting(findings) == [("A", False), ("B", False)]


def test_the_sieve_loses_nothing(shared_data) -> None:  # type: ignore[no-untyped-def]
    """Of the real owners that matching takes for an account, the sieve lets pass at least 99 in 100."""
    import csv

    with (shared_data / "names" / "crm_accounts.csv").open(encoding="utf-8") as file:
        accounts = [
            Account(id=AccountId(row["account_id"]), name=row["name"], country=row["country"])
            for row in csv.DictReader(file)
        ]
    with (shared_data / "names" / "owner_to_account_train.csv").open(encoding="utf-8") as file:
        owners = [row["network_owner"] for row in csv.DictReader(file)]
    index, finder = AccountIndex(accounts), AccountFinder(accounts)
    matched = [owner for owner in owners if (found := index.owner(owner)) and found.account]
    lost = [owner for owner in matched if not finder.may_be_in(owner.encode())]
    assert len(matched) > 200
    assert len(lost) <= len(matched) // 100, lost
