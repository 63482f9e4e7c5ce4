"""Makes an MMDB from any table of prefixes and who uses them: CSV, or Parquet where pyarrow is there.

The columns are guessed by their names, or said. Prefix2Org's monthly table is one such: its delegated customer counts
before its direct owner, because the customer is the one who uses the prefix.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network, summarize_address_range
from pathlib import Path
from typing import Any

from core.errors import InputError
from enrichment.network.addresses import Prefix
from enrichment.network.build import BuildReport, Dirt, Lines, Progress, as_number, text_of
from enrichment.network.mmdb_file import Record, write_mmdb
from enrichment.network.owners import cleaned, is_placeholder

DATABASE_TYPE = "Dormouse-Owners"

FIELDS: Mapping[str, tuple[str, ...]] = {
    "prefix": ("prefix", "network", "cidr", "netblock", "range", "ip prefix", "ip range", "inetnum", "bgp prefix"),
    "start": ("start", "first", "start ip", "ip start", "range start", "start address", "first ip", "from", "ip from"),
    "end": ("end", "last", "end ip", "ip end", "range end", "end address", "last ip", "to", "ip to"),
    "customer": ("delegated customer", "customer", "dc", "end user", "assignee", "assigned to", "user", "used by"),
    "owner": (
        *("direct owner", "owner", "organisation", "organization", "org", "org name", "company", "registered name"),
        *("holder", "registrant", "do", "name"),
    ),
    "domain": ("domain", "owner domain", "company domain", "website"),
    "country": ("country", "country code", "cc"),
    "asn": ("asn", "origin asn", "as number", "autonomous system number", "as"),
}
"""What a column may be called, the likeliest first; what stands in brackets (`Direct Owner (DO)`) doesn't matter."""

_EVERY = 50_000
_BRACKETS = re.compile(r"\([^()]*\)")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_LISTED = re.compile(r"""^\[\s*(?:['"](.*)['"])\s*\]$""")
_LIST_GAP = re.compile(r"""['"]\s*,?\s*['"]""")
_NOBODY = frozenset({"", "none", "nan", "null", "-", "unknown", "n/a"})


@dataclass(frozen=True, slots=True)
class _Owner:
    organisation: str
    domain: str = ""
    country: str = ""
    asn: int | None = None


def build_owners(
    table: Path, out: Path, progress: Progress, *, now: datetime, columns: Mapping[str, str] | None = None
) -> BuildReport:
    """Write to `out` who uses each prefix: organisation, domain, country, AS.

    `columns` says which column is what (keys as in `FIELDS`) where guessing fails. A prefix that the table gives to
    several organisations is given to none. Raises InputError when the file can't be read, has no column of prefixes
    or owners, or no usable line at all; single bad lines are counted and reported.
    """
    dirt = Dirt()
    owners: dict[_Owner, int] = {}
    found: dict[Prefix, int] = {}
    names: list[str] = []
    shared: set[Prefix] = set()
    for number, row in _rows(table, columns or {}):
        if number % _EVERY == 0:
            progress("Reading owners", number, 0)
        owner, prefixes = _owner(row), _prefixes(row)
        if not prefixes:
            dirt.add(table, number, f"{(row.get('prefix') or row.get('start') or '')[:60]!r} isn't a prefix")
        elif not owner.organisation:
            dirt.add(table, number, "no organisation is named")
        else:
            place = owners.setdefault(owner, len(owners))
            if place == len(names):
                names.append(owner.organisation)
            for prefix in prefixes:
                if names[found.setdefault(prefix, place)] != owner.organisation:
                    shared.add(prefix)
    for prefix in shared:
        del found[prefix]
        dirt.add(table, 0, f"{prefix} is given to several organisations, so to none")
    if not found:
        raise InputError(f"{table}: no line in it has both a prefix and an organisation")
    progress("Writing", 0, len(found))
    size = write_mmdb(
        out,
        found.items(),
        [_record(owner) for owner in owners],
        database_type=DATABASE_TYPE,
        description=f"Owners of networks, from {table.name}",
        built_at=now,
    )
    progress("Writing", len(found), len(found))
    return BuildReport(
        prefixes=len(found),
        systems=len(set(found.values())),
        unnamed=0,
        dirty=dirt.count,
        dirty_lines=tuple(dirt.first),
        size=size,
    )


def _record(owner: _Owner) -> Record:
    record: dict[str, str | int | bool] = {"organization": owner.organisation}
    if owner.domain:
        record["domain"] = owner.domain
    if owner.country:
        record["country"] = owner.country
    if owner.asn:
        record["autonomous_system_number"] = owner.asn
    return record


def _owner(row: Mapping[str, str]) -> _Owner:
    for field in ("customer", "owner"):
        name = cleaned(_single(row.get(field, "")))
        if name.casefold() not in _NOBODY and not is_placeholder(name):
            domain = row.get("domain", "").strip().lower()
            country = row.get("country", "").strip().upper()
            return _Owner(
                name[:300],
                "" if domain in _NOBODY else domain,
                country if len(country) == 2 else "",
                as_number(row.get("asn", "")),
            )
    return _Owner("")


def _single(text: str) -> str:
    """Return the last of a list written as text (`['Carrier', 'Customer']`): lists go from the widest to the user."""
    listed = _LISTED.match(text.strip())
    return _LIST_GAP.split(listed[1])[-1] if listed else text


def _prefixes(row: Mapping[str, str]) -> list[Prefix]:
    try:
        if text := row.get("prefix", "").strip():
            first, dash, last = text.partition("-")
            if not dash:
                prefix = ip_network(text, strict=False)
                return [prefix] if prefix.prefixlen else []
        else:
            first, last = row.get("start", ""), row.get("end", "")
        low, high = ip_address(first.strip()), ip_address(last.strip())
        return list(summarize_address_range(low, high))
    except (ValueError, TypeError):
        return []


# Reading


def _rows(table: Path, columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    if table.suffix.lower() in (".parquet", ".pq"):
        yield from _parquet_rows(table, columns)
        return
    with text_of(table) as file:
        lines = Lines(file)
        rows = csv.DictReader(lines, dialect=_dialect(table))
        chosen = guessed(rows.fieldnames or (), columns, table)
        for row in rows:
            yield lines.number, {field: row.get(name) or "" for field, name in chosen.items()}


def _dialect(table: Path) -> type[csv.Dialect]:
    with text_of(table) as file:
        head = next((line for line in file if not line.startswith("#")), "")

    class Found(csv.excel):
        delimiter = max(",;\t|", key=head.count)

    return Found


def _parquet_rows(table: Path, columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise InputError(
            f"{table}: reading Parquet needs pyarrow: pip install 'dormouse[parquet]', or save the table as CSV"
        ) from None
    try:
        file: Any = parquet.ParquetFile(table)
        chosen = guessed(file.schema_arrow.names, columns, table)
        number = 0
        for batch in file.iter_batches(batch_size=_EVERY, columns=list(dict.fromkeys(chosen.values()))):
            for row in batch.to_pylist():
                number += 1
                yield number, {field: _as_text(row.get(name)) for field, name in chosen.items()}
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{table}: isn't a Parquet file that can be read ({str(error).splitlines()[0]})") from None


def _as_text(value: object) -> str:
    if isinstance(value, list | tuple):
        value = value[-1] if value else None
    return "" if value is None else str(value)


def guessed(names: Iterable[str], said: Mapping[str, str], table: Path) -> dict[str, str]:
    """Return which column is which field, as said, else by their names.

    Raises InputError when there is no column of prefixes (or starts and ends), or none of owners.
    """
    columns = list(names)
    for field, column in said.items():
        if field not in FIELDS:
            raise InputError(f"there is no field {field!r}: say one of {', '.join(FIELDS)}")
        if column not in columns:
            raise InputError(f"{table}: there is no column {column!r}; it has {', '.join(columns)}")
    chosen = dict(said)
    plain = {_plain(column): column for column in reversed(columns)}
    for field, likely in FIELDS.items():
        if field not in chosen and (name := _first(likely, plain, chosen.values())):
            chosen[field] = name
    if not ("prefix" in chosen or {"start", "end"} <= chosen.keys()) or not ({"owner", "customer"} & chosen.keys()):
        raise InputError(
            f"{table}: its columns ({', '.join(columns)[:200]}) don't say which is the prefix and which the owner: "
            "name them, such as --column prefix=Network --column owner=Firm"
        )
    return chosen


def _first(likely: Sequence[str], plain: Mapping[str, str], taken: Iterable[str]) -> str:
    return next((plain[name] for name in likely if name in plain and plain[name] not in taken), "")


def _plain(column: str) -> str:
    return _NOT_A_LETTER.sub(" ", _BRACKETS.sub(" ", column).lower()).strip()
