"""`networks build` makes a file that answers like the table it was made from."""

from __future__ import annotations

import bisect
import csv
import gzip
import random
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from pathlib import Path

import maxminddb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from enrichment.network.build import DATABASE_TYPE, build
from enrichment.network.mmdb_file import write_mmdb

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES = 'asn,handle,org,country\n64496,EX-1,"Example Steel, GmbH",DE\n64497,EX-2,Example Telecom,FR\n'


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Take the reports of progress and do nothing."""


def written(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_narrow_prefixes_count_inside_wide_ones(tmp_path: Path) -> None:
    """The longest prefix wins whatever the order of lines; both IP versions live in one file."""
    table = written(
        tmp_path / "t.tsv.gz",
        "# remark\n192.0.2.64/28\t64497\n192.0.2.0/24\t64496\n2001:db8::/32\t64496\n2001:db8:5::/48\t64497\n",
    )
    out = tmp_path / "o.mmdb"
    report = build(table, written(tmp_path / "n.csv.gz", NAMES), out, no_progress, now=NOW)
    with maxminddb.open_database(str(out)) as reader:
        asked = ["192.0.2.1", "192.0.2.70", "192.0.2.200", "198.51.100.1", "2001:db8::1", "2001:db8:5::1"]
        found = [(record := reader.get(ip)) and record["autonomous_system_number"] for ip in asked]  # type: ignore[index,call-overload]
        assert found == [64496, 64497, 64496, None, 64496, 64497]
        assert reader.metadata().database_type == DATABASE_TYPE
        assert reader.metadata().build_epoch == int(NOW.timestamp())
        assert reader.get("192.0.2.1") == {
            "autonomous_system_number": 64496,
            "autonomous_system_organization": "Example Steel, GmbH",
            "as_handle": "EX-1",
            "country": "DE",
            "as_addresses": 256,
            "as_prefixes": 2,
        }
    assert (report.prefixes, report.systems, report.dirty, report.size) == (4, 2, 0, out.stat().st_size)


def test_names_may_have_the_other_layout(tmp_path: Path) -> None:
    """A list with asn,name,source is understood as well."""
    names = written(tmp_path / "n.csv", '"asn","name","source"\n64496,"Example Steel","PeeringDB"\n')
    out = tmp_path / "o.mmdb"
    report = build(written(tmp_path / "t.tsv", "192.0.2.0/24\t64496\n"), names, out, no_progress, now=NOW)
    with maxminddb.open_database(str(out)) as reader:
        record = reader.get("192.0.2.1")
    assert record == {
        "autonomous_system_number": 64496,
        "autonomous_system_organization": "Example Steel",
        "as_addresses": 256,
        "as_prefixes": 1,
    }
    assert report.unnamed == 0


def test_dirty_lines_are_counted_with_their_numbers(tmp_path: Path) -> None:
    """A bad line costs that line, is counted and shown with its number."""
    table = written(
        tmp_path / "t.tsv",
        "192.0.2.0/24\t64496\nrubbish\n192.0.2.300/24\t1\n198.51.100.0/24\tAS64497\n0.0.0.0/0\t64496\n203.0.113.0/24\tx\n",
    )
    names = written(tmp_path / "n.csv", "# remark\n" + NAMES + "hello,A,B,C\n")
    report = build(table, names, tmp_path / "o.mmdb", no_progress, now=NOW)
    assert report.prefixes == 2
    assert [(line.file, line.line) for line in report.dirty_lines] == [
        ("n.csv", 5),
        ("t.tsv", 2),
        ("t.tsv", 3),
        ("t.tsv", 5),
        ("t.tsv", 6),
    ]
    assert report.dirty == 5


def test_unusable_files_leave_the_old_database(tmp_path: Path) -> None:
    """Missing, cut-off and empty input is an error that names the file; what was there stays."""
    names, out = written(tmp_path / "n.csv", NAMES), written(tmp_path / "o.mmdb", "the old one")
    cut = tmp_path / "cut.tsv.gz"
    cut.write_bytes(gzip.compress(b"192.0.2.0/24\t64496\n" * 500)[:40])
    for table in (tmp_path / "missing.tsv", cut, written(tmp_path / "empty.tsv", "# nothing\n")):
        with pytest.raises(InputError, match=table.name):
            build(table, names, out, no_progress, now=NOW)
    with pytest.raises(InputError, match="columns"):
        build(
            written(tmp_path / "t.tsv", "192.0.2.0/24\t1\n"),
            written(tmp_path / "m.csv", "a,b\n"),
            out,
            no_progress,
            now=NOW,
        )
    assert out.read_text() == "the old one"


prefixes = st.builds(
    lambda base, length: ip_network((base, length), strict=False),
    st.integers(0, 2**32 - 1).map(lambda number: number & 0xF0F00000),
    st.integers(1, 12),
)


@settings(max_examples=60, deadline=None)
@given(table=st.dictionaries(prefixes, st.integers(0, 5), min_size=1, max_size=40), probe=st.integers(0, 2**32 - 1))
def test_any_table_answers_by_the_longest_prefix(
    tmp_path_factory: pytest.TempPathFactory, table: dict[IPv4Network, int], probe: int
) -> None:
    """For any set of overlapping prefixes, the file says what a plain search for the longest match says."""
    out = tmp_path_factory.mktemp("m") / "any.mmdb"
    write_mmdb(out, table.items(), [{"n": n} for n in range(6)], database_type="Test", description="", built_at=NOW)
    asked = [IPv4Address(probe), *(prefix.network_address for prefix in table), *(p.broadcast_address for p in table)]
    with maxminddb.open_database(str(out)) as reader:
        for address in asked:
            around = [prefix for prefix in table if address in prefix]
            expected = {"n": table[max(around, key=lambda p: p.prefixlen)]} if around else None
            assert reader.get(address) == expected


@pytest.mark.real_data
@pytest.mark.slow
def test_whole_internet_answers_like_its_table(shared_data: Path, tmp_path: Path) -> None:
    """512,621 real prefixes: 20,000 random addresses get the AS that a search through the sorted table gets."""
    source, out = shared_data / "network" / "ip2asn_v4_2014-05-13.tsv.gz", tmp_path / "real.mmdb"
    build(source, shared_data / "network" / "asn_names_2016-05.csv.gz", out, no_progress, now=NOW)
    by_length: dict[int, tuple[list[int], list[int]]] = {}
    with gzip.open(source, "rt", encoding="utf-8") as file:
        rows = sorted(
            (ip_network(row[0]), int(row[1])) for row in csv.reader(file, delimiter="\t") if row[0][:1] != "#"
        )
    for prefix, asn in rows:
        starts, numbers = by_length.setdefault(prefix.prefixlen, ([], []))
        starts.append(int(prefix.network_address))
        numbers.append(asn)
    chosen = random.Random(1)
    wrong = 0
    with maxminddb.open_database(str(out)) as reader:
        for _ in range(20_000):
            number = chosen.randrange(2**24, 224 * 2**24)
            record = reader.get(ip_address(number))
            got = record["autonomous_system_number"] if isinstance(record, dict) else None
            wrong += got != _longest(by_length, number)
    assert wrong == 0


def _longest(by_length: dict[int, tuple[list[int], list[int]]], number: int) -> int | None:
    for length in sorted(by_length, reverse=True):
        starts, numbers = by_length[length]
        start = number >> (32 - length) << (32 - length)
        place = bisect.bisect_left(starts, start)
        if place < len(starts) and starts[place] == start:
            return numbers[place]
    return None
