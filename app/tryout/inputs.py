"""Finds out what was given: which log files, of which website, which columns."""

from __future__ import annotations

import glob
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from core.domain import DropReason
from core.errors import InputError
from enrichment.account.domains import registrable
from enrichment.account.importer.headers import FIELDS, What
from tracker.site_store import site_id
from tracker.sources.access_log import parse_line
from tracker.sources.log_file import read_log

NO_NAME = "your-site"
"""What a site is called when neither the log nor the operator names it."""

_PEEK = 2_000
_FILES: tuple[What, ...] = ("accounts", "activities", "contacts")
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """The log files, oldest first, and the website that they are of."""

    paths: tuple[Path, ...]
    site: str
    others: tuple[str, ...]
    """Other websites whose lines are in the logs too."""


def find_logs(patterns: Iterable[str], site: str = "") -> Logs:
    """Return the files that `patterns` name, in order of their first lines, and their website.

    A pattern is a file's name or a glob; one that matches nothing is taken apart at its blanks. Raises InputError
    when a pattern matches nothing at all.
    """
    paths: dict[Path, None] = {}
    for pattern in patterns:
        for path in _matches(pattern):
            paths.setdefault(path)
    if not paths:
        raise InputError("name an access log: --log access.log, or a pattern such as --log 'logs/access.log*'")
    first: dict[Path, datetime] = {}
    hosts: Counter[str] = Counter()
    for path in paths:
        first[path] = _peek(path, hosts)
    ordered = tuple(sorted(paths, key=lambda path: (first[path], path.name)))
    if site:
        return Logs(paths=ordered, site=site_id(site), others=())
    chosen = _site(hosts)
    others = tuple(sorted(host for host in hosts if host != chosen and not host.endswith(f".{chosen}")))
    return Logs(paths=ordered, site=chosen, others=others)


def _matches(pattern: str) -> list[Path]:
    found = _expand(pattern)
    if found:
        return found
    try:
        words = shlex.split(pattern)
    except ValueError:
        words = pattern.split()
    parts = [_expand(word) for word in words]
    for word, files in zip(words, parts, strict=True):
        if not files:
            raise InputError(f"no file matches {word!r}: check the path, and put quotes around patterns")
    return [path for files in parts for path in files]


def _expand(pattern: str) -> list[Path]:
    plain = Path(pattern).expanduser()
    if plain.is_file():
        return [plain]
    found = sorted(Path(name) for name in glob.glob(str(plain)))  # noqa: PTH207 - Path.glob refuses absolute patterns
    return [path for path in found if path.is_file()]


def _peek(path: Path, hosts: Counter[str]) -> datetime:
    """Count the websites that the first lines name; return the first line's moment."""
    first = _LATEST
    try:
        for text, _ in islice(read_log(path), _PEEK):
            line = parse_line(text)
            if isinstance(line, DropReason):
                continue
            first = min(first, line.at)
            host = line.vhost.lower().rstrip(".").partition(":")[0]
            if "." in host:
                hosts[host.removeprefix("www.")] += 1
    except InputError:
        return first  # said when the file is imported
    return first


def _site(hosts: Counter[str]) -> str:
    for host, _ in hosts.most_common():
        try:
            return site_id(registrable(host) or host)
        except InputError:
            continue
    return NO_NAME


def column_maps(texts: Sequence[str]) -> Mapping[What, Mapping[str, str]]:
    """Read `[FILE.]FIELD=HEADER` overrides, such as `name=Firma` or `activities.at=Datum`; no FILE means accounts."""
    maps: dict[What, dict[str, str]] = {what: {} for what in _FILES}
    for text in texts:
        left, equals, header = text.partition("=")
        file, _, field = left.strip().rpartition(".")
        what = next((name for name in _FILES if name == (file or "accounts")), None)
        if not equals or what is None or not header.strip():
            raise InputError(f"--column {text!r}: write FIELD=HEADER, such as name=Firma or activities.at=Datum")
        if field not in FIELDS[what]:
            raise InputError(
                f"--column {text!r}: {what} have no field {field!r}; choose from {', '.join(FIELDS[what])}"
            )
        maps[what][field] = header.strip()
    return maps
