"""The vendored public lists: networks of hosters and VPNs, domains of universities and US authorities (pure)."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

_AS_LINE = re.compile(r"AS(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNetworks:
    """What public lists say of AS numbers and domains; sources and licences are in lists/README.md."""

    hosting: frozenset[int]
    vpn: frozenset[int]
    universities: frozenset[str]
    us_authorities: frozenset[str]
    named_by: Mapping[int, str]
    """Where the name of an AS can be found, such as `PeeringDB`, where carriers and hosters list themselves."""


@lru_cache(maxsize=1)
def known_networks() -> KnownNetworks:
    """Read the lists once, at the first question (about 60 ms)."""
    hosting = {int(row[0]) for row in csv.reader(_lines("bad_asn_list.csv.gz")) if row and row[0].strip().isdigit()}
    hosting.update(_as_numbers("x4b_datacenter_asn.txt.gz"))
    vpn = frozenset(_as_numbers("x4b_vpn_asn.txt.gz"))
    return KnownNetworks(
        hosting=frozenset(hosting) - vpn,
        vpn=vpn,
        universities=_first_column("university_domains.csv.gz"),
        us_authorities=_first_column("us_gov_domains.csv.gz"),
        named_by=_named_by(),
    )


def _lines(name: str) -> list[str]:
    packed = files("enrichment.network").joinpath("lists").joinpath(name).read_bytes()
    return gzip.decompress(packed).decode("utf-8").splitlines()


def _as_numbers(name: str) -> set[int]:
    return {int(found[1]) for line in _lines(name) if (found := _AS_LINE.match(line))}


def _named_by() -> dict[int, str]:
    found: dict[int, str] = {}
    for line in _lines("asn_sources.txt.gz"):
        source, *distances = line.split()
        found.update(dict.fromkeys(accumulate(map(int, distances)), source))
    return found


def _first_column(name: str) -> frozenset[str]:
    return frozenset(row[0].strip().lower() for row in csv.reader(_lines(name)[1:]) if row)
