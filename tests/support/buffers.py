"""Reads a buffer to its end, as a worker would."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.buffer.protocol import Batch, BufferReader


def read_all(reader: BufferReader, after: Mapping[str, int] | None = None, limit: int = 7) -> tuple[list[bytes], Batch]:
    """Read batch by batch to the end; the batch returned holds all offsets."""
    offsets, records, damaged = dict(after or {}), [], 0
    while (batch := reader.read(offsets, limit)).offsets:
        assert len(batch.records) <= limit
        records.extend(batch.records)
        offsets.update(batch.offsets)
        damaged += batch.damaged
    return records, Batch(records=(), offsets=offsets, damaged=damaged)


def numbered(first: int, last: int) -> list[bytes]:
    """Return records that say which they are."""
    return [f"record {number}".encode() for number in range(first, last)]
