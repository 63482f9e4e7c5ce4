"""Evidence from MMDB files of any vendor, taken up again when a file is replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import maxminddb

from core.domain import Evidence
from core.errors import InputError
from enrichment.network.addresses import parse_address, prefix_at
from enrichment.network.resolvers.mmdb_layouts import evidence_from

_ADVICE = "fetch or build it again with `dormouse networks update` or `dormouse networks build`"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What a loaded database says about itself."""

    path: Path
    database_type: str
    description: str
    built_at: datetime
    node_count: int
    ip_version: int
    """6 when it knows both versions, 4 when it knows IPv4 only."""
    size: int
    """Bytes on disk."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What changes when a file is replaced."""

    inode: int
    modified_ns: int
    size: int


class _Database:
    """One file: its reader, and the stamp it had when it was opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stamp = _stamp(path)
        self.reader = open_mmdb(path)
        self.database_type = self.reader.metadata().database_type
        self.source = f"mmdb:{path.name}"


class MmdbResolver:
    """Asks MMDB files in the order given; a file that can't be read is skipped and listed in `problems()`."""

    name = "mmdb"

    def __init__(self, paths: Iterable[Path]) -> None:
        """Open every file.

        Raises InputError naming each file that is missing or damaged and what to do: at the start an operator is
        there to read it. Later a broken file is only skipped.
        """
        self._paths = tuple(paths)
        self._open: dict[Path, _Database] = {}
        self._broken: dict[Path, tuple[_Stamp | None, str]] = {}
        for path in self._paths:
            self._load(path)
        if self._broken:
            raise InputError("\n".join(self.problems()))

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return one piece of evidence for each file that knows the address."""
        found: list[Evidence] = []
        address = parse_address(ip)
        if address is None:
            return ()
        for database in tuple(self._open.values()):
            try:
                record, length = database.reader.get_with_prefix_len(address)
            except ValueError:  # an IPv6 address asked of an IPv4 file, or damage inside (InvalidDatabaseError is one)
                if address.version == 6 and database.reader.metadata().ip_version == 4:
                    continue
                self._set_aside(database, f"{database.path}: a record in it is damaged: {_ADVICE}")
                continue
            if record is None:
                continue
            evidence = evidence_from(
                record,
                source=database.source,
                prefix=str(prefix_at(address, length)),
                database_type=database.database_type,
            )
            if evidence is not None:
                found.append(evidence)
        return tuple(found)

    def refresh(self) -> bool:
        """Open files that were replaced or have come; True when any did. A broken replacement leaves the old one."""
        changed = False
        for path in self._paths:
            now = _stamp_or_none(path)
            known = self._open.get(path)
            broken = self._broken.get(path)
            if now is None:
                if known is None or broken is None:
                    self._broken[path] = (None, f"{path}: the file is gone: {_ADVICE}")
            elif broken is not None and broken[0] == now:
                continue
            elif known is None or known.stamp != now:
                changed |= self._load(path)
            elif broken is not None:
                del self._broken[path]
        return changed

    def problems(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._broken.values())

    def databases(self) -> tuple[DatabaseFacts, ...]:
        """Return facts about each database in use."""
        return tuple(_facts(database) for database in self._open.values())

    def _load(self, path: Path) -> bool:
        try:
            # The reader replaced is not closed: another thread may be in the middle of a look-up. It closes itself.
            self._open[path] = _Database(path)
        except InputError as error:
            self._broken[path] = (_stamp_or_none(path), str(error))
            return False
        self._broken.pop(path, None)
        return True

    def _set_aside(self, database: _Database, problem: str) -> None:
        self._open.pop(database.path, None)
        self._broken[database.path] = (database.stamp, problem)


def open_mmdb(path: Path) -> maxminddb.Reader:
    """Open an MMDB file, memory-mapped.

    Raises InputError saying what is wrong with the file and what to do.
    """
    try:
        return maxminddb.open_database(str(path), maxminddb.MODE_AUTO)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file: {_ADVICE}") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}): check its rights") from None
    except (maxminddb.InvalidDatabaseError, ValueError, UnicodeDecodeError):
        raise InputError(f"{path}: isn't a whole MMDB file: {_ADVICE}") from None


def _stamp(path: Path) -> _Stamp:
    stamp = _stamp_or_none(path)
    if stamp is None:
        raise InputError(f"{path}: there is no such file: {_ADVICE}")
    return stamp


def _stamp_or_none(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _Stamp(status.st_ino, status.st_mtime_ns, status.st_size)


def _facts(database: _Database) -> DatabaseFacts:
    meta = database.reader.metadata()
    return DatabaseFacts(
        path=database.path,
        database_type=meta.database_type,
        description=meta.description.get("en", ""),
        built_at=datetime.fromtimestamp(meta.build_epoch, UTC),
        node_count=meta.node_count,
        ip_version=meta.ip_version,
        size=database.stamp.size,
    )
