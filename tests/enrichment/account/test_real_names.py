"""The real pairs and the real customer list: figures that may not fall."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.domain import Account, AccountId
from enrichment.account.match import AccountIndex
from enrichment.account.names import compare

pytestmark = pytest.mark.real_data

CROSS_SCRIPT = {"ja_en", "ja_kana", "ja_en_near", "ja_renamed"}


def accounts(path: Path) -> list[Account]:
    with path.open(encoding="utf-8") as file:
        return [
            Account(
                id=AccountId(row["account_id"]),
                name=row["name"],
                domains=(row["domain"],) if row.get("domain") else (),
                country=row["country"],
            )
            for row in csv.DictReader(file)
        ]


def test_name_pairs_keep_their_precision_and_recall(shared_data: Path) -> None:
    """Of the pairs that a name can decide, at least 98 % said to be the same are, and 90 % of the same are found."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    with (shared_data / "names" / "company_pairs_train.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["category"] not in CROSS_SCRIPT | {"homonym"}:
                counts[compare(row["name_a"], row["name_b"]).same, row["label"] == "same"] += 1
    assert counts[True, True] / (counts[True, True] + counts[True, False]) >= 0.98
    assert counts[True, True] / (counts[True, True] + counts[False, True]) >= 0.90


def test_network_owners_keep_their_precision_and_recall(shared_data: Path) -> None:
    """Of the owners given to an account at least 97 % are its, and 80 % of those that have an account are found."""
    index = AccountIndex(accounts(shared_data / "names" / "crm_accounts.csv"))
    right = wrong = missed = 0
    with (shared_data / "names" / "owner_to_account_train.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            match = index.owner(row["network_owner"])
            found = match.account.id if match and match.account else "NONE"
            expected = row["expected_account_id"]
            right += found == expected != "NONE"
            wrong += found not in ("NONE", expected)
            missed += found != expected != "NONE"
    assert right / (right + wrong) >= 0.97
    assert right / (right + missed) >= 0.80


def test_no_decoy_of_the_customer_list_is_taken_for_a_customer(shared_data: Path) -> None:
    """A sister firm or namesake that is a customer too leads to itself or to nobody, never to the one it resembles."""
    found = accounts(shared_data / "crm" / "accounts.csv")
    index = AccountIndex(found)
    for decoy in (account for account in found if account.id.startswith("D-")):
        match = index.owner(decoy.name)
        assert match is None or match.account is None or match.account.id == decoy.id, decoy.name
    without = AccountIndex([account for account in found if not account.id.startswith("D-")])
    taken = {
        decoy.name: match.account.name
        for decoy in found
        if decoy.id.startswith("D-") and (match := without.owner(decoy.name)) and match.account
    }
    assert taken == {"Croc Holdings": "CROC"}  # nothing in the two names tells a namesake's holding from the firm's own


def test_every_customer_of_a_name_of_its_own_is_found_by_it(shared_data: Path) -> None:
    """Each account's own name leads to it, or stays open where another account has the name too."""
    found = accounts(shared_data / "crm" / "accounts.csv")
    index = AccountIndex(found)
    for account in found:
        match = index.owner(account.name)
        if match is not None and match.account is not None:
            assert match.account.id == account.id
        elif match is not None:
            assert account in match.candidates
