"""Dates, amounts and yes-or-no as their column means them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from enrichment.account.importer.values import (
    AmountStyle,
    DateStyle,
    amount_style,
    currency_in,
    date_style,
    parse_amount,
    parse_date,
    parse_flag,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY_FIRST = DateStyle(day_first=True, unsure=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-05", datetime(2023, 4, 5, tzinfo=UTC)),
        ("2023-04-05T14:30:00Z", datetime(2023, 4, 5, 14, 30, tzinfo=UTC)),
        ("2023-04-05 14:30:15.250+02:00", datetime(2023, 4, 5, 12, 30, 15, tzinfo=UTC)),
        ("2023/4/5", datetime(2023, 4, 5, tzinfo=UTC)),
        ("5.4.2023", datetime(2023, 4, 5, tzinfo=UTC)),
        ("05.04.23", datetime(2023, 4, 5, tzinfo=UTC)),
        ("05/04/2023 3:15 PM", datetime(2023, 4, 5, 15, 15, tzinfo=UTC)),
        ("20230405", datetime(2023, 4, 5, tzinfo=UTC)),
        ("45021", datetime(2023, 4, 5, tzinfo=UTC)),
        ("45021.5", datetime(2023, 4, 5, 12, tzinfo=UTC)),
        ("1680652800", datetime(2023, 4, 5, tzinfo=UTC)),
        ("2023年4月5日", datetime(2023, 4, 5, tzinfo=UTC)),
        ("令和5年4月5日", datetime(2023, 4, 5, tzinfo=UTC)),
        ("平成元年1月8日", datetime(1989, 1, 8, tzinfo=UTC)),
        ("R5.4.5", datetime(2023, 4, 5, tzinfo=UTC)),
        ("２０２３／４／５", datetime(2023, 4, 5, tzinfo=UTC)),
        ("5 Apr 2023", datetime(2023, 4, 5, tzinfo=UTC)),
        ("April 5, 2023", datetime(2023, 4, 5, tzinfo=UTC)),
        ("5. März 2023", datetime(2023, 3, 5, tzinfo=UTC)),
        ("5 de abril de 2023", datetime(2023, 4, 5, tzinfo=UTC)),
        ("31.02.2023", None),
        ("yesterday", None),
        ("12", None),
        ("", None),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, expected: datetime | None) -> None:
    """ISO, European, Japanese, Excel serial, epoch and month names; nonsense is no date."""
    assert parse_date(text, DAY_FIRST) == expected


@pytest.mark.parametrize(
    ("column", "day_first", "unsure"),
    [
        (["03/04/2023", "25/04/2023"], True, False),
        (["03/04/2023", "04/25/2023"], False, False),
        (["03/04/2023", "05/06/2023"], True, True),
        (["03.04.2023"], True, False),
        (["12/03/2026", "03/04/2023"], True, False),
        (["11/12/2026", "10/01/2026"], False, False),
        (["01/02/2023", "01/03/2023", "02/01/2023", "02/04/2023", "03/01/2023"], False, False),
        (["2023-04-05"], True, False),
        (["04/04/2023"], True, False),
    ],
)
def test_the_whole_column_says_whether_the_day_comes_first(column: list[str], day_first: bool, unsure: bool) -> None:
    """One value above 12, a date in the future or the order of the file decides for all; else it is unsure."""
    assert date_style(column, NOW) == DateStyle(day_first=day_first, unsure=unsure)


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        (["1.234,56", "12,00"], ["1234.56", "12.00"]),
        (["1,234.56", "12.00"], ["1234.56", "12.00"]),
        (["€ 1 234", "€ 56,5"], ["1234", "56.5"]),
        (["(12.00)", "12.00-", "-12.00"], ["-12.00", "-12.00", "-12.00"]),
        (["¥1,200", "￥15,000,000"], ["1200", "15000000"]),
        (["1,234", "5,67"], ["1.234", "5.67"]),
        (["1'234.50 CHF"], ["1234.50"]),
        (["1.234", "2.345.678"], ["1234", "2345678"]),
        (["USD 99", "1000"], ["99", "1000"]),
        (["0.125"], ["0.125"]),
    ],
)
def test_the_whole_column_says_what_point_and_comma_mean(column: list[str], numbers: list[str]) -> None:
    """One value with a fraction decides what the same sign means in the others."""
    style = amount_style(column)
    assert [parse_amount(value, style) for value in column] == [Decimal(number) for number in numbers]


def test_thousands_and_fractions_that_look_alike_are_unsure() -> None:
    """1.234 alone is taken as one thousand, and marked."""
    assert amount_style(["1.234", "5.678"]) == AmountStyle(decimal=",", unsure=True)


@pytest.mark.parametrize("text", ["n/a", "-", "12 or 13", "1.2.3,4,5x", ""])
def test_what_is_no_number_is_none(text: str) -> None:
    """Text in a column of amounts gives no amount."""
    assert parse_amount(text, AmountStyle(decimal=".", unsure=False)) is None


@pytest.mark.parametrize(
    ("text", "code"), [("€ 5", "EUR"), ("5 $", "USD"), ("GBP 5", "GBP"), ("1,200円", "JPY"), ("5", "")]
)
def test_a_currency_is_read_from_the_amount(text: str, code: str) -> None:
    """Signs and codes name the currency."""
    assert currency_in(text) == code


@pytest.mark.parametrize(
    ("text", "flag"),
    [("yes", True), ("Ja", True), ("1", True), ("はい", True), ("no", False), ("", False), ("maybe", None)],
)
def test_yes_and_no_in_several_languages(text: str, flag: bool | None) -> None:
    """A cell says yes, no (also by being empty) or neither."""
    assert parse_flag(text) is flag
