"""`networks update` takes a new table only when it is whole, and never harms the one in place."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from file_server import FileServer, Served, file_server

from core.errors import DormouseError, InputError, UnavailableError
from enrichment.network.mmdb_file import write_mmdb
from enrichment.network.resolvers.mmdb import MmdbResolver
from enrichment.network.update import ATTRIBUTION, UpdateReport, http_fetch, update

TODAY = date(2026, 11, 22)
BUILT = datetime(2026, 11, 1, tzinfo=UTC)
THIS, LAST = "/free/dbip-asn-lite-2026-11.mmdb.gz", "/free/dbip-asn-lite-2026-10.mmdb.gz"
PAGE = "/db/download/ip-to-asn-lite"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


def table(
    folder: Path, name: str = "Example Steel", *, database_type: str = "DBIP-ASN-Lite", wide: bool = True
) -> bytes:
    """Return an MMDB that knows everything (or only one small network), as DB-IP's does."""
    prefixes = ["0.0.0.0/1", "128.0.0.0/1"] if wide else ["192.0.2.0/24"]
    write_mmdb(
        folder / "made",
        [(ip_network(prefix), 0) for prefix in prefixes],
        [{"autonomous_system_number": 64496, "autonomous_system_organization": name}],
        database_type=database_type,
        description="",
        built_at=BUILT,
    )
    return (folder / "made").read_bytes()


def run(server: FileServer, dest: Path, *, seconds: float = 5.0, sha256: str | None = None) -> UpdateReport:
    return update(
        dest,
        http_fetch(deadline_seconds=seconds),
        TODAY,
        base_url=f"{server.url}/free",
        checksum_url=f"{server.url}{PAGE}",
        expected_sha256=sha256,
    )


def test_this_months_table_is_fetched(server: FileServer, tmp_path: Path) -> None:
    """The file of the month is put in place, and says whom to thank."""
    body = table(tmp_path)
    server.files[THIS] = Served(gzip.compress(body))
    dest = tmp_path / "networks" / "dbip.mmdb"
    report = run(server, dest)
    assert dest.read_bytes() == body
    assert (report.checksum, report.previous, report.built_at, report.attribution) == ("none", None, BUILT, ATTRIBUTION)
    assert report.sha256 == hashlib.sha256(body).hexdigest()
    assert [item.as_name for item in MmdbResolver([dest]).evidence("9.9.9.9")] == ["Example Steel"]


def test_last_months_table_is_taken_before_this_months_appears(server: FileServer, tmp_path: Path) -> None:
    """On the first days of a month the file may not be there yet."""
    server.files[LAST] = Served(gzip.compress(table(tmp_path)))
    report = run(server, tmp_path / "dbip.mmdb")
    assert report.url.endswith(LAST)
    assert server.asked[:2] == [THIS, LAST]


def test_month_before_january_is_december(server: FileServer, tmp_path: Path) -> None:
    """The year turns too."""
    server.files["/dbip-asn-lite-2025-12.mmdb.gz"] = Served(gzip.compress(table(tmp_path)))
    report = update(tmp_path / "x.mmdb", http_fetch(), date(2026, 1, 31), base_url=server.url, checksum_url=None)
    assert report.url.endswith("2025-12.mmdb.gz")


def test_replaced_file_is_kept_as_previous(server: FileServer, tmp_path: Path) -> None:
    """The file that was in place stays beside the new one, under a name that isn't loaded."""
    dest = tmp_path / "dbip.mmdb"
    dest.write_bytes(old := table(tmp_path, "Old"))
    server.files[THIS] = Served(gzip.compress(new := table(tmp_path, "New")))
    report = run(server, dest)
    assert report.previous == tmp_path / "dbip.mmdb.previous"
    assert (report.previous.read_bytes(), dest.read_bytes()) == (old, new)
    assert sorted(path.name for path in tmp_path.glob("*.mmdb")) == ["dbip.mmdb"]


def test_published_sum_is_held_against_the_file(server: FileServer, tmp_path: Path) -> None:
    """Where the download's page shows a SHA-1, it must be this file's."""
    body = table(tmp_path)
    server.files[THIS] = Served(gzip.compress(body))
    name = THIS.rpartition("/")[2]
    server.files[PAGE] = Served(f"<td>{name}</td><dd>{hashlib.sha1(body).hexdigest()}</dd>".encode())
    assert run(server, tmp_path / "dbip.mmdb").checksum == "published"
    server.files[PAGE] = Served(f"<td>{name}</td><dd>{'0' * 40}</dd>".encode())
    with pytest.raises(InputError, match="sums"):
        run(server, tmp_path / "dbip.mmdb")


def test_given_sum_is_held_against_the_file(server: FileServer, tmp_path: Path) -> None:
    """An operator's own SHA-256 decides."""
    packed = gzip.compress(table(tmp_path))
    server.files[THIS] = Served(packed)
    assert run(server, tmp_path / "a.mmdb", sha256=hashlib.sha256(packed).hexdigest()).checksum == "given"
    with pytest.raises(InputError, match="SHA-256"):
        run(server, tmp_path / "b.mmdb", sha256="0" * 64)
    assert not (tmp_path / "b.mmdb").exists()


BAD = (
    "cut off",
    "silent half-way",
    "server error",
    "web page",
    "damaged",
    "gzip of half a file",
    "gzip of a web page",
    "another table",
    "nearly empty",
    "nothing",
)


def bad_answers(folder: Path) -> dict[str, Served]:
    """Return everything that a download site can do wrong."""
    packed = gzip.compress(table(folder))
    damaged = bytearray(packed)
    damaged[-6] ^= 0xFF  # in the sum at the gzip's end
    return {
        "cut off": Served(packed, "cut_off"),
        "silent half-way": Served(packed, "hang"),
        "server error": Served(packed, "error"),
        "web page": Served(b"<html>Please log in</html>", content_type="text/html"),
        "damaged": Served(bytes(damaged)),
        "gzip of half a file": Served(gzip.compress(table(folder)[:200])),
        "gzip of a web page": Served(gzip.compress(b"<html></html>")),
        "another table": Served(gzip.compress(table(folder, database_type="DBIP-City-Lite"))),
        "nearly empty": Served(gzip.compress(table(folder, wide=False))),
        "nothing": Served(b""),
    }


@pytest.mark.parametrize("what", BAD)
def test_bad_download_leaves_the_table_in_place(server: FileServer, tmp_path: Path, what: str) -> None:
    """Whatever comes, the table in place stays, no scraps are left, and the message names the address."""
    (tmp_path / "scratch").mkdir()
    dest = tmp_path / "dbip.mmdb"
    dest.write_bytes(old := table(tmp_path / "scratch", "Old"))
    server.files[THIS] = bad_answers(tmp_path / "scratch")[what]
    with pytest.raises(DormouseError, match=r"dbip-asn-lite-2026-11"):
        run(server, dest, seconds=0.3)
    assert dest.read_bytes() == old
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["dbip.mmdb"]


def test_neither_month_there_says_where_to_look(server: FileServer, tmp_path: Path) -> None:
    """When the publisher moved the files, the message names the page that tells where."""
    with pytest.raises(UnavailableError, match=r"2026-11.*2026-10.*db-ip\.com"):
        run(server, tmp_path / "dbip.mmdb")


def test_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """No server, no traceback."""
    with pytest.raises(UnavailableError, match="try again later"):
        update(tmp_path / "x.mmdb", http_fetch(), TODAY, base_url="http://127.0.0.1:9/free", checksum_url=None)


def test_much_smaller_table_is_not_taken(server: FileServer, tmp_path: Path) -> None:
    """A table of less than half the size of the one in place is more likely a mistake than news."""
    dest = tmp_path / "dbip.mmdb"
    write_mmdb(
        dest,
        [(ip_network((number << 16, 16)), 0) for number in range(1 << 12)],
        [{"autonomous_system_number": 64496}],
        database_type="DBIP-ASN-Lite",
        description="",
        built_at=BUILT,
    )
    server.files[THIS] = Served(gzip.compress(table(tmp_path)))
    with pytest.raises(InputError, match="half as large"):
        run(server, dest)


def test_endless_file_is_cut_short(server: FileServer, tmp_path: Path) -> None:
    """More bytes than such a file can have are not stored."""
    server.files["/big"] = Served(b"x" * 3000)
    with (tmp_path / "out").open("wb") as out, pytest.raises(UnavailableError, match="larger"):
        http_fetch()(f"{server.url}/big", out, 2000)
