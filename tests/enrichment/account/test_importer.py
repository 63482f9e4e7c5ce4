"""Importing accounts, activities and contacts, and reading them back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.alerting import PurchaseFacts
from core.database import reading, writing
from core.domain import AccountId, Activity
from core.errors import InputError
from enrichment.account import store
from enrichment.account.importer.accounts import import_accounts
from enrichment.account.importer.activities import import_activities
from enrichment.account.importer.contacts import import_contacts
from enrichment.account.importer.report import ImportReport
from enrichment.account.purchases import purchase_facts
from enrichment.tables import declared_networks

NOW = datetime(2026, 11, 22, tzinfo=UTC)

DIRTY = (
    "Kundennummer;Firma;Website;LetzterAuftrag;Wert letzter Auftrag;Betreuer;Netze\r\n"
    "1001;Müller & Söhne GmbH;https://www.mueller.example.com/;03.04.2023;1.234,56 €;anna@example.com;192.0.2.0/28\r\n"
    "1002;Kessel AG;kessel.example.de, kessel-group.example.org;45021;12,00;Herr Schmidt;\r\n"
    ";Ohne Nummer KG;;;;;198.51.100.0/33\r\n"
    "1001;Mueller und Soehne;mueller-gmbh.example.net;;;;\r\n"
    "1003;;;;;;\r\n"
    "1004;Zu Viele;a.example.org;;;;;;extra\r\n"
    "1005;Zukunft GmbH;zukunft.example.info;01.01.2031;;;\r\n"
)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def balanced(report: ImportReport) -> bool:
    return report.rows == report.added + report.changed + report.unchanged + report.merged + report.skipped


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    return write(tmp_path / "kunden.csv", DIRTY, "cp1252")


def test_a_dirty_export_is_taken_as_far_as_it_goes(any_engine: Engine, dirty: Path) -> None:
    """Rows that can be used are in, the others are named with line, reason and what to do; the sums add up."""
    with writing(any_engine) as connection:
        report = import_accounts(connection, dirty, NOW)
        found = {account.id: account for account in store.accounts(connection)}
    assert balanced(report)
    assert (report.rows, report.added, report.merged, report.skipped) == (7, 4, 1, 2)
    assert found[AccountId("1001")].domains == ("example.com", "example.net")
    assert found[AccountId("1001")].owner_email == "anna@example.com"
    assert found[AccountId("1002")].owner_email == ""
    assert found[AccountId("ohne-nummer")].name == "Ohne Nummer KG"
    assert {(problem.line, problem.skipped) for problem in report.problems} == {
        (6, True),
        (7, True),
        (3, False),
        (4, False),
        (8, False),
    }
    assert "columns guessed: account id=Kundennummer, company=Firma" in report.text
    assert dict(report.reasons)["the owner is no e-mail address"] == 1


def test_a_last_order_is_a_purchase_and_a_network_is_declared(any_engine: Engine, dirty: Path) -> None:
    """The columns beside the account itself arrive where the rest of the line looks for them."""
    with writing(any_engine) as connection:
        report = import_accounts(connection, dirty, NOW)
        of = store.activities_of(connection, [AccountId("1001"), AccountId("1002"), AccountId("1005")])
        networks = connection.execute(select(declared_networks.c.prefix, declared_networks.c.account)).all()
    assert report.purchases_added == 2
    assert [(a.at, a.amount, a.currency) for a in of[AccountId("1001")]] == [
        (datetime(2023, 4, 3, tzinfo=UTC), Decimal("1234.56"), "EUR")
    ]
    assert of[AccountId("1002")][0].at == datetime(2023, 4, 5, tzinfo=UTC)
    assert of[AccountId("1005")] == ()
    assert [tuple(row) for row in networks] == [("192.0.2.0/28", "1001")]


def test_the_same_file_again_changes_nothing(any_engine: Engine, dirty: Path) -> None:
    """A second import finds everything as it is, and the stamp of the accounts stays."""
    with writing(any_engine) as connection:
        import_accounts(connection, dirty, NOW)
        stamp = store.version(connection)
        again = import_accounts(connection, dirty, NOW.replace(day=23))
        assert store.version(connection) == stamp
    assert (again.added, again.changed, again.unchanged, again.purchases_added) == (0, 0, 4, 0)


def test_a_changed_row_changes_its_account_only_and_an_empty_cell_nothing(any_engine: Engine, tmp_path: Path) -> None:
    """Upsert by id: new values win, empty cells leave what is known, the stamp moves."""
    with writing(any_engine) as connection:
        import_accounts(
            connection,
            write(tmp_path / "1.csv", "id,name,domain,country\n1,Acme,acme.example.com,DE\n2,Beta,,FR\n"),
            NOW,
        )
        stamp = store.version(connection)
        report = import_accounts(
            connection,
            write(tmp_path / "2.csv", "id,name,domain,country\n1,Acme AG,,\n2,Beta,,FR\n"),
            NOW.replace(day=23),
        )
        one = store.account(connection, AccountId("1"))
        assert store.version(connection) != stamp
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert one is not None
    assert (one.name, one.domains, one.country) == ("Acme AG", ("example.com",), "DE")


def test_without_ids_sisters_and_namesakes_stay_apart(any_engine: Engine, tmp_path: Path) -> None:
    """Ids come from the domain, else the name; spellings of one firm are one account, sisters are two."""
    text = "company,website\nHartmann Pumpen GmbH,hartmann.de\nHartmann Holding AG,hartmann.de\nBeta Ltd,beta.co.uk\n"
    text += "Zwill AG,\nZwill GmbH,\nGamma Works Inc,\nGAMMA WORKS,\n"
    with writing(any_engine) as connection:
        report = import_accounts(connection, write(tmp_path / "a.csv", text), NOW)
        ids = {account.id for account in store.accounts(connection)}
    assert ids == {"hartmann-pumpen", "hartmann-holdings", "beta.co.uk", "zwill", "zwill-gmbh", "gamma-works"}
    assert report.merged == 1


def test_activities_in_other_words_are_understood(any_engine: Engine, dirty: Path, tmp_path: Path) -> None:
    """Orders, calls and reasons arrive as our kinds; strangers, returns and nonsense are left out and named."""
    text = (
        "Kundennr;Art;Datum;Artikel;Betrag;Bemerkung\n"
        "1001;Bestellung;01.02.2024;Pumpe;1.000,00;\n"
        "1001;Anruf;02.02.2024;;;sprach mit Anna\n"
        "1001;Grund;03.03.2024;;;zu teuer\n"
        "1001;Gutschrift;04.03.2024;;-5,00;\n"
        "1001;Rechnung;05.03.2024;;-5,00;\n"
        "1001;Bestellung;01.02.2024;Pumpe;1.000,00;\n"
        "9999;Bestellung;01.02.2024;;1,00;\n"
        "1001;Tanz;01.02.2024;;;\n"
        "1001;Bestellung;irgendwann;;;\n"
    )
    with writing(any_engine) as connection:
        import_accounts(connection, dirty, NOW)
        report = import_activities(connection, write(tmp_path / "a.csv", text), NOW)
        again = import_activities(connection, tmp_path / "a.csv", NOW)
        of = store.activities_of(connection, [AccountId("1001")])[AccountId("1001")]
    assert balanced(report)
    assert (report.added, report.merged, report.skipped) == (3, 1, 5)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert [activity.kind for activity in of] == ["purchase", "purchase", "contact", "dormancy_reason"]
    assert of[1].amount == Decimal("1000")
    assert any("9999" in warning for warning in report.warnings)


def test_orders_without_a_kind_or_an_id_are_purchases_of_the_account_of_that_name(
    any_engine: Engine, dirty: Path, tmp_path: Path
) -> None:
    """A plain list of orders by company name works; the real order replaces the stand-in of its day."""
    text = "Company,Order date,Order total\nKESSEL,05/04/2023,$99.50\nKESSEL,25/04/2023,$1.50\nNobody,01/04/2023,$1\n"
    with writing(any_engine) as connection:
        import_accounts(connection, dirty, NOW)
        report = import_activities(connection, write(tmp_path / "o.csv", text), NOW)
        of = store.activities_of(connection, [AccountId("1002")])[AccountId("1002")]
    assert (report.added, report.skipped) == (2, 1)
    assert [(activity.at.day, activity.amount, activity.currency) for activity in of] == [
        (5, Decimal("99.5"), "USD"),
        (25, Decimal("1.5"), "USD"),
    ]


def test_contacts_are_tied_to_their_accounts(any_engine: Engine, dirty: Path, tmp_path: Path) -> None:
    """Names in two columns, people who left, strangers; the same file again changes nothing."""
    text = (
        "Kundennummer,Vorname,Nachname,E-Mail,ausgeschieden\n"
        "1001,Anna,Adler,anna.adler@example.com,nein\n1001,Bert,Berg,,ja\n7777,Carl,Clas,,\n"
    )
    with writing(any_engine) as connection:
        import_accounts(connection, dirty, NOW)
        report = import_contacts(connection, write(tmp_path / "c.csv", text), NOW)
        again = import_contacts(connection, tmp_path / "c.csv", NOW)
        of = store.contacts_of(connection, [AccountId("1001")])[AccountId("1001")]
    assert balanced(report)
    assert (report.added, report.skipped, again.unchanged) == (2, 1, 2)
    assert [(contact.name, contact.has_left) for contact in of] == [("Anna Adler", False), ("Bert Berg", True)]


def test_a_file_without_the_needed_column_says_which(any_engine: Engine, tmp_path: Path) -> None:
    """The error names what is missing, what there is, and how to say it."""
    with writing(any_engine) as connection, pytest.raises(InputError, match=r"no column for date .*at=COLUMN"):
        import_activities(connection, write(tmp_path / "x.csv", "account_id,amount\n1,2\n"), NOW)


def test_the_demo_can_be_removed_without_touching_customers(any_engine: Engine, tmp_path: Path) -> None:
    """Only accounts imported as demo go, with all that hangs on them."""
    with writing(any_engine) as connection:
        import_accounts(
            connection, write(tmp_path / "1.csv", "id,name,last order\nd1,Demo One,2024-01-01\n"), NOW, is_demo=True
        )
        import_accounts(connection, write(tmp_path / "2.csv", "id,name\nr1,Real One\n"), NOW)
        assert store.remove_demo(connection) == 1
        assert [account.id for account in store.accounts(connection)] == ["r1"]
        assert store.activities_of(connection, [AccountId("d1")]) == {AccountId("d1"): ()}


def test_purchase_facts_end_at_the_moment_they_are_asked_for() -> None:
    """Purchases from then on aren't known yet; sums stay within one currency."""

    def bought(day: int, amount: str | None, currency: str = "EUR", product: str = "Pump") -> Activity:
        return Activity(
            account=AccountId("1"),
            kind="purchase",
            at=datetime(2024, 1, day, tzinfo=UTC),
            amount=Decimal(amount) if amount else None,
            currency=currency,
            product=product,
        )

    some = [bought(1, "10"), bought(2, "5.50", product="Seal"), bought(3, "7", "USD"), bought(9, "99")]
    assert purchase_facts(some, datetime(2024, 1, 3, tzinfo=UTC)) == PurchaseFacts(
        lifetime=Decimal("15.50"),
        currency="EUR",
        last_at=datetime(2024, 1, 2, tzinfo=UTC),
        last_product="Seal",
        last_amount=Decimal("5.50"),
        orders=2,
    )
    assert purchase_facts([], NOW) == PurchaseFacts()


@pytest.mark.real_data
@pytest.mark.slow
def test_the_real_crm_is_imported_as_it_is_and_twice_changes_nothing(any_engine: Engine, shared_data: Path) -> None:
    """4,506 accounts, 32,565 activities and 6,318 contacts: every row arrives, none changes the second time."""
    for first in (True, False):
        for name, run in (
            ("accounts", import_accounts),
            ("activities", import_activities),
            ("contacts", import_contacts),
        ):
            with writing(any_engine) as connection:
                report = run(connection, shared_data / "crm" / f"{name}.csv", NOW)
            assert balanced(report)
            assert report.skipped == 0
            assert (report.added if first else report.unchanged) == report.rows
    with reading(any_engine) as connection:
        assert len(store.accounts(connection)) == 4506
