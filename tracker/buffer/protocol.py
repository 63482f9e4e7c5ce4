"""What a buffer promises: a hit is acknowledged only once it lies outside our process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records in the order they were kept, and the offsets to commit together with their results."""

    records: tuple[bytes, ...]
    offsets: Mapping[str, int]
    """Segment → offset after the last record read; only segments that moved."""
    damaged: int = 0
    """Bytes that were skipped because they are no whole record (a torn tail of a killed process)."""


class BufferWriter(Protocol):
    """The collector's side."""

    def append(self, record: bytes) -> None:
        """Keep one record durably, or raise BufferUnavailableError. Safe to call from several threads."""

    def close(self) -> None:
        """Sync and let go."""


class BufferReader(Protocol):
    """The worker's side. Reading changes nothing: the offsets live in the database, beside the results."""

    def read(self, after: Mapping[str, int], limit: int) -> Batch:
        """Return at most about `limit` records that come after the offsets `after`; no offsets when there is nothing.

        A batch without records may still have offsets: then only damage was skipped, and they are to be committed.
        """

    def forget(self, done: Mapping[str, int]) -> tuple[str, ...]:
        """Delete what lies wholly before the committed offsets `done` and won't grow any more.

        Returns the segments that this has removed for good: their offsets are of no more use.
        """

    def backlog(self, after: Mapping[str, int]) -> int:
        """Return the bytes (or entries) that wait after the offsets `after`."""
