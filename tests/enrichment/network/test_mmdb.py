"""MMDB files of every known layout give evidence; a damaged one never breaks a look-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from core.domain import NetworkKind
from core.errors import InputError
from enrichment.network.resolvers.mmdb import MmdbResolver


def vendor_file(path: Path, database_type: str, record: dict[str, Any], prefix: str = "192.0.2.0/24") -> Path:
    """Write an MMDB with mmdb-writer, an implementation that isn't ours."""
    writer = MMDBWriter(6, database_type, ipv4_compatible=True)
    writer.insert_network(IPSet([prefix]), record)
    writer.to_db_file(str(path))
    return path


LAYOUTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "GeoLite2-ASN",
        {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Steel"},
        {"asn": 64496, "as_name": "Example Steel", "organisation": None, "kind": None},
    ),
    (
        "GeoIP2-ISP",
        {
            "autonomous_system_number": 64496,
            "autonomous_system_organization": "Example Carrier",
            "isp": "Example Carrier",
            "organization": "Example Steel",
        },
        {"asn": 64496, "as_name": "Example Carrier", "organisation": "Example Steel"},
    ),
    ("GeoIP2-Domain", {"domain": "example.com"}, {"domain": "example.com", "as_name": None}),
    (
        "GeoIP2-Enterprise",
        {
            "country": {"iso_code": "DE", "confidence": 99},
            "traits": {
                "autonomous_system_number": 64496,
                "autonomous_system_organization": "Example Carrier",
                "organization": "Example College",
                "domain": "example.org",
                "user_type": "college",
            },
        },
        {
            "asn": 64496,
            "organisation": "Example College",
            "domain": "example.org",
            "country": "DE",
            "kind": NetworkKind.EDUCATION,
        },
    ),
    (
        "GeoIP2-Anonymous-IP",
        {"is_anonymous": True, "is_anonymous_vpn": True},
        {"kind": NetworkKind.VPN, "asn": None},
    ),
    (
        "GeoIP2-Anonymous-IP",
        {"is_anonymous": True, "is_hosting_provider": True},
        {"kind": NetworkKind.HOSTING},
    ),
    ("GeoIP2-Connection-Type", {"connection_type": "Cellular"}, {"kind": NetworkKind.MOBILE}),
    ("GeoIP2-Connection-Type", {"connection_type": "Corporate"}, {"kind": NetworkKind.BUSINESS}),
    (
        "ipinfo standard_asn.mmdb",
        {"asn": "AS64496", "name": "Example Carrier", "domain": "example.net", "type": "isp", "country": "JP"},
        {
            "asn": 64496,
            "as_name": "Example Carrier",
            "as_domain": "example.net",
            "organisation": None,
            "country": "JP",
            "kind": NetworkKind.ISP,
        },
    ),
    (
        "ipinfo standard_company.mmdb",
        {
            "name": "Example Steel",
            "domain": "example.com",
            "type": "business",
            "asn": "AS64496",
            "as_name": "Example Carrier",
            "as_domain": "example.net",
            "as_type": "isp",
        },
        {
            "organisation": "Example Steel",
            "domain": "example.com",
            "as_name": "Example Carrier",
            "as_domain": "example.net",
            "kind": NetworkKind.BUSINESS,
        },
    ),
    (
        "ipinfo bundle_location_lite",
        {"asn": "AS64496", "as_name": "Example Steel", "as_domain": "example.com", "country_code": "AT"},
        {"asn": 64496, "as_name": "Example Steel", "as_domain": "example.com", "country": "AT"},
    ),
    ("ipinfo standard_privacy.mmdb", {"vpn": "true", "hosting": "true"}, {"kind": NetworkKind.VPN}),
    (
        "DBIP-ASN-Lite (compat=GeoLite2-ASN)",
        {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Steel"},
        {"asn": 64496, "as_name": "Example Steel"},
    ),
    (
        "Dormouse-ASN",
        {
            "autonomous_system_number": 64496,
            "autonomous_system_organization": "Example Steel",
            "as_handle": "EXAMPLE-AS",
            "country": "DE",
            "as_addresses": 4096,
            "as_prefixes": 3,
        },
        {"asn": 64496, "as_handle": "EXAMPLE-AS", "country": "DE", "as_addresses": 4096, "as_prefixes": 3},
    ),
]


@pytest.mark.parametrize(("database_type", "record", "expected"), LAYOUTS)
def test_layout_is_understood(
    tmp_path: Path, database_type: str, record: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Each vendor's record becomes the same kind of evidence."""
    resolver = MmdbResolver([vendor_file(tmp_path / "some.mmdb", database_type, record)])
    (evidence,) = resolver.evidence("192.0.2.7")
    assert {name: getattr(evidence, name) for name in expected} == expected
    assert (evidence.source, evidence.prefix) == ("mmdb:some.mmdb", "192.0.2.0/24")


def test_record_without_an_owner_is_no_evidence(tmp_path: Path) -> None:
    """A city file's record says nothing about who uses the network."""
    resolver = MmdbResolver([vendor_file(tmp_path / "city.mmdb", "GeoLite2-City", {"city": {"names": {"en": "Bern"}}})])
    assert resolver.evidence("192.0.2.7") == ()


def test_files_are_asked_in_order(tmp_path: Path) -> None:
    """Several files give one piece of evidence each, in the order of the setting."""
    first = vendor_file(tmp_path / "b.mmdb", "GeoIP2-Domain", {"domain": "example.com"})
    second = vendor_file(tmp_path / "a.mmdb", "GeoIP2-Connection-Type", {"connection_type": "Corporate"})
    sources = [item.source for item in MmdbResolver([first, second]).evidence("192.0.2.7")]
    assert sources == ["mmdb:b.mmdb", "mmdb:a.mmdb"]


def test_replaced_file_is_taken_up(tmp_path: Path) -> None:
    """After an atomic replacement `refresh` says so, and the new file answers; readers never see a gap."""
    path = vendor_file(tmp_path / "x.mmdb", "GeoIP2-Domain", {"domain": "old.example.com"})
    resolver = MmdbResolver([path])
    assert resolver.refresh() is False
    vendor_file(tmp_path / "new", "GeoIP2-Domain", {"domain": "new.example.com"}).replace(path)
    assert resolver.refresh() is True
    assert [item.domain for item in resolver.evidence("192.0.2.7")] == ["new.example.com"]
    assert resolver.refresh() is False


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\0" * 5000])
def test_damaged_file_at_the_start_is_an_error_that_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    """At the start an operator reads the message; it names the file and the command that helps."""
    path = tmp_path / "broken.mmdb"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.mmdb.*dormouse networks"):
        MmdbResolver([path])


def test_missing_file_at_the_start_is_an_error(tmp_path: Path) -> None:
    """A path without a file is named."""
    with pytest.raises(InputError, match=r"gone\.mmdb: there is no such file"):
        MmdbResolver([tmp_path / "gone.mmdb"])


def test_damaged_replacement_leaves_the_old_file_in_use(tmp_path: Path) -> None:
    """A broken download is listed as a problem; look-ups go on with the file that was open, until a good one comes."""
    path = vendor_file(tmp_path / "x.mmdb", "GeoIP2-Domain", {"domain": "example.com"})
    resolver = MmdbResolver([path])
    bad = tmp_path / "bad"
    bad.write_bytes(b"<html>")
    bad.replace(path)
    assert resolver.refresh() is False
    assert [item.domain for item in resolver.evidence("192.0.2.7")] == ["example.com"]
    assert len(resolver.problems()) == 1
    vendor_file(tmp_path / "good", "GeoIP2-Domain", {"domain": "good.example.com"}).replace(path)
    assert resolver.refresh() is True
    assert resolver.problems() == ()


def test_removed_file_is_a_problem_and_goes_on_answering(tmp_path: Path) -> None:
    """A file deleted while in use is listed; the open one still answers."""
    path = vendor_file(tmp_path / "x.mmdb", "GeoIP2-Domain", {"domain": "example.com"})
    resolver = MmdbResolver([path])
    path.unlink()
    resolver.refresh()
    assert [item.domain for item in resolver.evidence("192.0.2.7")] == ["example.com"]
    assert "the file is gone" in resolver.problems()[0]


def test_ipv6_address_in_an_ipv4_file_is_unknown(tmp_path: Path) -> None:
    """A file that knows IPv4 only says nothing about IPv6, and that is no problem."""
    writer = MMDBWriter(4, "GeoIP2-Domain")
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"domain": "example.com"})
    writer.to_db_file(str(tmp_path / "v4.mmdb"))
    resolver = MmdbResolver([tmp_path / "v4.mmdb"])
    assert resolver.evidence("2001:db8::1") == ()
    assert resolver.problems() == ()


def test_database_facts_are_told(tmp_path: Path) -> None:
    """What is loaded can be shown: path, type, date, size."""
    path = vendor_file(tmp_path / "x.mmdb", "GeoIP2-Domain", {"domain": "example.com"})
    (facts,) = MmdbResolver([path]).databases()
    assert (facts.path, facts.database_type, facts.ip_version, facts.size) == (
        path,
        "GeoIP2-Domain",
        6,
        path.stat().st_size,
    )
