"""What is loaded can be shown: age, and whom the licence asks to name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from enrichment.network.mmdb_file import write_mmdb
from enrichment.network.resolvers.mmdb import MmdbResolver
from enrichment.network.show import shown_databases

BUILT = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("database_type", "names"),
    [("DBIP-ASN-Lite", "DB-IP"), ("ipinfo standard_asn.mmdb", "IPinfo"), ("GeoLite2-ASN", "MaxMind"), ("Own", "")],
)
def test_age_and_attribution_are_told(tmp_path: Path, database_type: str, names: str) -> None:
    """A table's age in days is counted from its build; the vendor that asks to be named is named."""
    write_mmdb(
        tmp_path / "x.mmdb",
        [(ip_network("192.0.2.0/24"), 0)],
        [{"autonomous_system_number": 64496}],
        database_type=database_type,
        description="",
        built_at=BUILT,
    )
    resolver = MmdbResolver([tmp_path / "x.mmdb"])
    (young,) = shown_databases(resolver, BUILT + timedelta(days=30, hours=5))
    (old,) = shown_databases(resolver, BUILT + timedelta(days=90))
    assert (young.age_days, young.is_old, old.is_old) == (30, False, True)
    assert names in young.attribution
    assert bool(young.attribution) == bool(names)
