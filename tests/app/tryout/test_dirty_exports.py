"""Exports as people have them: the worst rows are named, the rest works, and the dormant customer is found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tryout_files import PUMPS, line, run

SERIAL = (date(2024, 3, 1) - date(1899, 12, 30)).days
"""1 March 2024 as Excel counts days."""

GERMAN = (
    "Kundenliste, Stand heute\r\n"
    "Kundennummer;Firma;IP-Bereich;Betreuer;Letzter Auftrag;Wert letzter Auftrag;Währung\r\n"
    "4711;Müller Pumpen GmbH;192.0.2.0/24;anna@example.com;01.03.2024;1.234,56;EUR\r\n"
    "4712;Österreichische Mühlen AG;;berta@example.com;31.12.2025;12.000,00;EUR\r\n"
    ";;;;;;\r\n"
    "4713;;;;32.13.2025;x;EUR\r\n"
).encode("cp1252")

JAPANESE = (
    "会社名,ネットワーク,担当者メール,最終購入日,最終購入金額,通貨\r\n"
    '株式会社ヤマネ製作所,192.0.2.0/24,anna@example.com,2024/03/01,"123,456",JPY\r\n'
    '株式会社コグマ工業,,anna@example.com,2025年12月31日,"800,000",JPY\r\n'
).encode("cp932")

EXCEL = (
    "Customer\tNetwork\tLast order\tLast order value\r\n"
    f"Hartmann Pumps Ltd\t192.0.2.0/24\t{SERIAL}\t1234.56\r\n"
    f"Alpen Mills Ltd\t\t{SERIAL + 700}\t10\r\n"
).encode("utf-16")

TWICE = (
    "name,networks,last order,last order value\n"
    "Hartmann Pumps Ltd,192.0.2.0/24,2024-03-01,1234.56\n"
    "HARTMANN PUMPS LIMITED,,2024-03-01,1234.56\n"
    ",,2020-01-01,5\n"
    'Alpen "Mills Ltd,,2025-05-05,7\n'
)


@pytest.mark.parametrize(
    ("export", "name", "amount"),
    [
        pytest.param(GERMAN, "Müller Pumpen GmbH", "1234.56", id="semicolons, decimal commas, a title, cp1252"),
        pytest.param(JAPANESE, "株式会社ヤマネ製作所", "123456.00", id="Shift-JIS without ids"),
        pytest.param(EXCEL, "Hartmann Pumps Ltd", "1234.56", id="UTF-16 with tabs and Excel's dates"),
        pytest.param(TWICE, "Hartmann Pumps Ltd", "1234.56", id="duplicates, missing ids, a broken quote"),
    ],
)
def test_the_dormant_customer_is_found(tmp_path: Path, export: bytes | str, name: str, amount: str) -> None:
    """Whatever the export's shape, its dormant customer is found with the right name, date and worth."""
    found = run(tmp_path, export, line(PUMPS), "--json").findings
    cards = [(card["name"], card["last_order_at"][:10], card["worth"]["amount"]) for card in found["dormant"]]
    assert cards == [(name, "2024-03-01", amount)]


def test_the_worst_rows_are_named(tmp_path: Path) -> None:
    """Lines, report and terminal say which row was left out, why, and what to do."""
    ran = run(tmp_path, GERMAN, line(PUMPS))
    assert "columns guessed: account id=Kundennummer, company=Firma" in ran.text
    assert "1 left out" in ran.text
    assert ("no company name" in ran.text, "no company name" in ran.report) == (True, True)


def test_rows_of_one_customer_are_merged(tmp_path: Path) -> None:
    """The same customer written twice is one, and the file's summary says so."""
    found = run(tmp_path, TWICE, line(PUMPS), "--json").findings
    assert (found["imports"][0]["merged"], found["accounts"]) == (1, 2)
