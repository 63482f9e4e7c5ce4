"""Importing workbooks and broken files, in slices, with remembered columns and dry runs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, select

from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from enrichment.account import store
from enrichment.account.importer.headers import What
from enrichment.account.importer.registry import IMPORTERS
from enrichment.account.importer.report import ImportReport
from enrichment.account.importer.table import parse_table, read_table
from enrichment.tables import accounts, import_mappings

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def import_file(
    engine: Engine, path: Path, what: What = "accounts", columns: dict[str, str] | None = None, **options: bool
) -> ImportReport:
    return IMPORTERS[what](
        engine,
        path,
        NOW,
        columns,
        dry_run=options.get("dry_run", False),
        forget_mapping=options.get("forget_mapping", False),
    )


def counts(report: ImportReport) -> tuple[int, ...]:
    return (report.rows, report.added, report.changed, report.unchanged, report.merged, report.skipped)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Two sheets; the larger has a title, and column names in two rows of which the upper is merged."""
    book = openpyxl.Workbook()
    small = book.active
    assert small is not None
    small.title = "Notes"
    small.append(["company", "website"])
    small.append(["Alone Ltd", "alone.co.uk"])
    large = book.create_sheet("Customers")
    large.append(["Our customers"])
    large.append(["Customer number", "Company", "Last order", None, "Website"])
    large.append([None, None, "Date", "Amount", None])
    large.merge_cells("C2:D2")
    for number in range(30):
        large.append([1000 + number, f"Firm {number} GmbH", date(2024, 3, 4), 1234.125, f"firm{number}.de"])
    path = tmp_path / "customers.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_dates_numbers_and_merged_headers(any_engine: Engine, workbook: Path) -> None:
    """The largest sheet is taken and said so; names in two rows are joined; a number stays the number it is."""
    report = import_file(any_engine, workbook)
    with reading(any_engine) as connection:
        found = store.account(connection, AccountId("1003"))
        bought = store.activities_of(connection, [AccountId("1003")])[AccountId("1003")]
    assert counts(report) == (30, 30, 0, 0, 0, 0)
    assert found is not None and (found.name, found.domains) == ("Firm 3 GmbH", ("firm3.de",))
    assert [(one.at.date(), str(one.amount)) for one in bought] == [(date(2024, 3, 4), "1234.13")]
    assert any("the sheet 'Customers', the largest" in warning for warning in report.warnings)
    assert counts(import_file(any_engine, workbook)) == (30, 0, 0, 30, 0, 0)


def test_a_sheet_can_be_named(workbook: Path) -> None:
    """The sheet named is read; a wrong name lists those there are; a text file has none."""
    assert [row.cells for row in read_table(workbook, "notes").rows] == [("Alone Ltd", "alone.co.uk")]
    with pytest.raises(InputError, match="its sheets are Notes, Customers"):
        read_table(workbook, "Kunden")
    with pytest.raises(InputError, match="leave --sheet out"):
        read_table(write(workbook.with_suffix(".csv"), "name\nAcme\n"), "Notes")


def test_a_broken_workbook_says_what_to_do(tmp_path: Path) -> None:
    """A damaged file or another kind of archive is one plain sentence."""
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InputError, match=r"save it again as \.xlsx, or as CSV"):
        read_table(path)


def test_an_unclosed_quote_leaves_out_its_own_line_only() -> None:
    """Rows below a forgotten quote stay rows, even where a later quote would close it; texts of several lines stay."""
    text = (
        "id,name,domain,note\n"
        '1,"Acme,acme.com,x\n'
        "2,Beta,beta.com,y\n"
        '3,"Gamma, Inc",gamma.com,z\n'
        '4,"Delta\nof two lines",delta.com,"and, with, many\ncommas, in, it"\n'
        '5,"Epsilon,eps.com,x\n'
        '6,"Zeta,zeta.com,x\n'
        "7,Eta,eta.com,y\n"
    )
    table = parse_table(text.encode())
    assert [row.line for row in table.rows if row.unclosed] == [2, 8, 9]
    assert [row.cells[1] for row in table.rows if not row.unclosed] == [
        "Beta",
        "Gamma, Inc",
        "Delta\nof two lines",
        "Eta",
    ]
    assert "line 2, 8, 9 is never closed" in table.warnings[0]


def test_the_line_of_an_unclosed_quote_is_named_with_what_to_do(any_engine: Engine, tmp_path: Path) -> None:
    """It is a row left out, with its line and advice, and the sums add up."""
    path = write(tmp_path / "a.csv", 'id,name,domain\n1,"Acme,acme.com\n2,Beta,beta.com\n3,Gamma,gamma.com\n')
    report = import_file(any_engine, path)
    assert counts(report) == (3, 2, 0, 0, 0, 1)
    assert [(one.line, one.reason) for one in report.problems] == [(2, "a quote opens here that is never closed")]


def test_a_dry_run_counts_exactly_what_the_import_then_does_and_writes_nothing(
    any_engine: Engine, tmp_path: Path
) -> None:
    """For accounts, activities and contacts: the same figures, and until then not a row anywhere."""
    files: dict[What, Path] = {
        "accounts": write(
            tmp_path / "a.csv",
            "id,firm x,domain,last order\n1,Acme,acme.com,2024-01-02\n2,Beta,,\n,,,\n1,Acme,,\n9,,,\n",
        ),
        "activities": write(tmp_path / "b.csv", "account id,kind,date\n1,purchase,2024-05-06\n7,purchase,2024-01-01\n"),
        "contacts": write(tmp_path / "c.csv", "account id,name,email\n1,Maria,maria@acme.com\n8,Nobody,\n"),
    }
    for what, path in files.items():
        columns = {"name": "firm x"} if what == "accounts" else None
        dry = import_file(any_engine, path, what, columns, dry_run=True)
        with reading(any_engine) as connection:
            assert connection.execute(select(import_mappings)).all() == []
            assert len(store.accounts(connection)) == (0 if what == "accounts" else 2)
        wet = import_file(any_engine, path, what, columns)
        assert (counts(dry), dry.purchases_added, dry.reasons) == (counts(wet), wet.purchases_added, wet.reasons)
        assert "dry run: nothing was written" in dry.text
        with writing(any_engine) as connection:
            connection.execute(import_mappings.delete())


def test_what_was_said_of_columns_is_remembered_for_such_files(any_engine: Engine, tmp_path: Path) -> None:
    """Once said with a mapping, used again for the same columns in any order, shown, overruled and forgotten."""
    path = write(tmp_path / "1.csv", "nr,alpha,beta\n1,Acme,Old Acme\n2,Bolt,Old Bolt\n")
    import_file(any_engine, path, columns={"id": "nr", "name": "alpha"})
    other = write(tmp_path / "2.csv", "beta,nr,alpha\nOld Cord,3,Cord\n")
    again = import_file(any_engine, other)
    assert (again.added, "you said before: account id, company" in again.text) == (1, True)
    overruled = import_file(any_engine, other, columns={"name": "beta"}, dry_run=True)
    assert (overruled.changed, "you said before: account id;" in overruled.text) == (1, True)
    with pytest.raises(InputError, match="no column for company"):
        import_file(any_engine, other, forget_mapping=True)


def test_an_import_lets_others_write_between_its_slices(any_engine: Engine, tmp_path: Path) -> None:
    """Several short transactions, not one; an import that dies after the first can be repeated."""
    rows = "".join(f"{n},Firm {n},firm{n}.com\n" for n in range(2500))
    path = write(tmp_path / "a.csv", "id,name,domain\n" + rows)
    waits: list[bool] = []

    def die_after_the_first_slice(done: int, total: int) -> None:
        if total // 2 < done < total:
            with writing(any_engine) as connection:  # another writer gets its turn between the slices
                waits.append(bool(connection.execute(select(accounts.c.id).limit(1)).first()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        IMPORTERS["accounts"](any_engine, path, NOW, progress=die_after_the_first_slice)
    with reading(any_engine) as connection:
        before = len(connection.execute(select(accounts.c.id)).all())
    report = import_file(any_engine, path)
    assert waits == [True]
    assert 0 < before < 2500
    assert (report.added, report.unchanged) == (2500 - before, before)
