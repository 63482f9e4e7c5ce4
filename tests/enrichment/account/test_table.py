"""Reading delimited files of any encoding and delimiter."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from enrichment.account.importer.table import parse_table, read_table

JAPANESE = "会社名,顧客番号,メール\n株式会社山田製作所,1001,info@example.com\nアルファ工業㈱,1002,sales@example.com\n"
GERMAN = "Firma;Ort\nMüller & Söhne;Köln\nGroß Straßenbau;Nürnberg\n"


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (JAPANESE, "utf-8", "utf-8"),
        (JAPANESE, "utf-8-sig", "utf-8"),
        (JAPANESE, "utf-16", "utf-16"),
        (JAPANESE, "utf-16-le", "utf-16"),
        (JAPANESE, "cp932", "cp932"),
        (JAPANESE.replace("㈱", "(株)"), "euc_jp", "euc_jp"),
        (GERMAN, "cp1252", "cp1252"),
        ("Société;Ville\nCafé Crème;Orléans\nÉlan;Nîmes\n", "latin-1", "cp1252"),
        ("Firma;Miasto\nŁódź Stal;Kraków\nŻółw;Gdańsk\nSpółka;Wąchock\n", "cp1250", "cp1250"),
        ("Компания;Город\nСевер;Москва\n", "cp1251", "cp1251"),
    ],
)
def test_the_encoding_is_found_out(text: str, encoding: str, expected: str) -> None:
    """The same cells come out of every usual encoding."""
    table = parse_table(text.encode(encoding))
    assert table.encoding == expected
    delimiter = ";" if ";" in text else ","
    assert table.headers == tuple(text.splitlines()[0].split(delimiter))
    assert [row.cells for row in table.rows] == [tuple(line.split(delimiter)) for line in text.splitlines()[1:]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    """Four delimiters are told apart, also where texts contain another of them."""
    text = delimiter.join(["name", "city", "note"]) + "\n" + delimiter.join(["Acme", "Kiel", '"a, b; c|d"']) + "\n"
    table = parse_table((text * 1 + delimiter.join(["Beta", "Bonn", ""]) + "\n").encode())
    assert table.delimiter == delimiter
    assert table.rows[0].cells == ("Acme", "Kiel", "a, b; c|d")


def test_excels_own_line_names_the_delimiter() -> None:
    """`sep=;` in the first line is obeyed and is no row."""
    table = parse_table(b"sep=;\r\nname;city\r\nAcme, Inc;Kiel\r\n")
    assert (table.headers, table.rows[0].cells) == (("name", "city"), ("Acme, Inc", "Kiel"))


def test_quoted_line_ends_stay_in_their_cell() -> None:
    """A cell may contain line ends; the line number given is that of the record's end."""
    table = parse_table(b'name,note\n"Acme","two\nlines"\nBeta,x\n')
    assert [row.cells for row in table.rows] == [("Acme", "two\nlines"), ("Beta", "x")]
    assert table.rows[1].line == 4


def test_short_rows_are_filled_and_long_ones_marked() -> None:
    """A short row gets empty cells, a long one says by how much; trailing delimiters are nothing."""
    table = parse_table(b"a,b,c\n1\n1,2,3,4\n1,2,3,,,\n")
    assert [(row.cells, row.too_many) for row in table.rows] == [
        (("1", "", ""), 0),
        (("1", "2", "3"), 1),
        (("1", "2", "3"), 0),
    ]


def test_nul_bytes_and_titles_above_the_table_are_passed_over() -> None:
    """What programs add above and inside a table doesn't stop the rest, and is said."""
    table = parse_table(b"Customers 2026\n\nname,city\nAc\0me,Kiel\n")
    assert table.headers == ("name", "city")
    assert table.rows[0].cells == ("Acme", "Kiel")
    assert len(table.warnings) == 2


def test_a_quote_that_is_never_closed_loses_one_row_at_most() -> None:
    """A stray quote doesn't swallow the rest of the file."""
    rows = "".join(f"Firm {n},x\n" for n in range(500))
    table = parse_table(f'name,note\n"Acme,x\n{rows}'.encode())
    assert len(table.rows) == 501
    assert "never closed" in table.warnings[0]


@pytest.mark.parametrize(
    ("data", "says"), [(b"", "no rows"), (b"\n\n", "no rows"), (b"PK\x03\x04rest", "save it as CSV")]
)
def test_a_file_that_cannot_be_used_says_what_to_do(data: bytes, says: str) -> None:
    """Empty files and workbooks raise an error that names the way out."""
    with pytest.raises(InputError, match=says):
        parse_table(data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(InputError, match=r"gone\.csv does not exist"):
        read_table(tmp_path / "gone.csv")


def test_what_is_no_text_is_refused() -> None:
    """A picture or an archive is no list of customers, whatever its name."""
    with pytest.raises(InputError, match="isn't a text file"):
        parse_table(bytes(range(256)) * 400, "customers.csv")
