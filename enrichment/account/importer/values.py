"""Dates, amounts and yes-or-no as a whole column means them: one odd cell can't turn 03/04 round (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

_YEAR_FIRST = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(.*))?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})([-/. ])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?:[T\s,]+(.*))?$")
_PACKED = re.compile(r"^(19|20)(\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_SERIAL = re.compile(r"^\d{5}(?:[.,]\d+)?$")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
_ERA = re.compile(r"^(令和|平成|昭和|[RHS])\s?(\d{1,2}|元)[年./-](\d{1,2})[月./-](\d{1,2})日?$", re.IGNORECASE)
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
_NAMED = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+(?:de\s+)?([^\W\d_]{3,})\.?,?[\s-]+(?:de\s+)?(\d{4}|\d{2})(?:[T\s,]+(.*))?$"
)
_NAMED_FIRST = re.compile(r"^([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[T\s,]+(.*))?$")
_CLOCK = re.compile(
    r"^(\d{1,2})[:.h時](\d{2})(?:[:.分](\d{2})(?:[.,]\d+)?秒?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$", re.I
)
_MONTHS = {
    "jan": 1,
    "ene": 1,
    "gen": 1,
    "feb": 2,
    "fev": 2,
    "mar": 3,
    "maa": 3,
    "apr": 4,
    "avr": 4,
    "abr": 4,
    "may": 5,
    "mai": 5,
    "mag": 5,
    "mei": 5,
    "maj": 5,
    "jun": 6,
    "giu": 6,
    "juin": 6,
    "jul": 7,
    "lug": 7,
    "juil": 7,
    "aug": 8,
    "aou": 8,
    "ago": 8,
    "sep": 9,
    "set": 9,
    "oct": 10,
    "okt": 10,
    "ott": 10,
    "out": 10,
    "nov": 11,
    "dec": 12,
    "dez": 12,
    "dic": 12,
}
_EXCEL_ZERO = datetime(1899, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateStyle:
    """How the dates of one column are to be read."""

    day_first: bool
    unsure: bool
    """True when nothing in the column says whether the day or the month comes first."""


def date_style(values: Iterable[str], now: datetime) -> DateStyle:
    """Return how to read the dates of a column: what one value shows holds for all.

    A part above 12 decides; else dots mean that the day comes first; else the order that puts no date after `now`;
    else the order in which the file is sorted; else the day, and `unsure` is set.
    """
    day_votes = month_votes = 0
    open_values: list[tuple[int, int, int]] = []
    for value in values:
        match = _YEAR_LAST.match(_plain(value))
        if not match:
            continue
        first, sign, second, year = int(match[1]), match[2], int(match[3]), _year(match[4])
        if sign == "." or first > 12:
            day_votes += 1
        elif second > 12:
            month_votes += 1
        else:
            open_values.append((first, second, year))
    if day_votes or month_votes:
        return DateStyle(day_first=day_votes >= month_votes, unsure=bool(day_votes and month_votes))
    if not open_values:
        return DateStyle(day_first=True, unsure=False)
    as_day = [(year, second, first) for first, second, year in open_values]
    as_month = [(year, first, second) for first, second, year in open_values]
    latest = (now.year, now.month, now.day)
    future_day, future_month = (sum(date > latest for date in dates) for dates in (as_day, as_month))
    if future_day != future_month:
        return DateStyle(day_first=future_day < future_month, unsure=False)
    sorted_day, sorted_month = (dates in (sorted(dates), sorted(dates, reverse=True)) for dates in (as_day, as_month))
    if len(open_values) >= 5 and sorted_day != sorted_month:
        return DateStyle(day_first=sorted_day, unsure=False)
    return DateStyle(day_first=True, unsure=any(first != second for first, second, _ in open_values))


@lru_cache(maxsize=16384)
def parse_date(value: str, style: DateStyle) -> datetime | None:
    """Return the moment that a cell means, UTC where it names no zone; None if it is no date."""
    text = _plain(value)
    try:
        return _parse_date(text, style)
    except (ValueError, OverflowError, KeyError):
        return None


def _parse_date(text: str, style: DateStyle) -> datetime | None:
    if match := _YEAR_FIRST.match(text):
        return _moment(int(match[1]), int(match[2]), int(match[3]), match[4])
    if match := _YEAR_LAST.match(text):
        first, second = int(match[1]), int(match[3])
        day, month = (first, second) if style.day_first or match[2] == "." else (second, first)
        if month > 12:
            day, month = month, day
        return _moment(_year(match[4]), month, day, match[5])
    if match := _PACKED.match(text):
        return _moment(int(match[1] + match[2]), int(match[3]), int(match[4]), None)
    if _SERIAL.match(text):
        days = float(text.replace(",", "."))
        return _EXCEL_ZERO + timedelta(seconds=round(days * 86400)) if 20000 <= days < 80000 else None
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if match := _ERA.match(text):
        year = _ERAS[match[1].upper()] + (1 if match[2] == "元" else int(match[2]))
        return _moment(year, int(match[3]), int(match[4]), None)
    if match := _NAMED.match(text):
        return _moment(_year(match[3]), _month(match[2]), int(match[1]), match[4])
    if match := _NAMED_FIRST.match(text):
        return _moment(int(match[3]), _month(match[1]), int(match[2]), match[4])
    return None


def looks_like_date(value: str) -> bool:
    """Return whether a cell reads as a date in any style; bare numbers don't."""
    text = _plain(value)
    return not text.isdecimal() and parse_date(text, DateStyle(day_first=True, unsure=False)) is not None


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().strip("'\"")


def _year(text: str) -> int:
    year = int(text)
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _month(name: str) -> int:
    folded = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return _MONTHS[folded[:4]] if folded[:4] in _MONTHS else _MONTHS[folded[:3]]


def _moment(year: int, month: int, day: int, clock: str | None) -> datetime | None:
    if not clock:
        return datetime(year, month, day, tzinfo=UTC)
    match = _CLOCK.match(clock.strip())
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4][0] in "pP" else 0)
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if match[5] and match[5][0] in "+-":
        sign = -1 if match[5][0] == "-" else 1
        digits = match[5][1:].replace(":", "")
        moment -= sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment


_CURRENCIES = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "円": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "zł": "PLN",
    "fr.": "CHF",
}
_CODE = re.compile(r"\b([A-Z]{3})\b")
_NUMBER = re.compile(r"^\d[\d.,]*$|^[.,]\d+$")
_GROUPS = re.compile(r"(?<=\d)[\s'’_\u202f](?=\d{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountStyle:
    """How the amounts of one column are to be read."""

    decimal: str
    """The sign before the fraction: `.` or `,`."""
    unsure: bool
    """True when `1,234` may mean one or one thousand: nothing else in the column tells."""


def amount_style(values: Iterable[str]) -> AmountStyle:
    """Return which sign stands before the fraction in a column: what one value shows holds for all."""
    votes = {".": 0, ",": 0}
    groups = {".": 0, ",": 0}
    for value in values:
        digits = _bare(value)
        last = max(digits.rfind("."), digits.rfind(","))
        if last < 0:
            continue
        sign = digits[last]
        other = "," if sign == "." else "."
        if other in digits:
            votes[sign] += 1
        elif digits.count(sign) > 1:
            votes[other] += 1
        elif len(digits) - last - 1 == 3 and digits[0] != "0" and last <= 3:
            groups[sign] += 1
        else:
            votes[sign] += 1
    if votes["."] or votes[","]:
        return AmountStyle(decimal="," if votes[","] > votes["."] else ".", unsure=bool(votes["."] and votes[","]))
    if groups["."] or groups[","]:
        return AmountStyle(decimal="," if groups["."] >= groups[","] else ".", unsure=True)
    return AmountStyle(decimal=".", unsure=False)


def parse_amount(value: str, style: AmountStyle) -> Decimal | None:
    """Return the number in a cell, negative in brackets or with a minus before or after; None if it is none."""
    text = unicodedata.normalize("NFKC", value).strip()
    digits = _bare(value)
    if not _NUMBER.match(digits):
        return None
    group = "." if style.decimal == "," else ","
    try:
        number = Decimal(digits.replace(group, "").replace(style.decimal, "."))
    except InvalidOperation:
        return None
    negative = (text.startswith("(") and text.endswith(")")) or bool(re.search(r"^\W*[-−–]|[-−–]\W*$|\bCR$", text))
    return -number if negative else number


@lru_cache(maxsize=1024)
def currency_in(value: str) -> str:
    """Return the ISO code of the currency named in a cell, or an empty text."""
    text = unicodedata.normalize("NFKC", value).strip()
    for sign, code in _CURRENCIES.items():
        if sign in text.casefold():
            return code
    match = _CODE.search(text)
    return match[1] if match else ""


def looks_like_amount(value: str) -> bool:
    """Return whether a cell reads as an amount of money: digits with a fraction or a currency."""
    return bool(_NUMBER.match(_bare(value))) and (
        bool(currency_in(value)) or bool(re.search(r"\d[.,]\d{2}\D*$", value))
    )


def _bare(value: str) -> str:
    text = _GROUPS.sub("", unicodedata.normalize("NFKC", value).strip())
    return re.sub(r"^[^\d.,]+|[^\d.,]+$", "", text).removesuffix(",-").removesuffix(".-")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_YES = _words("yes y true t 1 x ja j wahr oui o vrai si sì s vero sí verdadero tak kyllä はい 有 あり ○ ✓ 是 退職")
_NO = _words("no n false f 0 nein falsch non faux falso nie ei いいえ 無 なし × 否 -")


def parse_flag(value: str) -> bool | None:
    """Return yes or no as a cell says it; None for anything else. An empty cell says no."""
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    if not text or text in _NO:
        return False
    return True if text in _YES else None
