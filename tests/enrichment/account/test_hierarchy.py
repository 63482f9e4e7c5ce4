"""Groups of accounts: links in any order, circles, pending parents, inherited owners, the more exact match."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.database import reading
from core.domain import Account, AccountId, Company
from enrichment.account import store
from enrichment.account.hierarchy import Hierarchy, tell_owner, with_owners
from enrichment.account.importer.accounts import import_accounts
from enrichment.account.importer.report import ImportReport
from enrichment.account.match import AccountIndex

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def import_text(engine: Engine, folder: Path, text: str, *, dry_run: bool = False) -> ImportReport:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return import_accounts(engine, path, NOW, dry_run=dry_run)


def parents(engine: Engine) -> dict[str, str | None]:
    with reading(engine) as connection:
        return {account.id: account.parent for account in store.accounts(connection)}


def one(key: str, name: str, parent: str = "", owner: str = "", domain: str = "") -> Account:
    return Account(
        id=AccountId(key),
        name=name,
        parent=AccountId(parent) if parent else None,
        owner_email=owner,
        domains=(domain,) if domain else (),
    )


def test_the_order_of_rows_does_not_matter(any_engine: Engine, tmp_path: Path) -> None:
    """A parent may stand below its children, and be named by id, name or domain."""
    rows = ["1,Top AG,top.de,", "2,Middle GmbH,middle.de,1", "3,Leaf KG,leaf.de,Middle", "4,Twig KG,twig.de,middle.de"]
    random.Random(3).shuffle(rows)
    report = import_text(any_engine, tmp_path, "id,name,domain,parent account\n" + "\n".join(rows) + "\n")
    assert parents(any_engine) == {"1": None, "2": "1", "3": "2", "4": "2"}
    assert (report.added, report.problems) == (4, ())
    again = import_text(any_engine, tmp_path, "id,name,domain,parent account\n" + "\n".join(rows) + "\n")
    assert (again.changed, again.unchanged) == (0, 4)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_a_circle_is_left_out_and_its_rows_are_named(
    any_engine: Engine, tmp_path: Path, order: tuple[int, ...]
) -> None:
    """Whatever the order: the links of the circle are left out, the accounts and the other links stay."""
    lines = ["1,A,3", "2,B,1", "3,C,2", "4,D,1"]
    report = import_text(any_engine, tmp_path, "id,name,parent\n" + "\n".join(lines[place] for place in order) + "\n")
    assert parents(any_engine) == {"1": None, "2": None, "3": None, "4": "1"}
    assert dict(report.reasons) == {"its parents make a circle": 3}
    assert sorted(problem.line for problem in report.problems) == sorted(order.index(place) + 2 for place in (0, 1, 2))


def test_a_circle_with_what_is_known_already_is_left_out(any_engine: Engine, tmp_path: Path) -> None:
    """2 is below 1 since an earlier file: a later one can't put 1 below 2, nor an account below itself."""
    import_text(any_engine, tmp_path, "id,name,parent\n1,A,\n2,B,1\n")
    report = import_text(any_engine, tmp_path, "id,name,parent\n1,A,2\n3,C,3\n")
    assert parents(any_engine) == {"1": None, "2": "1", "3": None}
    assert dict(report.reasons) == {"its parents make a circle": 1, "the account is its own parent": 1}


def test_an_unknown_parent_is_told_and_kept_until_it_comes(any_engine: Engine, tmp_path: Path) -> None:
    """The link waits by its id and holds as soon as the account is imported; a dry run says the same."""
    dry = import_text(any_engine, tmp_path, "id,name,parent\n2,B,1\n", dry_run=True)
    report = import_text(any_engine, tmp_path, "id,name,parent\n2,B,1\n")
    assert (dry.reasons, dry.warnings) == (report.reasons, report.warnings)
    assert "1 parent(s) aren't known yet" in report.warnings[0]
    with reading(any_engine) as connection:
        assert Hierarchy(store.accounts(connection)).above(AccountId("2")) == ()
    import_text(any_engine, tmp_path, "id,name\n1,A\n")
    with reading(any_engine) as connection:
        assert [a.id for a in Hierarchy(store.accounts(connection)).above(AccountId("2"))] == ["1"]


def test_the_owner_is_that_of_the_nearest_account_above() -> None:
    """Two levels up where the one between has none; an own owner stays; it is said whose owner it is."""
    accounts = with_owners(
        [one("1", "Top", owner="t@x.com"), one("2", "Mid", "1"), one("3", "Low", "2"), one("4", "Own", "2", "o@x.com")]
    )
    assert [(a.owner_email, a.owner_via) for a in accounts] == [
        ("t@x.com", ""),
        ("t@x.com", "Top"),
        ("t@x.com", "Top"),
        ("o@x.com", ""),
    ]
    found = AccountIndex(accounts).match(
        Company(name="Low", domain=None, accounts=(AccountId("3"),), confidence=1, why=())
    )
    told = tell_owner(found)
    assert told is not None
    assert told.why[-1].text == "Low has no owner of its own: Top, above it, lends its own."


def test_a_circle_in_the_data_ends() -> None:
    """Even if one came into being by hand, nothing runs for ever."""
    tree = Hierarchy([one("1", "A", "2"), one("2", "B", "1")])
    assert [a.id for a in tree.above(AccountId("1"))] == ["2"]
    assert [(node.account.id, node.depth) for node in tree.below(AccountId("1"))] == [("1", 0), ("2", 1)]


def test_of_a_group_that_fits_equally_the_lowest_wins_and_others_stay_open() -> None:
    """Parent and subsidiary of one domain and name: the subsidiary; two subsidiaries alike: nobody is told."""
    group = [one("1", "Ostvarn AG", domain="ostvarn.de"), one("2", "Ostvarn GmbH", "1", domain="ostvarn.de")]
    company = Company(name="Ostvarn", domain="ostvarn.de", accounts=(), confidence=0.9, why=())
    found = AccountIndex(group).match(company)
    assert found is not None and found.account is not None and found.account.id == "2"
    open_match = AccountIndex([*group, one("3", "Ostvarn KG", "1", domain="ostvarn.de")]).match(company)
    assert open_match is not None and open_match.account is None
    by_name = AccountIndex([one("1", "Ostvarn AG"), one("2", "Ostvarn", "1")]).match(
        Company(name="OSTVARN", domain=None, accounts=(), confidence=0.9, why=())
    )
    assert by_name is not None and by_name.account is not None and by_name.account.id == "2"
