"""Makes an MMDB from a table of announced prefixes and a list of AS names."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TextIO

from core.errors import InputError
from enrichment.network.addresses import Prefix
from enrichment.network.mmdb_file import Record, write_mmdb

DATABASE_TYPE = "Dormouse-ASN"
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is (0: not known)."""

_REPORT_EVERY = 50_000
_SHOWN_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DirtyLine:
    """A line that could not be used."""

    file: str
    line: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What was made of which input."""

    prefixes: int
    systems: int
    """Autonomous systems that announce at least one of the prefixes."""
    unnamed: int
    """Those of them that the list of names doesn't know."""
    dirty: int
    dirty_lines: tuple[DirtyLine, ...]
    """The first 20 of the dirty lines."""
    size: int
    """Bytes of the file."""


@dataclass(frozen=True, slots=True)
class _Name:
    organisation: str
    handle: str = ""
    country: str = ""


@dataclass(slots=True)
class Dirt:
    """Counts dirty lines and keeps the first few."""

    count: int = 0
    first: list[DirtyLine] = field(default_factory=list)

    def add(self, path: Path, line: int, problem: str) -> None:
        self.count += 1
        if len(self.first) < _SHOWN_LINES:
            self.first.append(DirtyLine(file=path.name, line=line, problem=problem))


def build(prefixes: Path, names: Path, out: Path, progress: Progress, *, now: datetime) -> BuildReport:
    """Write to `out` which AS announces each prefix, its name, handle, country and size.

    `prefixes`: lines of prefix TAB asn. `names`: CSV with the columns asn,handle,org,country or asn,name,source. Both
    may be gzipped; lines that begin with `#` are remarks. Raises InputError when a file can't be read or has no usable
    line at all; single bad lines are counted and reported.
    """
    dirt = Dirt()
    known = _read_names(names, dirt, progress)
    table = _read_prefixes(prefixes, dirt, progress)
    if not table:
        raise InputError(
            f"{prefixes}: no line in it is a prefix, a tab and an AS number, such as 192.0.2.0/24<tab>64496"
        )
    progress("Writing", 0, len(table))
    numbers = sorted(set(table.values()))
    places = {asn: place for place, asn in enumerate(numbers)}
    addresses, counts = _sizes(table)
    size = write_mmdb(
        out,
        ((prefix, places[asn]) for prefix, asn in table.items()),
        [_record(asn, known.get(asn), addresses[asn], counts[asn]) for asn in numbers],
        database_type=DATABASE_TYPE,
        description=f"Networks by AS, from {prefixes.name} and {names.name}",
        built_at=now,
    )
    progress("Writing", len(table), len(table))
    return BuildReport(
        prefixes=len(table),
        systems=len(numbers),
        unnamed=sum(asn not in known for asn in numbers),
        dirty=dirt.count,
        dirty_lines=tuple(dirt.first),
        size=size,
    )


def _record(asn: int, name: _Name | None, addresses: int, prefixes: int) -> Record:
    record: dict[str, str | int | bool] = {"autonomous_system_number": asn}
    if name is not None:
        record["autonomous_system_organization"] = name.organisation
        if name.handle:
            record["as_handle"] = name.handle
        if name.country:
            record["country"] = name.country
    if addresses:
        record["as_addresses"] = addresses
    record["as_prefixes"] = prefixes
    return record


def _sizes(table: dict[Prefix, int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return for each AS how many IPv4 addresses and how many prefixes it announces.

    Addresses inside another prefix of the same AS count once. IPv6 is left out: its sizes say nothing about customers.
    """
    addresses: dict[int, int] = {}
    counts: dict[int, int] = {}
    ends: dict[int, int] = {}
    v4 = [prefix for prefix in table if isinstance(prefix, IPv4Network)]
    for prefix in sorted(v4, key=lambda prefix: (int(prefix.network_address), prefix.prefixlen)):
        asn = table[prefix]
        first = int(prefix.network_address)
        counts[asn] = counts.get(asn, 0) + 1
        if first + prefix.num_addresses > ends.get(asn, 0):
            addresses[asn] = addresses.get(asn, 0) + prefix.num_addresses
            ends[asn] = first + prefix.num_addresses
    for any_prefix, asn in table.items():
        addresses.setdefault(asn, 0)
        counts[asn] = counts.get(asn, 0) + isinstance(any_prefix, IPv6Network)
    return addresses, counts


def _read_prefixes(path: Path, dirt: Dirt, progress: Progress) -> dict[Prefix, int]:
    table: dict[Prefix, int] = {}
    with text_of(path) as file:
        for number, line in enumerate(file, start=1):
            if number % _REPORT_EVERY == 0:
                progress("Reading prefixes", number, 0)
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            prefix_text, _, asn_text = line.partition("\t")
            prefix, asn = _prefix(prefix_text), as_number(asn_text)
            if prefix is None:
                dirt.add(path, number, f"{prefix_text[:60]!r} isn't a prefix")
            elif asn is None:
                dirt.add(path, number, f"{asn_text[:60]!r} isn't an AS number")
            elif prefix.prefixlen == 0:
                dirt.add(path, number, "a default route says nothing about a network")
            else:
                table[prefix] = asn
    progress("Reading prefixes", len(table), len(table))
    return table


def _prefix(text: str) -> Prefix | None:
    try:
        return IPv6Network(text) if ":" in text else IPv4Network(text)
    except ValueError:
        return None


def as_number(text: str) -> int | None:
    """Return the AS number; of several origins (`64496_64497`, `{64496,64497}`) the first."""
    first = text.strip().strip("{}").replace(",", "_").partition("_")[0].strip().upper().removeprefix("AS")
    if not (first.isascii() and first.isdigit()):
        return None
    number = int(first)
    return number if 0 < number < 1 << 32 else None


def _read_names(path: Path, dirt: Dirt, progress: Progress) -> dict[int, _Name]:
    known: dict[int, _Name] = {}
    with text_of(path) as file:
        lines = Lines(file)
        rows = csv.DictReader(lines)
        columns = set(rows.fieldnames or ())
        if "asn" not in columns or not columns & {"org", "name"}:
            raise InputError(f"{path}: the first line must name the columns asn,handle,org,country or asn,name,source")
        for row in rows:
            if lines.number % _REPORT_EVERY == 0:
                progress("Reading names", lines.number, 0)
            asn, organisation = as_number(row["asn"] or ""), (row.get("org") or row.get("name") or "").strip()
            if asn is None and (row["asn"] or "").strip() != "0":
                dirt.add(path, lines.number, f"{(row['asn'] or '')[:60]!r} isn't an AS number")
            elif asn is not None and (organisation or row.get("handle")):
                known[asn] = _Name(
                    organisation or row["handle"], (row.get("handle") or "").strip(), (row.get("country") or "").strip()
                )
    progress("Reading names", len(known), len(known))
    return known


class Lines:
    """The lines of a file without remarks; knows the number of the last one handed out."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.number += 1
            if not line.startswith("#"):
                yield line


@contextmanager
def text_of(path: Path) -> Iterator[TextIO]:
    """Open a file that may be gzipped; what goes wrong is said as InputError."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with (
            gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="")
            if packed
            else path.open(encoding="utf-8", errors="replace", newline="") as file
        ):
            yield file
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{path}: the file is cut off or damaged: fetch it again") from None
    except csv.Error as error:
        raise InputError(f"{path}: isn't a CSV file ({error})") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror})") from None
