"""Reads a table as people export it: text of any usual encoding and delimiter, or a workbook; broken rows and all."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from enrichment.account.importer.quotes import Record, records
from enrichment.account.importer.values import looks_like_amount, looks_like_date
from enrichment.account.importer.workbook import is_workbook, read_workbook

DELIMITERS = (",", ";", "\t", "|")
LARGEST_FILE = 500_000_000
"""Bytes; more than this is no list of customers, and it is read into memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of the file."""

    line: int
    """The line of the file on which the record ends, counted from 1."""
    cells: tuple[str, ...]
    """As many as there are headers, blanks trimmed."""
    too_many: int = 0
    """Cells with content beyond the last header."""
    unclosed: bool = False
    """Whether a quote opens on this line that is never closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as headers and rows, with how it was read."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str
    warnings: tuple[str, ...]


_NO_TEXT = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_LOOKED_AT = 100_000
"""Characters; enough to tell a table from a picture."""
_MOST_NO_TEXT = 0.01


def read_table(path: Path, sheet: str = "") -> Table:
    """Return the table in the file `path`; `InputError` says why a file can't be read and what to do.

    `sheet` names the sheet of a workbook; else the largest is taken.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} is larger than 500 MB: split it and import the parts one after the other")
        with path.open("rb") as file:
            head = file.read(4)
        if is_workbook(head):
            return _of_workbook(path, sheet)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist: check the path") from error
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}): check the path and its permissions") from error
    if sheet:
        raise InputError(f"{path} is no workbook, so it has no sheet {sheet!r}: leave --sheet out")
    return parse_table(data, str(path))


def _of_workbook(path: Path, sheet: str) -> Table:
    read = read_workbook(path, sheet)
    warnings = []
    if read.others and not sheet:
        warnings.append(
            f"read the sheet {read.name!r}, the largest; the others ({', '.join(read.others[:10])}) weren't: "
            "--sheet names another"
        )
    lines = tuple(Record(line=number, cells=cells) for number, cells in enumerate(read.rows, start=1) if any(cells))
    return _table(lines, str(path), f"sheet {read.name}", "", warnings)


def parse_table(data: bytes, name: str = "the file") -> Table:
    """Return the table in the bytes `data` of a text file; `name` is how errors call it."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{name} is a workbook of an old Excel: save it as .xlsx or CSV UTF-8 and import that")
    if is_workbook(data):
        raise InputError(f"{name} is an Excel workbook: save it as CSV UTF-8 and import that")
    text, encoding = decode(data)
    if len(_NO_TEXT.findall(text[:_LOOKED_AT])) > len(text[:_LOOKED_AT]) * _MOST_NO_TEXT:
        raise InputError(f"{name} isn't a text file: export it as CSV UTF-8 and import that")
    warnings = []
    if encoding not in ("utf-8", "utf-16"):
        warnings.append(f"read as {encoding}; if names look wrong, save the file as UTF-8 and import it again")
    if "\0" in text:
        text = text.replace("\0", "")
        warnings.append("NUL bytes were left out; the program that wrote the file may have cut it")
    text, delimiter = _named_delimiter(text)
    delimiter = delimiter or detect_delimiter(text)
    found = records(text, delimiter)
    unclosed = [record.line for record in found if record.unclosed]
    if unclosed:
        lines = ", ".join(map(str, unclosed[:5])) + (" and more" if len(unclosed) > 5 else "")
        warnings.append(f'a quote (") that opens on line {lines} is never closed: only that line is left out')
    return _table(found, name, encoding, delimiter, warnings)


def _table(found: Sequence[Record], name: str, encoding: str, delimiter: str, warnings: list[str]) -> Table:
    start = _header_position([record.cells for record in found if not record.unclosed])
    if start is None:
        raise InputError(f"{name} has no rows: is it the right file?")
    first = [record for record in found if not record.unclosed][start]
    start = found.index(first)
    headers, after = _headers(found, start)
    while headers and not headers[-1]:
        headers = headers[:-1]
    if start:
        warnings.append(f"{start} line(s) above the column names were passed over")
    rows = tuple(_row(record, len(headers)) for record in found[after:] if any(map(str.strip, record.cells)))
    return Table(headers=headers, rows=rows, encoding=encoding, delimiter=delimiter, warnings=tuple(warnings))


def _headers(found: Sequence[Record], start: int) -> tuple[tuple[str, ...], int]:
    """Return the column names and where the rows begin; names in two rows, one merged over the other, are joined."""
    own = [_trim(cell) for cell in found[start].cells]
    if start and _is_over([_trim(cell) for cell in found[start - 1].cells], own):
        return _joined([_trim(cell) for cell in found[start - 1].cells], own), start + 1
    if start + 1 < len(found):
        below = [_trim(cell) for cell in found[start + 1].cells]
        if _is_over(own, below) and all(_is_header(cell) for cell in below):
            return _joined(own, below), start + 2
    return tuple(own), start + 1


def _is_over(upper: list[str], lower: list[str]) -> bool:
    """Tell whether `upper` holds names for groups of the columns that `lower` names: each fills the other's gaps."""
    both = list(zip(upper, lower, strict=False))
    gaps_above = any(low and not up for up, low in both) or len(lower) > len(upper)
    gaps_below = any(up and not low for up, low in both)
    over_another = all(
        not up or not low or (place + 1 >= len(upper) or not upper[place + 1]) for place, (up, low) in enumerate(both)
    )
    return gaps_above and gaps_below and over_another


def _is_header(cell: str) -> bool:
    return not cell or not (cell.replace(".", "").isdigit() or looks_like_date(cell) or looks_like_amount(cell))


def _joined(upper: list[str], lower: list[str]) -> tuple[str, ...]:
    names, group = [], ""
    for place in range(max(len(upper), len(lower))):
        up = upper[place] if place < len(upper) else ""
        low = lower[place] if place < len(lower) else ""
        group = up or (group if low else "")
        names.append(" ".join(filter(None, (group, low))) if low else up)
    return tuple(names)


def decode(data: bytes) -> tuple[str, str]:
    """Return the text in `data` and the encoding that it was judged to be in."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            name = "utf-16" if encoding.startswith("utf-16") else encoding
            return data[len(mark) :].decode(encoding, errors="replace"), name
    head = data[:4000]
    if head.count(0) * 4 > len(head):
        encoding = "utf-16-be" if head[:2].startswith(b"\0") else "utf-16-le"
        return data.decode(encoding, errors="replace"), "utf-16"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    for encoding in ("cp932", "euc_jp"):
        text = _try(data, encoding)
        if text is not None and _looks_japanese(text):
            return text, encoding
    encoding = _western(data)
    text = _try(data, encoding)
    return (text, encoding) if text is not None else (data.decode("latin-1"), "latin-1")


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff々ー。、（）・]+")
_HALF_WIDTH = re.compile(r"[\uff61-\uff9f]")


def _looks_japanese(text: str) -> bool:
    """Return whether the Japanese letters stand in runs: "Müller" misread gives single ones between Latin letters."""
    runs = [len(run) for run in _JAPANESE.findall(text)]
    in_runs = sum(run for run in runs if run > 1)
    total = sum(runs) + len(_HALF_WIDTH.findall(text)) / 2
    return bool(total) and in_runs / total >= 0.7


_CYRILLIC_RUN = re.compile(rb"[\xc0-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_CENTRAL = re.compile(rb"(?<=[A-Za-z])[\xb3\xb9\xbf\x9c\x9f\x9d\xbe\xbc](?=[a-z])")


def _western(data: bytes) -> str:
    high = len(_HIGH.findall(data))
    if high and sum(map(len, _CYRILLIC_RUN.findall(data))) / high > 0.6:
        return "cp1251"
    # In Western European these bytes are signs (³ ¹ ¿ …), never letters inside a word; in Polish and Czech they are.
    return "cp1250" if _CENTRAL.search(data) else "cp1252"


def _named_delimiter(text: str) -> tuple[str, str]:
    """Take off the line `sep=;` that Excel understands, and return what it names."""
    match = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    return (text[match.end() :], match.group(1)) if match else (text, "")


def detect_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most equal rows; a comma where nothing cuts."""
    sample = text[:65536]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [
            len(row) for row in list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))[:100] if row
        ]
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (count / len(widths)) * min(width, 30) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _header_position(records: Sequence[Sequence[str]]) -> int | None:
    """Return the first row that is about as wide as most rows are: titles above the table are narrower."""
    filled = [sum(1 for cell in cells if cell.strip()) for cells in records[:200]]
    wide = [count for count in filled if count]
    if not wide:
        return None
    usual = sorted(wide)[len(wide) // 2]
    return next(position for position, count in enumerate(filled) if count * 2 > usual)


def _row(record: Record, width: int) -> Row:
    trimmed = [_trim(cell) for cell in record.cells]
    beyond = sum(1 for cell in trimmed[width:] if cell)
    padded = (*trimmed[:width], *([""] * (width - len(trimmed))))
    return Row(line=record.line, cells=tuple(padded), too_many=beyond, unclosed=record.unclosed)


def _trim(cell: str) -> str:
    return cell.strip(" \t\r\n\u3000\xa0\ufeff")
