"""Cuts delimited text into records; a quote that is never closed is found before it swallows the rows below (pure)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LINES = 60
"""Lines of one record; a quoted text that is longer is a quote that somebody forgot."""

_TELLING_WIDTH = 4
"""From so many columns on, a line inside a quoted text that is a whole row by itself can't be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of the file."""

    line: int
    """The line on which it ends, counted from 1."""
    cells: tuple[str, ...]
    unclosed: bool = False
    """Whether a quote opens here that is never closed: the cells can't be trusted."""


def records(text: str, delimiter: str) -> tuple[Record, ...]:
    """Return the records of `text`. A line whose quote is never closed is one by itself, marked `unclosed`."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    lines = list(io.StringIO(text, newline=""))
    width = _usual_width(lines, delimiter)
    found: list[Record] = []
    start = 0
    while start < len(lines):
        start = _read(lines, start, delimiter, width, found)
    return tuple(found)


def _read(lines: Sequence[str], start: int, delimiter: str, width: int, found: list[Record]) -> int:
    """Append records from line `start` (from 0) on, as far as all is well; return where to go on."""
    done = start

    def feed() -> Iterator[str]:
        for number in range(start, len(lines)):
            if number - done > MOST_LINES:
                return
            yield lines[number]

    reader = csv.reader(feed(), delimiter=delimiter)
    for cells in reader:
        end = start + reader.line_num
        if end - done > 1 and _is_broken(lines[done:end], delimiter, width):
            found.append(Record(line=done + 1, cells=_without_quotes(lines[done], delimiter), unclosed=True))
            return done + 1
        if end - done == 1 and end == len(lines) and not _is_closed(lines[done:end], delimiter):
            found.append(Record(line=end, cells=_without_quotes(lines[done], delimiter), unclosed=True))
            return end
        done = end
        found.append(Record(line=end, cells=tuple(cells)))
    return max(done, start + 1)


def _is_broken(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Tell whether these lines are no record of several lines, but several rows under one forgotten quote."""
    if len(lines) > MOST_LINES or not _is_closed(lines, delimiter):
        return True
    whole_rows = sum(1 for line in lines[1:-1] if '"' not in line and line.count(delimiter) + 1 == width)
    return width >= _TELLING_WIDTH and whole_rows > 0


def _is_closed(lines: Sequence[str], delimiter: str) -> bool:
    """Tell whether each quote that opens a cell is closed at the cell's end, as the format demands."""
    try:
        return sum(1 for _ in csv.reader(lines, delimiter=delimiter, strict=True)) <= len(lines)
    except csv.Error:
        return len(lines) == 1 and lines[0].count('"') % 2 == 0


def _without_quotes(line: str, delimiter: str) -> tuple[str, ...]:
    return tuple(cell.strip().strip('"') for cell in line.rstrip("\r\n").split(delimiter))


def _usual_width(lines: Sequence[str], delimiter: str) -> int:
    """Return how many cells most of the first lines have."""
    widths = Counter(line.count(delimiter) + 1 for line in lines[:200] if line.strip())
    return widths.most_common(1)[0][0] if widths else 1
