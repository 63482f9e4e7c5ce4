"""Fetches DB-IP's free table of networks and puts it in place only when it is whole."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import maxminddb
import urllib3

from core.clock import monotonic as real_monotonic
from core.errors import InputError, UnavailableError
from enrichment.network.resolvers.mmdb import open_mmdb

ATTRIBUTION = "IP Geolocation by DB-IP"
"""Must be shown, with a link to ATTRIBUTION_URL, where the data is used (CC BY 4.0)."""
ATTRIBUTION_URL = "https://db-ip.com"
FILES_URL = "https://download.db-ip.com/free"
CHECKSUM_URL = "https://db-ip.com/db/download/ip-to-asn-lite"

_MAX_PACKED = 64 << 20
_MAX_FILE = 256 << 20
_MAX_PAGE = 2 << 20
_MEGABYTE = 1 << 20
_WELL_KNOWN = ("8.8.8.8", "1.1.1.1", "9.9.9.9", "208.67.222.222", "199.9.14.201")
"""Public name servers that have stood in the same place for years: a whole table knows most of them."""

Checksum = Literal["given", "published", "none"]


class Fetch(Protocol):
    """Copies what is at an address into a file."""

    def __call__(self, url: str, into: BinaryIO, limit: int) -> None:
        """Write at most `limit` bytes.

        Raises NotThereError when the server doesn't have it, UnavailableError for everything else that goes wrong.
        """
        ...


class NotThereError(UnavailableError):
    """The server answered that there is no such file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What was fetched and how it was checked."""

    url: str
    path: Path
    previous: Path | None
    """Where the file that was replaced is kept."""
    built_at: datetime
    size: int
    """Bytes of the file."""
    sha256: str
    """Of the file as unpacked."""
    checksum: Checksum
    """Held against the sum you gave, the one the publisher shows, or none because none was to be had."""
    attribution: str = ATTRIBUTION


def update(
    dest: Path,
    fetch: Fetch,
    today: date,
    *,
    base_url: str = FILES_URL,
    checksum_url: str | None = CHECKSUM_URL,
    expected_sha256: str | None = None,
) -> UpdateReport:
    """Fetch this month's table (else last month's) and let it take the place of `dest` in one step.

    Checked before: the gzip's own sum, the MMDB's structure, that it knows addresses everybody knows, that it isn't
    much smaller than the one in place, and the publisher's or your checksum where there is one. Raises
    UnavailableError when nothing could be fetched and InputError when what came can't be right; `dest` is untouched
    then.
    """
    dest.parent.mkdir(parents=True, exist_ok=True)
    packed, fresh = dest.with_name(f".{dest.name}.gz.new"), dest.with_name(f".{dest.name}.new")
    try:
        url = _fetch_latest(base_url, fetch, today, packed)
        _unpack(packed, fresh, url)
        built_at = _checked(fresh, dest, url)
        sums = _Sums(_sum(fresh, "sha1"), _sum(packed, "sha1"), _sum(fresh, "sha256"), _sum(packed, "sha256"))
        checksum = _held_against(sums, url, fetch, checksum_url, expected_sha256)
        previous = _keep_previous(dest)
        size = fresh.stat().st_size
        fresh.replace(dest)
    finally:
        packed.unlink(missing_ok=True)
        fresh.unlink(missing_ok=True)
    return UpdateReport(
        url=url, path=dest, previous=previous, built_at=built_at, size=size, sha256=sums.sha256, checksum=checksum
    )


def http_fetch(*, deadline_seconds: float = 600.0, monotonic: Callable[[], float] = real_monotonic) -> Fetch:
    """Return a Fetch over HTTP(S) that gives up after 10 s without connection, 30 s of silence or the deadline."""
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=10, read=min(30.0, deadline_seconds)),
        retries=urllib3.Retry(connect=2, read=0, redirect=3, status=0, backoff_factor=0.5, raise_on_status=False),
    )

    def fetch(url: str, into: BinaryIO, limit: int) -> None:
        until = monotonic() + deadline_seconds
        try:
            response = pool.request("GET", url, preload_content=False, headers={"Accept-Encoding": "identity"})
            try:
                _copy(response, url, into, limit, lambda: monotonic() > until)
            finally:
                response.close()
        except urllib3.exceptions.HTTPError as error:
            raise UnavailableError(f"{url}: {_in_words(error)}; try again later") from None

    return fetch


def _copy(
    response: urllib3.BaseHTTPResponse, url: str, into: BinaryIO, limit: int, is_late: Callable[[], bool]
) -> None:
    if response.status == 404:
        raise NotThereError(f"{url}: there is no such file")
    if response.status != 200:
        raise UnavailableError(f"{url}: the server answered {response.status}; try again later")
    size = 0
    for chunk in response.stream(1 << 16, decode_content=False):
        size += len(chunk)
        if size > limit:
            raise UnavailableError(f"{url}: larger than {limit // _MEGABYTE} MB, which can't be the right file")
        if is_late():
            raise UnavailableError(f"{url}: took too long; try again later")
        into.write(chunk)


def _in_words(error: urllib3.exceptions.HTTPError) -> str:
    if isinstance(error, urllib3.exceptions.MaxRetryError) and isinstance(error.reason, urllib3.exceptions.HTTPError):
        error = error.reason
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "the server is silent"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection broke off"
    return "can't be reached"


def _fetch_latest(base_url: str, fetch: Fetch, today: date, packed: Path) -> str:
    """Fetch this month's file, or last month's in the days before this month's appears; return its address."""
    months = (today, today.replace(day=1) - timedelta(days=1))
    tried: list[str] = []
    for month in months:
        url = f"{base_url.rstrip('/')}/dbip-asn-lite-{month:%Y-%m}.mmdb.gz"
        try:
            with packed.open("wb") as file:
                fetch(url, file, _MAX_PACKED)
        except NotThereError:
            tried.append(url)
            continue
        return url
    raise UnavailableError(f"Neither {' nor '.join(tried)} is there: see {CHECKSUM_URL} for where the file is now")


def _unpack(packed: Path, fresh: Path, url: str) -> None:
    size = 0
    try:
        with gzip.open(packed, "rb") as source, fresh.open("wb") as target:
            while chunk := source.read(_MEGABYTE):
                size += len(chunk)
                if size > _MAX_FILE:
                    raise InputError(f"{url}: unpacks to more than {_MAX_FILE // _MEGABYTE} MB; not used")
                target.write(chunk)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise InputError(f"{url}: what came isn't a whole gzip file; nothing was changed, try again later") from None


def _checked(fresh: Path, dest: Path, url: str) -> datetime:
    """Return when the new file was built, after looking whether it can be what it should be."""
    try:
        with open_mmdb(fresh) as reader:
            meta = reader.metadata()
            known = sum(_has_number(reader.get(ip)) for ip in _WELL_KNOWN)
    except (InputError, maxminddb.InvalidDatabaseError):
        raise InputError(f"{url}: what came isn't a whole MMDB file; nothing was changed, try again later") from None
    if "ASN" not in meta.database_type.upper():
        raise InputError(f"{url}: is a {meta.database_type!r} file, not a table of AS numbers; not used")
    if known < 3:
        raise InputError(f"{url}: doesn't know addresses that everybody knows; not used")
    nodes = _nodes(dest)
    if nodes is not None and meta.node_count < nodes // 2:
        raise InputError(f"{url}: is less than half as large as the file in place; not used, remove {dest} to force it")
    return datetime.fromtimestamp(meta.build_epoch, UTC)


def _has_number(record: object) -> bool:
    return isinstance(record, dict) and isinstance(record.get("autonomous_system_number"), int)


def _nodes(dest: Path) -> int | None:
    try:
        with open_mmdb(dest) as reader:
            return reader.metadata().node_count
    except InputError:
        return None


@dataclass(frozen=True, slots=True)
class _Sums:
    sha1: str
    sha1_packed: str
    sha256: str
    sha256_packed: str


def _sum(path: Path, method: Literal["sha1", "sha256"]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, method).hexdigest()


def _held_against(
    sums: _Sums, url: str, fetch: Fetch, checksum_url: str | None, expected_sha256: str | None
) -> Checksum:
    """Hold the file against a checksum.

    The publisher has no checksum file: the sums stand on the download's web page, which may change or be away, so its
    silence isn't an error. A page that names this very file with other sums is.
    """
    if expected_sha256 is not None:
        if expected_sha256.strip().lower() not in (sums.sha256, sums.sha256_packed):
            raise InputError(f"{url}: its SHA-256 is {sums.sha256}, not the one given; not used")
        return "given"
    if checksum_url is None:
        return "none"
    page = BytesIO()
    try:
        fetch(checksum_url, page, _MAX_PAGE)
    except UnavailableError:
        return "none"
    text = page.getvalue().decode("utf-8", errors="replace").lower()
    if sums.sha1 in text or sums.sha1_packed in text:
        return "published"
    name = url.rpartition("/")[2]
    if name in text and re.search(r"\b[0-9a-f]{40}\b", text):
        raise InputError(
            f"{url}: the sums at {checksum_url} are others; not used, give --sha256 if you know it is right"
        )
    return "none"


def _keep_previous(dest: Path) -> Path | None:
    """Give the file in place a second name, so that it stays in place until the new one takes over."""
    if not dest.exists():
        return None
    previous = dest.with_name(f"{dest.name}.previous")
    previous.unlink(missing_ok=True)
    previous.hardlink_to(dest)
    return previous
