"""The embedded buffer's reader: takes records out of the segments of every process, living or dead."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core.clock import now
from tracker.buffer.frames import HEAD_BYTES, MOST_PAYLOAD, Scan, scan
from tracker.buffer.protocol import Batch
from tracker.buffer.segment_log import HIDDEN, SUFFIX

_READ_BYTES = 4 * MOST_PAYLOAD
"""Read at once: more than one frame, so that a whole frame always fits."""

_UNBORN_SECONDS = 60.0


class SegmentReader:
    """Reads the oldest segment first. Segments whose writer holds their lock may still grow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, after: Mapping[str, int], limit: int) -> Batch:
        """Return at most `limit` records after the offsets `after`.

        Half a record at the end of a living process's segment waits; at the end of a dead one's it is skipped and
        counted as damaged.
        """
        records: list[bytes] = []
        offsets: dict[str, int] = {}
        damaged = 0
        for path in self._segments():
            if len(records) >= limit:
                break
            start = after.get(path.name, 0)
            found = _read_segment(path, start, limit - len(records))
            if found is not None and found.end:
                records.extend(found.payloads)
                offsets[path.name] = start + found.end
                damaged += found.damaged
        return Batch(records=tuple(records), offsets=offsets, damaged=damaged)

    def forget(self, done: Mapping[str, int]) -> tuple[str, ...]:
        """Delete segments that were read to their end and whose writer is gone or has begun another; return them."""
        gone: list[str] = []
        for path in self._segments():
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                if _lock(descriptor) and os.fstat(descriptor).st_size <= done.get(path.name, 0):
                    path.unlink(missing_ok=True)
                    gone.append(path.name)
            finally:
                os.close(descriptor)
        self._clear_unborn()
        return tuple(gone)

    def backlog(self, after: Mapping[str, int]) -> int:
        """Return the bytes that wait after the offsets `after`."""
        waiting = 0
        for path in self._segments():
            try:
                waiting += max(0, path.stat().st_size - after.get(path.name, 0))
            except FileNotFoundError:
                continue
        return waiting

    def _clear_unborn(self) -> None:
        """Delete empty files whose writers were killed before they could name them; a living one takes milliseconds."""
        for path in self._folder.glob(f"*{HIDDEN}"):
            with suppress(FileNotFoundError):
                if now().timestamp() - path.stat().st_mtime > _UNBORN_SECONDS:
                    path.unlink()

    def _segments(self) -> list[Path]:
        """The names begin with the time of the process's start and end with the number of the segment."""
        return sorted(self._folder.glob(f"*{SUFFIX}"))


def _read_segment(path: Path, start: int, limit: int) -> Scan | None:
    """Read records of one segment; None when nothing new is there. `end` counts from `start`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # read and forgotten by another worker
        return None
    try:
        if os.fstat(descriptor).st_size <= start:
            return None
        payloads: list[bytes] = []
        at = damaged = 0
        while len(payloads) < limit and (data := os.pread(descriptor, _READ_BYTES, start + at)):
            found = scan(data, limit - len(payloads))
            payloads.extend(found.payloads)
            skipped = 0 if found.end else _hopeless(descriptor, start + at, len(data))
            at += found.end + skipped
            damaged += found.damaged + skipped
            if not found.end and not skipped:
                break
        return Scan(payloads=tuple(payloads), end=at, damaged=damaged)
    finally:
        os.close(descriptor)


def _hopeless(descriptor: int, position: int, length: int) -> int:
    """Return how many bytes at `position`, where `length` bytes hold no whole record, will never become one."""
    if length == _READ_BYTES:  # longer than any frame can be
        return _READ_BYTES - MOST_PAYLOAD - HEAD_BYTES
    if not _lock(descriptor):  # its writer lives and may be about to finish the record
        return 0
    # Between our reading and its end the writer may have finished after all: look once more before giving up.
    rest = os.fstat(descriptor).st_size - position
    return 0 if scan(os.pread(descriptor, _READ_BYTES, position), 1).payloads else rest


def _lock(descriptor: int) -> bool:
    """Tell whether nobody writes this segment any more (shared, so that readers don't disturb each other)."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
