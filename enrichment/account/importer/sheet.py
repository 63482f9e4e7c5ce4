"""A file being imported: its rows by field name, with dates and amounts read as their column means them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from core.errors import InputError
from enrichment.account.importer import mapping_store
from enrichment.account.importer.columns import ColumnGuess, guess_columns
from enrichment.account.importer.headers import LABELS, What
from enrichment.account.importer.report import Tally
from enrichment.account.importer.store import Database, step
from enrichment.account.importer.table import Row, Table, read_table
from enrichment.account.importer.values import (
    AmountStyle,
    DateStyle,
    amount_style,
    date_style,
    parse_amount,
    parse_date,
    parse_flag,
)
from enrichment.account.plain_words import normalise

Progress = Callable[[int, int], None]
"""Called now and then with rows done and rows in all."""

SAMPLE = 200
PROGRESS_EVERY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The rows of one file and how its columns are to be read."""

    table: Table
    columns: ColumnGuess
    dates: Mapping[str, DateStyle]
    amounts: Mapping[str, AmountStyle]
    now: datetime
    positions: Mapping[str, int]
    """Field → position of its column; asked for every cell, so kept ready."""

    def rows(self, tally: Tally, progress: Progress | None = None) -> Iterator[Row]:
        """Give each row to be imported; those whose cells don't fit the columns are counted as left out."""
        total = len(self.table.rows)
        for done, row in enumerate(self.table.rows, start=1):
            tally.rows += 1
            if progress and (done % PROGRESS_EVERY == 0 or done == total):
                progress(done, total)
            if row.unclosed:
                tally.skip(
                    row.line,
                    "a quote opens here that is never closed",
                    'close the quote, or write a quote inside a text as ""',
                )
                continue
            if row.too_many:
                tally.skip(
                    row.line,
                    f"more cells than the {len(self.table.headers)} columns",
                    "put quotes around texts that contain the delimiter",
                )
                continue
            yield row

    def cell(self, row: Row, field: str) -> str:
        """Return the text of `field` in `row`; empty where the file has no such column."""
        position = self.positions.get(field)
        return row.cells[position] if position is not None else ""

    def date(self, row: Row, field: str) -> datetime | None:
        """Return the moment in `field`, or None if the cell is no date of the past."""
        moment = parse_date(self.cell(row, field), self.dates[field]) if field in self.dates else None
        return moment if moment and moment <= self.now + timedelta(days=1) else None

    def day(self, row: Row, field: str) -> datetime | None:
        """Return the moment in `field`, which may lie in the future; None if the cell is no date."""
        return parse_date(self.cell(row, field), self.dates[field]) if field in self.dates else None

    def flag(self, row: Row, field: str, tally: Tally) -> bool:
        """Return whether `field` says yes; what says neither yes nor no is told of, and is no."""
        said = parse_flag(self.cell(row, field))
        if said is None:
            text = f'the column "{LABELS[field]}" says neither yes nor no'
            tally.partly(row.line, text, "write yes or no", self.cell(row, field))
        return bool(said)

    def amount(self, row: Row, field: str) -> Decimal | None:
        """Return the number in `field`, or None."""
        return parse_amount(self.cell(row, field), self.amounts[field]) if field in self.amounts else None


_DATES = ("last_order", "at", "contract_until", "last_spoke")
AHEAD = timedelta(days=40 * 366)
"""How far contracts may reach into the future."""

_AMOUNTS = ("last_amount", "amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said of a file, and how it is to be imported."""

    mapping: Mapping[str, str]
    """Field → column name."""
    sheet: str = ""
    forget: bool = False
    """Whether what was said of such files before counts no more."""
    dry_run: bool = False


def open_sheet(database: Database, path: Path, what: What, now: datetime, said: Said, tally: Tally) -> Sheet:
    """Read the file `path` of `what` and decide how its columns are to be read; doubts go to the tally's warnings.

    What is said of its columns is remembered for files with the same column names, what was said before is used.
    """
    table = read_table(path, said.sheet)
    with step(database, writes=False) as connection:
        before = {} if said.forget else mapping_store.remembered(connection, what, table.headers)
    named = {normalise(header) for header in said.mapping.values() if header}
    kept = {
        field: header
        for field, header in before.items()
        if field not in said.mapping and normalise(header) not in named and field in LABELS
    }
    sample = [row.cells for row in table.rows[:SAMPLE]]
    columns = guess_columns(table.headers, sample, what, {**kept, **said.mapping})
    columns = replace(columns, remembered=frozenset(kept))
    if (said.mapping or said.forget) and not said.dry_run:
        with step(database, writes=True) as connection:
            mapping_store.remember(connection, what, table.headers, {**kept, **said.mapping}, now)
    tally.warnings.extend(table.warnings)
    dates: dict[str, DateStyle] = {}
    amounts: dict[str, AmountStyle] = {}
    for field, position in columns.columns:
        values = [row.cells[position] for row in table.rows if row.cells[position]]
        header = table.headers[position]
        if field in _DATES:
            dates[field] = date_style(values, now + AHEAD if field == "contract_until" else now)
            if dates[field].unsure:
                order = "day/month" if dates[field].day_first else "month/day"
                tally.warnings.append(f"dates in {header!r} may be day/month or month/day: read as {order}/year")
        if field in _AMOUNTS:
            amounts[field] = amount_style(values)
            if amounts[field].unsure:
                sign = "comma" if amounts[field].decimal == "," else "point"
                tally.warnings.append(f"amounts in {header!r} can be read in two ways: read with a decimal {sign}")
    return Sheet(table=table, columns=columns, dates=dates, amounts=amounts, now=now, positions=dict(columns.columns))


def halves(progress: Progress | None, half: int) -> Progress:
    """Return a progress for the reading (0) or the writing (1) of a file: each is half of the work."""

    def show(done: int, total: int) -> None:
        if progress:
            progress(done + half * total, 2 * total)

    return show


def require(sheet: Sheet, path: Path, *alternatives: str) -> None:
    """Raise `InputError` unless the file has a column for one of the fields named."""
    if not any(sheet.columns.position(field) is not None for field in alternatives):
        wanted = " or ".join(LABELS[field] for field in alternatives)
        have = ", ".join(header for header in sheet.table.headers if header)
        raise InputError(
            f"{path} has no column for {wanted} (its columns: {have}): "
            f"name it with a mapping such as {alternatives[0]}=COLUMN"
        )


def cut(text: str, length: int) -> str:
    """Return `text` as one line of at most `length` characters."""
    return " ".join(text.split())[:length]
