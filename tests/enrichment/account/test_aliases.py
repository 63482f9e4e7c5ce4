"""Aliases: other names of accounts, from files of the operator's and from the list of EDINET codes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import Account, AccountId
from enrichment.account import store as accounts_store
from enrichment.account.importer.aliases import import_aliases
from enrichment.account.importer.report import ImportReport
from enrichment.account.importer.store import write_accounts
from enrichment.account.match import AccountIndex

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACCOUNTS = [
    Account(id=AccountId("j1"), name="架空商事株式会社", country="JP"),
    Account(id=AccountId("j2"), name="Quillfeather Kogyo Co., Ltd.", country="JP"),
    Account(id=AccountId("e1"), name="Osprey Logistics Ltd", domains=("osprey.example",)),
]


def given(engine: Engine, path: Path, *, dry_run: bool = False) -> ImportReport:
    with writing(engine) as connection:
        write_accounts(connection, ACCOUNTS, NOW)
    return import_aliases(engine, path, NOW, dry_run=dry_run)


def aliases(engine: Engine) -> dict[str, tuple[str, ...]]:
    with reading(engine) as connection:
        return {account.id: account.aliases for account in accounts_store.accounts(connection)}


EDINET = (
    "ダウンロード実行日,2026年11月22日現在,件数,3件\r\n"
    "ＥＤＩＮＥＴコード,提出者種別,上場区分,連結の有無,資本金,決算日,提出者名,提出者名（英字）,提出者名（ヨミ）,所在地,"
    "提出者業種,証券コード,提出者法人番号\r\n"
    "E00001,内国法人,上場,有,1,3月31日,架空商事株式会社,Fanciful Trading Co.,カクウショウジ,東京都,卸売業,00010,\r\n"
    'E00002,内国法人,上場,有,1,3月31日,羽根工業株式会社,"QUILLFEATHER KOGYO CO.,LTD.",ハネコウギョウ,大阪府,機械,,\r\n'
    "E00003,内国法人,,無,,,無関係株式会社,Unrelated Inc.,ムカンケイ,京都府,サービス業,,\r\n"
)


def test_the_list_of_edinet_codes_is_read_as_it_is(engine: Engine, tmp_path: Path) -> None:
    """Shift-JIS with a title line: Japanese and English names find each other's account; strangers are counted."""
    path = tmp_path / "EdinetcodeDlInfo.csv"
    path.write_bytes(EDINET.encode("cp932"))
    report = given(engine, path)
    assert (report.rows, report.added, report.unchanged, report.skipped) == (3, 2, 0, 1)
    assert report.problems[0].reason == "no account of yours (無関係株式会社)"
    found = aliases(engine)
    assert "Fanciful Trading Co." in found["j1"]
    assert "羽根工業株式会社" in found["j2"]
    with reading(engine) as connection:
        index = AccountIndex(accounts_store.accounts(connection))
    match = index.owner("FANCIFUL TRADING")
    assert match is not None
    assert match.account is not None
    assert match.account.id == "j1"
    assert "match:alias" in [reason.code for reason in match.why]


def test_the_same_file_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """A second import adds no row, and a new alias is seen by whoever keeps the accounts in memory."""
    path = tmp_path / "aliases.csv"
    path.write_text("Account ID,Alias\ne1,Ospreyline; Osprey Freight\n", encoding="utf-8")
    with reading(engine) as connection:
        before = accounts_store.version(connection)
    assert given(engine, path).added == 1
    again = given(engine, path)
    assert (again.added, again.unchanged) == (0, 1)
    assert aliases(engine)["e1"] == ("Osprey Freight", "Ospreyline")
    with reading(engine) as connection:
        assert accounts_store.version(connection) != before


def test_a_row_may_name_the_account_by_its_domain_and_a_dry_run_writes_nothing(engine: Engine, tmp_path: Path) -> None:
    """The domain is enough; with a dry run only the figures come."""
    path = tmp_path / "aliases.csv"
    path.write_text("Domain,Former name\nwww.osprey.example,Fishhawk Ltd\n", encoding="utf-8")
    assert given(engine, path, dry_run=True).added == 1
    assert aliases(engine)["e1"] == ()
    assert given(engine, path).added == 1
    assert aliases(engine)["e1"] == ("Fishhawk Ltd",)


def test_two_firms_of_one_name_give_nobody_an_alias(engine: Engine, tmp_path: Path) -> None:
    """Two rows of the list with one name are two firms: without an id nobody knows which is the customer."""
    path = tmp_path / "list.csv"
    path.write_text(
        "提出者名,提出者名（英字）\n架空商事株式会社,Fanciful Trading Co.\n架空商事株式会社,Kakuu Shoji K.K.\n",
        encoding="utf-8",
    )
    report = given(engine, path)
    assert (report.added, report.skipped) == (0, 2)
    assert aliases(engine)["j1"] == ()


def test_a_name_that_is_only_close_is_another_firm(engine: Engine, tmp_path: Path) -> None:
    """A list of all companies has sisters of every customer: their names are nobody's alias."""
    path = tmp_path / "aliases.csv"
    path.write_text("Company,Alias\nOsprey Logistics Brasil,OLB\n", encoding="utf-8")
    assert given(engine, path).skipped == 1
