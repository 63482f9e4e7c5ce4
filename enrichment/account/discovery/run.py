"""Looks through registry dumps for the accounts' networks: two passes, constant memory, goes on where it stopped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from enrichment.account.discovery import arin_xml, rpsl
from enrichment.account.discovery.files import DumpFile, blocks, examine, opened
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.judging import Finding, judge_range
from enrichment.account.discovery.records import Owner, Range
from enrichment.account.discovery.store import DiscoveryStore, Place

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""

KEEP_EVERY = 50_000
"""Objects after which the place is kept: what a killed run does again."""
_KEEP_FINDINGS = 500
_SHOW_EVERY = 2_000

_NAMES = re.compile(rb"^(?:descr|OrgName|CustName)[ \t]*:[ \t]*([^\r\n]+)", re.MULTILINE)
_HANDLE = re.compile(rb"^(?:org|OrgID|OrgId)[ \t]*:[ \t]*([^\s#]+)", re.MULTILINE)
_COUNTRY = re.compile(rb"^[cC]ountry[ \t]*:[ \t]*(\w\w)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpReport:
    """What came of reading dumps."""

    objects: int
    """Objects read in this run, of both passes."""
    owners: int
    """Organisations among them that are accounts'."""
    new: int
    changed: int
    skipped: tuple[str, ...]
    """Files that were read to the end before."""


def discover_dumps(
    paths: Sequence[Path],
    finder: AccountFinder,
    store: DiscoveryStore,
    progress: Progress,
    now: datetime,
    *,
    keep_every: int = KEEP_EVERY,
) -> DumpReport:
    """Read the dumps and keep what they say of the accounts; again changes nothing.

    First all organisations, of which only those are kept that may be an account; then all ranges. Raises InputError
    when a file can't be read; what was found before is kept, and the next run goes on there.
    """
    files = [examine(path) for path in paths]
    run = _Run(finder, store, progress, now, keep_every)
    with_owners = [file for file in files if file.may_have_owners]
    for file in with_owners:
        run.read_owners(file, _work(finder, file))
    owners = store.owners([_work(finder, file) for file in with_owners])
    for file in (file for file in files if file.may_have_ranges):
        run.read_ranges(file, _work(finder, file, *with_owners), owners)
    return DumpReport(
        objects=run.objects, owners=len(owners), new=run.new, changed=run.changed, skipped=tuple(run.skipped)
    )


def _work(finder: AccountFinder, *files: DumpFile) -> str:
    parts = (finder.fingerprint, files[0].fingerprint, *sorted(file.fingerprint for file in files[1:]))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:64]


class _Run:
    def __init__(
        self, finder: AccountFinder, store: DiscoveryStore, progress: Progress, now: datetime, keep_every: int
    ) -> None:
        self._finder, self._store, self._progress, self._now = finder, store, progress, now
        self._keep_every = keep_every
        self.objects = self.new = self.changed = 0
        self.skipped: list[str] = []

    def read_owners(self, file: DumpFile, work: str) -> None:
        """The first pass: keep the organisations that are accounts'."""
        place = self._store.place(work, 1)
        if place.done:
            return
        kept: list[Owner] = []
        start = place.objects
        for at, owner in self._objects(file, place, f"Organisations in {file.path.name}", self._owners):
            if isinstance(owner, Owner) and self._finder.match(owner.name, owner.domain, owner.country) is not None:
                kept.append(owner)
            if at.done or (at.objects - start) % self._keep_every == 0:
                self._store.keep_owners(work, file.path.name, at, kept, self._now)
                kept = []

    def read_ranges(self, file: DumpFile, work: str, owners: Mapping[str, Owner]) -> None:
        """The second pass: judge the ranges that name an account or are held by one's organisation."""
        place = self._store.place(work, 2)
        if place.done:
            self.skipped.append(file.path.name)
            return
        handles = frozenset(handle.encode() for handle in owners)
        kept: list[Finding] = []
        start = place.objects
        wanted = lambda file, stream, position: self._ranges(file, stream, position, handles)  # noqa: E731
        for at, found in self._objects(file, place, f"Ranges in {file.path.name}", wanted):
            if isinstance(found, Range):
                kept += judge_range(found, owners.get(found.org), self._finder)
            if at.done or (at.objects - start) % self._keep_every == 0 or len(kept) >= _KEEP_FINDINGS:
                new, changed = self._store.keep_findings(work, file.path.name, at, kept, self._now)
                self.new, self.changed = self.new + new, self.changed + changed
                kept = []

    def _objects(
        self,
        file: DumpFile,
        place: Place,
        what: str,
        read: Callable[[DumpFile, BinaryIO, int], Iterator[tuple[int, Owner | Range | None]]],
    ) -> Iterator[tuple[Place, Owner | Range | None]]:
        objects, position = place.objects, place.position
        with opened(file.path) as (stream, raw):
            for position, found in read(file, stream, place.position):
                objects += 1
                self.objects += 1
                if objects % _SHOW_EVERY == 0:
                    self._progress(what, raw.tell(), file.size)
                yield Place(position=position, objects=objects), found
        self._progress(what, file.size, file.size)
        yield Place(position=position, objects=objects, done=True), None

    def _owners(self, file: DumpFile, stream: BinaryIO, position: int) -> Iterator[tuple[int, Owner | Range | None]]:
        if file.is_xml:
            for place, found in arin_xml.objects(stream, position):
                named = isinstance(found, Owner) and self._finder.may_be_in(found.name.encode(), found.country)
                yield place, found if named else None
            return
        for place, block in blocks(stream, position):
            yield place, rpsl.owner_of(block) if self._is_wanted_owner(block) else None

    def _is_wanted_owner(self, block: bytes) -> bool:
        if not (block.startswith(b"organisation:") or b"OrgName:" in block or b"CustName:" in block):
            return False
        if not rpsl.is_owner(block):
            return False
        owner = rpsl.owner_of(block)
        return owner is not None and self._finder.may_be_in(owner.name.encode(), owner.country)

    def _ranges(
        self, file: DumpFile, stream: BinaryIO, position: int, handles: frozenset[bytes]
    ) -> Iterator[tuple[int, Owner | Range | None]]:
        if file.is_xml:
            for place, found in arin_xml.objects(stream, position):
                held = isinstance(found, Range) and found.org.encode() in handles
                yield place, found if held else None
            return
        for place, block in blocks(stream, position):
            yield place, rpsl.range_of(block) if self._is_wanted_range(block, handles) else None

    def _is_wanted_range(self, block: bytes, handles: frozenset[bytes]) -> bool:
        if not rpsl.is_range(block):
            return False
        handle = _HANDLE.search(block)
        if handle and handle[1].upper() in handles:
            return True
        country = _COUNTRY.search(block)
        code = country[1].decode("ascii", "replace").upper() if country else ""
        return self._finder.may_be_in(b"\n".join(_NAMES.findall(block)), code)
