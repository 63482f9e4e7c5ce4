"""AS names: an account's own AS gives its prefixes; carriers, very large ones and other accounts' never act."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core.domain import Account, AccountId
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.systems import systems_of_tables

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNTS = [
    Account(id=AccountId("H"), name="Hartmann Pumpen", country="DE"),
    Account(id=AccountId("K"), name="Kestrel Broadband Communications", country="GB"),
]
NAMES = """asn,handle,org,country
64496,HARTMANN-AS,Hartmann Pumpen GmbH,DE
64497,KESTREL,Kestrel Broadband Communications Ltd,GB
64498,OTHER,Nordlicht Verlag KG,DE
"""
PREFIXES = """192.0.2.0/25\t64496
192.0.2.128/25\t64496
192.0.2.64/28\t64498
198.51.100.0/24\t64497
2001:db8:7::/48\t64496
"""


def test_an_accounts_own_as_gives_its_prefixes(tmp_path: Path) -> None:
    """Its prefixes without the holes that others announce; a carrier that is a customer is never proposed."""
    prefixes, names = tmp_path / "prefixes.tsv", tmp_path / "names.csv"
    prefixes.write_text(PREFIXES)
    names.write_text(NAMES)
    found = systems_of_tables(prefixes, names, AccountFinder(ACCOUNTS), lambda *_: None, NOW)
    assert {each.account for each in found} == {"H"}
    assert sorted(each.prefix for each in found) == [
        "192.0.2.0/26",
        "192.0.2.128/25",
        "192.0.2.80/28",
        "192.0.2.96/27",
        "2001:db8:7::/48",
    ]
    assert {each.waits for each in found} == {""}
    assert found[0].text == f"AS64496, named Hartmann Pumpen GmbH, announces {found[0].prefix}"
