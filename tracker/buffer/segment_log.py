"""The embedded buffer's writer: append-only files of one process, safe before a hit is acknowledged."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.clock import monotonic, now
from core.errors import BufferUnavailableError
from core.log import logger
from core.settings import Ack
from tracker.buffer.frames import frame
from tracker.buffer.sync import sync_file, sync_folder

SEGMENT_BYTES = 16 * 1024 * 1024
"""A segment that has reached this size is closed; the next record begins a new one."""
SEGMENT_SECONDS = 60.0
"""So is one of this age, even if nothing more comes: readers delete closed segments only, and addresses with them."""
SYNC_SECONDS = 0.1
"""With ACK=write, what was written is on the disk after at most about this time."""
SUFFIX = ".seg"
HIDDEN = ".new"
"""A segment's suffix until it is locked."""

_log = logger("tracker.buffer")


@dataclass(slots=True, kw_only=True, eq=False)
class _Segment:
    """The file that is being written."""

    path: Path
    descriptor: int
    begun_at: float
    """On the clock that never goes back."""
    size: int = 0
    written: int = 0
    """Records in it."""
    synced: int = 0
    """Records of it that are on the disk."""
    broken: str = ""
    """Why the rest of it never will be, for all we know."""


class SegmentWriter:
    """Appends records to segments that no other process writes.

    ACK=write: `append` returns once the record lies in the kernel, so that killing this process loses nothing; a thread
    syncs at least every SYNC_SECONDS, and while that fails nothing is accepted. ACK=fsync: `append` returns once the
    record is on the disk; callers that wait at the same time share one sync. An exclusive lock held on the open segment
    tells readers that its writer lives.
    """

    def __init__(
        self,
        folder: Path,
        ack: Ack,
        *,
        sync: Callable[[int], None] = sync_file,
        segment_bytes: int = SEGMENT_BYTES,
        segment_seconds: float = SEGMENT_SECONDS,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ack = ack
        self._sync_file = sync
        self._segment_bytes = segment_bytes
        self._segment_seconds = segment_seconds
        self._name = f"{int(now().timestamp() * 1e6):017d}-{os.getpid()}-{os.urandom(4).hex()}"
        self._changed = threading.Condition()
        # All below is guarded by _changed.
        self._segment: _Segment | None = None
        self._begun = 0
        self._syncing = False
        self._trouble = ""
        """ACK=write: why syncing fails now; empty when it works."""
        self._closed = False
        # Not _changed: every record would wake this thread.
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._retire_in_time, name="buffer-age", daemon=True)]
        if ack == "write":
            self._threads.append(threading.Thread(target=self._sync_often, name="buffer-sync", daemon=True))
        for thread in self._threads:
            thread.start()

    def append(self, record: bytes) -> None:
        """Keep one record; raises BufferUnavailableError when it can't be kept now, ValueError when it never can."""
        data = frame(record)
        with self._changed:
            if self._segment is not None and self._is_due(self._segment):
                self._retire(self._segment)
            if self._closed:
                raise BufferUnavailableError("hits can't be kept: the buffer is closed")
            if self._trouble:
                raise BufferUnavailableError(f"hits can't be brought to the disk: {self._trouble}")
            segment = self._write(data)
            segment.written += 1
            if self._ack == "write":
                self._changed.notify_all()
            else:
                self._wait_until_synced(segment, segment.written)

    def close(self) -> None:
        """Sync, let go of the segment and stop."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            if self._segment is not None:
                self._retire(self._segment)
            self._changed.notify_all()
        self._closing.set()
        for thread in self._threads:
            thread.join(timeout=5)

    # -- the file

    def _write(self, data: bytes) -> _Segment:
        try:
            segment = self._segment or self._begin_segment()
        except OSError as error:
            raise BufferUnavailableError(f"hits can't be written: {error.strerror}") from error
        try:
            count = os.write(segment.descriptor, data)
        except OSError as error:
            self._cut_back(segment)
            raise BufferUnavailableError(f"hits can't be written: {error.strerror}") from error
        if count != len(data):
            self._cut_back(segment)
            raise BufferUnavailableError("hits can't be written: the disk is full")
        segment.size += count
        return segment

    def _begin_segment(self) -> _Segment:
        """Open a segment; readers see its name only once it is locked, so they never take it for a dead one."""
        path = self._folder / f"{self._name}-{self._begun:06d}{SUFFIX}"
        hidden = path.with_suffix(HIDDEN)
        descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            hidden.rename(path)
            sync_folder(self._folder)
        except OSError:
            hidden.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        self._begun += 1
        self._segment = _Segment(path=path, descriptor=descriptor, begun_at=monotonic())
        return self._segment

    def _cut_back(self, segment: _Segment) -> None:
        """Cut half a record off; where even that fails, leave the segment for good."""
        try:
            os.ftruncate(segment.descriptor, segment.size)
        except OSError:
            self._retire(segment)

    def _is_due(self, segment: _Segment) -> bool:
        return segment.size >= self._segment_bytes or monotonic() - segment.begun_at >= self._segment_seconds

    def _retire_in_time(self) -> None:
        while not self._closing.wait(self._segment_seconds / 4):
            with self._changed:
                if self._segment is not None and self._is_due(self._segment):
                    self._retire(self._segment)

    def _retire(self, segment: _Segment) -> None:
        """Sync and close the open segment; the next record begins a new one."""
        self._changed.wait_for(lambda: not self._syncing)
        if self._segment is not segment:  # another thread was faster
            return
        self._segment = None  # first of all: while we sync, nobody may write to what we are about to close
        self._sync(segment)
        if not segment.broken:
            self._let_go(segment)

    def _let_go(self, segment: _Segment) -> None:
        if self._segment is segment:
            self._segment = None
        if segment.size == 0:
            segment.path.unlink(missing_ok=True)
        os.close(segment.descriptor)

    # -- the disk

    def _wait_until_synced(self, segment: _Segment, number: int) -> None:
        """ACK=fsync: the first that finds no sync under way syncs for all who have written until then."""
        while segment.synced < number and not segment.broken:
            if self._syncing:
                self._changed.wait()
            else:
                self._sync(segment)
        if segment.synced < number:
            raise BufferUnavailableError(f"hits can't be brought to the disk: {segment.broken}")

    def _sync(self, segment: _Segment) -> None:
        """Sync what was written to the segment until now; others may write, but not sync, meanwhile."""
        upto = segment.written
        trouble = ""
        self._syncing = True
        self._changed.release()
        try:
            self._sync_file(segment.descriptor)
        except OSError as error:
            trouble = error.strerror or "unknown error"
        finally:
            self._changed.acquire()
            self._syncing = False
            self._changed.notify_all()
        if trouble:
            # A kernel may forget what it failed to sync, so a later sync of this file would prove nothing: begin anew.
            segment.broken = trouble
            self._let_go(segment)
        else:
            segment.synced = upto
        if self._ack == "write":
            self._tell(trouble)

    def _tell(self, trouble: str) -> None:
        if trouble and not self._trouble:
            _log.error("the buffer can't be synced; hits are refused until it can", error=trouble)
        elif self._trouble and not trouble:
            _log.info("the buffer can be synced again")
        self._trouble = trouble

    def _sync_often(self) -> None:
        """ACK=write: sync whenever something was written, and while that fails try until it works again."""
        with self._changed:
            while not self._closed:
                self._changed.wait_for(lambda: self._closed or self._trouble or self._unsynced())
                self._changed.wait_for(lambda: self._closed, timeout=SYNC_SECONDS)
                self._changed.wait_for(lambda: not self._syncing)
                if not self._closed and (self._trouble or self._unsynced()):
                    self._sync_or_heal()

    def _unsynced(self) -> bool:
        return self._segment is not None and self._segment.written > self._segment.synced

    def _sync_or_heal(self) -> None:
        """Sync the open segment; after a failure begin another, and when that can be synced hits are accepted again."""
        try:
            segment = self._segment or self._begin_segment()
        except OSError as error:
            self._tell(error.strerror or "unknown error")
        else:
            self._sync(segment)
