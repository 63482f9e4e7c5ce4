"""What the verdict says about a real access log, with a table of the whole internet of its season."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain import NetworkKind
from enrichment.network.build import build
from enrichment.network.lookup import NetworkLookup
from enrichment.network.resolvers.mmdb import MmdbResolver

ORGANISED = (NetworkKind.BUSINESS, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)
pytestmark = [pytest.mark.real_data, pytest.mark.slow]


@pytest.fixture(scope="module")
def lookup(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> NetworkLookup:
    out = tmp_path_factory.mktemp("networks") / "real.mmdb"
    folder = shared_data / "network"
    build(
        folder / "ip2asn_v4_2014-05-13.tsv.gz",
        folder / "asn_names_2016-05.csv.gz",
        out,
        lambda _what, _done, _total: None,
        now=datetime(2026, 11, 22, tzinfo=UTC),
    )
    return NetworkLookup([MmdbResolver([out])], monotonic=lambda: 0.0)


def test_visitors_of_accounts_are_organisations(lookup: NetworkLookup, shared_data: Path) -> None:
    """At least 30 of the 36 addresses known by hand to be an organisation's are judged so, with a name."""
    with (shared_data / "crm" / "visitors_of_accounts_train.csv").open(encoding="utf-8", newline="") as file:
        verdicts = [lookup.network(row["ip"]) for row in csv.DictReader(file)]
    assert sum(verdict.kind in ORGANISED and verdict.organisation is not None for verdict in verdicts) >= 30


def test_known_clouds_and_carriers_are_never_companies(lookup: NetworkLookup) -> None:
    """Public name servers and the well-known front doors of clouds and carriers name nobody."""
    asked = [
        "8.8.8.8",
        "4.2.2.1",
        "208.67.222.222",
        "12.0.1.28",
        "68.87.66.196",
        "54.239.17.6",
        "5.9.0.1",
        "91.121.0.1",
    ]
    assert [ip for ip in asked if lookup.network(ip).kind in ORGANISED] == []


def test_most_addresses_of_the_internet_name_nobody(lookup: NetworkLookup) -> None:
    """Of random addresses, nine in ten are in networks of carriers and hosters, or not in use."""
    chosen = random.Random(3)
    asked = [".".join(str(chosen.randrange(1, 224 if place == 0 else 256)) for place in range(4)) for _ in range(2000)]
    named = sum(lookup.network(ip).organisation is not None for ip in asked)
    assert named < 400
