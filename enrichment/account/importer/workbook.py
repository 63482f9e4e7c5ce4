"""Reads a sheet of an Excel workbook as rows of text, streamed; everything that openpyxl knows stays here."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.errors import InputError

LARGEST_UNPACKED = 1_500_000_000
"""Bytes; a workbook that unpacks to more is no list of customers."""

_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRows:
    """The rows of one sheet."""

    name: str
    others: tuple[str, ...]
    """The workbook's other sheets that are no charts."""
    rows: tuple[tuple[str, ...], ...]
    """Every row from the sheet's first on, so that a row's place is its number; empty ones are empty tuples."""


def is_workbook(data: bytes) -> bool:
    """Tell by its first bytes whether a file may be a workbook of Excel 2007 or later."""
    return data.startswith(b"PK\x03\x04")


def read_workbook(path: Path, sheet: str = "") -> SheetRows:
    """Return the rows of the sheet called `sheet`, else of the largest; `InputError` says why that can't be done."""
    import openpyxl  # slow to load, and most files are text

    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {item.filename: item.file_size for item in archive.infolist()}
        if sum(sizes.values()) > LARGEST_UNPACKED:
            raise InputError(f"{path} is too large a workbook: save the sheet as CSV UTF-8 and import that")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except InputError:
        raise
    except Exception as error:
        advice = "save it again as .xlsx, or as CSV UTF-8, and import that"
        raise InputError(f"{path} isn't a workbook that can be read ({type(error).__name__}): {advice}") from error
    try:
        sheets = [one for one in book.worksheets if hasattr(one, "iter_rows")]
        chosen = _chosen(sheets, sheet, sizes, path)
        chosen.reset_dimensions()  # what a program wrote there may be wrong, and rows would be lost
        rows = tuple(_rows(chosen))
        return SheetRows(name=chosen.title, others=tuple(one.title for one in sheets if one is not chosen), rows=rows)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}): save it again and import that") from error
    finally:
        book.close()


def _chosen(sheets: list[Any], wanted: str, sizes: dict[str, int], path: Path) -> Any:
    if not sheets:
        raise InputError(f"{path} has no sheet with rows: is it the right file?")
    if wanted:
        found = [one for one in sheets if one.title.strip().casefold() == wanted.strip().casefold()]
        if not found:
            names = ", ".join(one.title for one in sheets)
            raise InputError(f"{path} has no sheet {wanted!r}: its sheets are {names}")
        return found[0]
    return max(sheets, key=lambda one: sizes.get(getattr(one, "_worksheet_path", ""), 0))


def _rows(sheet: Any) -> Iterator[tuple[str, ...]]:
    for row in sheet.iter_rows(values_only=True):
        cells = [text_of(value) for value in row[:_MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        yield tuple(cells)


def text_of(value: object) -> str:
    """Return a cell as the text that the importer reads in one way only, whatever the sheet's language."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return "" if value in _ERRORS else value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return _number(value)
    return "" if isinstance(value, timedelta) else str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = format(Decimal(repr(value)), "f")
    # "1.234" alone could be one thousand or one: a fourth digit says that the point stands before a fraction
    return text + "0" if len(text.partition(".")[2]) == 3 else text
