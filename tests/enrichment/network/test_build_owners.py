"""Tables of prefixes and owners: any usual columns, customers before holders, CSV and Parquet."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import InputError
from enrichment.network.build import BuildReport
from enrichment.network.build_owners import build_owners
from enrichment.network.resolvers.mmdb import MmdbResolver

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

PREFIX2ORG = """prefix,Direct Owner (DO),Delegated Customer (DC),RPKI Certificate,origin_asn
192.0.2.0/24,Kestrel Broadband,,x,64497
192.0.2.16/28,Kestrel Broadband,Hartmann Pumpen GmbH,x,64497
198.51.100.0/24,Falk Logistik AG,None,x,64498
2001:db8:7::/48,Kestrel Broadband,"['Nordlicht Verlag', 'Tidewater Instruments']",x,
"""


def built(tmp_path: Path, name: str, text: str, **columns: str) -> tuple[BuildReport, MmdbResolver]:
    """Build from a table, and open what came of it."""
    table, out = tmp_path / name, tmp_path / "owners.mmdb"
    table.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    report = build_owners(table, out, lambda *_: None, now=NOW, columns=columns)
    return report, MmdbResolver([out])


def organisations(resolver: MmdbResolver, *addresses: str) -> list[str | None]:
    """Return who uses each address."""
    return [next((each.organisation for each in resolver.evidence(ip)), None) for ip in addresses]


def test_prefix2org_names_the_customer(tmp_path: Path) -> None:
    """The delegated customer counts before the direct owner, and the narrower prefix before the wider one."""
    report, resolver = built(tmp_path, "prefix2org.csv.gz", PREFIX2ORG)
    assert (report.prefixes, report.dirty) == (4, 0)
    assert organisations(resolver, "192.0.2.1", "192.0.2.17", "198.51.100.9", "2001:db8:7::1", "203.0.113.1") == [
        "Kestrel Broadband",
        "Hartmann Pumpen GmbH",
        "Falk Logistik AG",
        "Tidewater Instruments",
        None,
    ]


def test_other_columns_ranges_and_delimiters(tmp_path: Path) -> None:
    """Start and end, semicolons, domains and countries; a range that is no prefix becomes several."""
    text = "start_ip;end_ip;Organization;domain;cc\n192.0.2.0;192.0.2.23;Hartmann Pumpen GmbH;hartmann.example;de\n"
    report, resolver = built(tmp_path, "owners.csv", text)
    (evidence,) = resolver.evidence("192.0.2.20")
    assert report.prefixes == 2
    assert (evidence.organisation, evidence.domain, evidence.country) == (
        "Hartmann Pumpen GmbH",
        "hartmann.example",
        "DE",
    )


def test_columns_may_be_said(tmp_path: Path) -> None:
    """Where names of columns say nothing, people do; a name that isn't there is told with those that are."""
    text = "wo,wer\n192.0.2.0/24,Hartmann Pumpen GmbH\n"
    _, resolver = built(tmp_path, "owners.csv", text, prefix="wo", owner="wer")
    assert organisations(resolver, "192.0.2.1") == ["Hartmann Pumpen GmbH"]
    with pytest.raises(InputError, match="don't say which is the prefix and which the owner"):
        built(tmp_path, "owners.csv", text)
    with pytest.raises(InputError, match="there is no column 'firma'; it has wo, wer"):
        built(tmp_path, "owners.csv", text, prefix="wo", owner="firma")


def test_doubtful_lines_name_nobody(tmp_path: Path) -> None:
    """Two organisations on one prefix, no prefix, no name, the whole internet: left out and counted."""
    text = (
        "prefix,owner\n192.0.2.0/24,Hartmann Pumpen GmbH\n192.0.2.0/24,Falk Logistik AG\nnowhere,Falk Logistik AG\n"
        "203.0.113.0/24,\n0.0.0.0/0,Falk Logistik AG\n198.51.100.0/24,Falk Logistik AG\n"
    )
    report, resolver = built(tmp_path, "owners.csv", text)
    assert (report.prefixes, report.dirty) == (1, 4)
    assert organisations(resolver, "192.0.2.1", "198.51.100.1") == [None, "Falk Logistik AG"]


def test_parquet(tmp_path: Path) -> None:
    """The same from Parquet, where pyarrow is there."""
    pa = pytest.importorskip("pyarrow", reason="pyarrow isn't installed: pip install 'dormouse[parquet]'")
    from pyarrow import parquet

    table = tmp_path / "prefix2org.parquet"
    columns = {
        "prefix": ["192.0.2.16/28", "198.51.100.0/24"],
        "Direct Owner (DO)": ["Kestrel Broadband", "Falk Logistik AG"],
        "Delegated Customer (DC)": [["Hartmann Pumpen GmbH"], None],
    }
    parquet.write_table(pa.table(columns), table)
    report = build_owners(table, tmp_path / "owners.mmdb", lambda *_: None, now=NOW)
    assert report.prefixes == 2
    found = organisations(MmdbResolver([tmp_path / "owners.mmdb"]), "192.0.2.17", "198.51.100.1")
    assert found == ["Hartmann Pumpen GmbH", "Falk Logistik AG"]


def test_parquet_without_pyarrow_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error names it."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"pip install 'dormouse\[parquet\]'"):
        build_owners(tmp_path / "x.parquet", tmp_path / "out.mmdb", lambda *_: None, now=NOW)
