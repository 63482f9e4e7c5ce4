"""Reads a delimited text file as people export it: any usual encoding, any delimiter, broken rows and all."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError

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


def read_table(path: Path) -> Table:
    """Return the table in the file `path`; `InputError` says why a file can't be read and what to do."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} is larger than 500 MB: split it and import the parts one after the other")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist: check the path") from error
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}): check the path and its permissions") from error
    return parse_table(data, str(path))


def parse_table(data: bytes, name: str = "the file") -> Table:
    """Return the table in the bytes `data`; `name` is how errors call it."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
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
    records, unclosed = _records(text, delimiter)
    if unclosed:
        warnings.append(f'a quote (") that opens near line {unclosed} is never closed: lines were read one by one')
    start = _header_position(records)
    if start is None:
        raise InputError(f"{name} has no rows: is it the right file?")
    headers = tuple(_trim(cell) for cell in records[start][1])
    while headers and not headers[-1]:
        headers = headers[:-1]
    if start:
        warnings.append(f"{start} line(s) above the column names were passed over")
    rows = tuple(_row(line, cells, len(headers)) for line, cells in records[start + 1 :] if any(map(str.strip, cells)))
    return Table(headers=headers, rows=rows, encoding=encoding, delimiter=delimiter, warnings=tuple(warnings))


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


def _records(text: str, delimiter: str) -> tuple[list[tuple[int, list[str]]], int]:
    """Return (line, cells) of each record, and the line of a quote that is never closed (0 if all are)."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    records: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    last = 0
    for cells in reader:
        if reader.line_num - last > 60:
            return _line_by_line(text, delimiter), last + 1
        last = reader.line_num
        records.append((last, cells))
    return records, 0


def _line_by_line(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if '"' in line and line.count('"') % 2:
            cells = [cell.strip('"') for cell in line.split(delimiter)]
        records.append((number, cells))
    return records


def _header_position(records: list[tuple[int, list[str]]]) -> int | None:
    """Return the first row that is about as wide as most rows are: titles above the table are narrower."""
    filled = [sum(1 for cell in cells if cell.strip()) for _, cells in records[:200]]
    wide = [count for count in filled if count]
    if not wide:
        return None
    usual = sorted(wide)[len(wide) // 2]
    return next(position for position, count in enumerate(filled) if count * 2 > usual)


def _row(line: int, cells: list[str], width: int) -> Row:
    trimmed = [_trim(cell) for cell in cells]
    beyond = sum(1 for cell in trimmed[width:] if cell)
    padded = (*trimmed[:width], *([""] * (width - len(trimmed))))
    return Row(line=line, cells=tuple(padded), too_many=beyond)


def _trim(cell: str) -> str:
    return cell.strip(" \t\r\n\u3000\xa0\ufeff")
