"""The labelled rows for network kinds, and the folds that keep one organisation on one side."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from enrichment.network.owners import core_words

KINDS = ("business", "isp", "hosting", "education", "government")
FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class System:
    """An AS with its kind; `main` where the kind is asked for in the first place (not taken from a range's row)."""

    asn: int
    name: str
    domain: str
    country: str
    kind: str
    main: bool
    handle: str | None
    old_name: str
    addresses: int | None
    prefixes: int | None
    fold: int = 0


@dataclass(frozen=True, kw_only=True)
class Range:
    """A range with its kind."""

    span: str
    owner: str
    domain: str
    kind: str
    asn: int | None
    as_name: str
    as_domain: str
    country: str
    fold: int = 0


def rows_of(path: Path) -> list[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))


def sizes(data: Path) -> dict[int, tuple[int, int]]:
    """Return how many addresses and prefixes each AS announced in 2014."""
    found: dict[int, list[int]] = {}
    with gzip.open(data / "network" / "ip2asn_v4_2014-05-13.tsv.gz", "rt", encoding="utf-8") as file:
        table = sorted((ip_network(line.split("\t")[0]), int(line.split("\t")[1])) for line in file if line[0] != "#")
    ends: dict[int, int] = {}
    for prefix, asn in table:
        entry = found.setdefault(asn, [0, 0])
        first = int(prefix.network_address)
        entry[1] += 1
        if first + prefix.num_addresses > ends.get(asn, 0):
            entry[0] += prefix.num_addresses
            ends[asn] = first + prefix.num_addresses
    return {asn: (entry[0], entry[1]) for asn, entry in found.items()}


class Groups:
    """Puts rows that share a name or a domain's first label into one group, and a group into a fold."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def _top(self, key: str) -> str:
        self._parents.setdefault(key, key)
        while self._parents[key] != key:
            self._parents[key] = self._parents[self._parents[key]]
            key = self._parents[key]
        return key

    def join(self, name: str, domain: str) -> None:
        keys = _keys(name, domain)
        for other in keys[1:]:
            self._parents[self._top(keys[0])] = self._top(other)

    def fold(self, name: str, domain: str) -> int:
        """Return a number from 0 to FOLDS - 1, by a hash of the group."""
        return hashlib.sha1(self._top(_keys(name, domain)[0]).encode()).digest()[0] % FOLDS


def _keys(name: str, domain: str) -> list[str]:
    keys = ["name " + "".join(core_words(name))]
    if domain:
        keys.append("domain " + domain.split(".")[0].lower())
    return keys


def systems(data: Path) -> list[System]:
    """AS number, name and domain → kind; the AS of each labelled range too."""
    known = sizes(data)
    older = {int(row["asn"]): row for row in rows_of(data / "network" / "asn_names_2016-05.csv.gz")}
    seen: dict[int, tuple[str, str, str, str, bool]] = {}
    for row in rows_of(data / "network" / "asn_type_train.csv"):
        seen[int(row["asn"])] = (row["name"], row["domain"], row["country"], row["network_type"], True)
    for row in rows_of(data / "network" / "ip_range_owner_train.csv"):
        if row["asn"] and row["as_type"] in KINDS:
            seen.setdefault(int(row["asn"]), (row["as_name"], row["as_domain"], "", row["as_type"], False))
    groups = _groups((name, domain) for name, domain, *_ in seen.values())
    return [
        System(
            asn=asn,
            name=name,
            domain=domain,
            country=country,
            kind=kind,
            main=main,
            handle=older[asn]["handle"] if asn in older else None,
            old_name=(older[asn]["org"] if asn in older else "") or name,
            addresses=known.get(asn, (None, None))[0],
            prefixes=known.get(asn, (None, None))[1],
            fold=groups.fold(name, domain),
        )
        for asn, (name, domain, country, kind, main) in sorted(seen.items())
    ]


def ranges(data: Path) -> list[Range]:
    """Registered name, domain and AS of a range → kind."""
    rows = rows_of(data / "network" / "ip_range_owner_train.csv")
    groups = _groups((row["registered_name"], "") for row in rows)
    return [
        Range(
            span=f"{row['start_ip']}-{row['end_ip']}",
            owner=row["registered_name"],
            domain=row["domain"],
            kind=row["network_type"],
            asn=int(row["asn"]) if row["asn"] else None,
            as_name=row["as_name"],
            as_domain=row["as_domain"],
            country=row["country"],
            fold=groups.fold(row["registered_name"], ""),
        )
        for row in rows
    ]


def _groups(owners: Iterable[tuple[str, str]]) -> Groups:
    groups = Groups()
    for name, domain in owners:
        groups.join(name, domain)
    return groups
