"""Every buffer keeps the same promise: what was acknowledged can be read, in order, from where one left off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from buffers import numbered, read_all

from core.errors import BufferUnavailableError, UnavailableError
from tracker.buffer.protocol import Batch, BufferReader, BufferWriter
from tracker.buffer.redis_stream import RedisReader, RedisWriter, entry_id, offset_of
from tracker.buffer.segment_log import SegmentWriter
from tracker.buffer.segment_reader import SegmentReader


@dataclass(frozen=True)
class Buffer:
    """One kind of buffer: opens as many writers and readers as a test wants."""

    writer: Callable[[], BufferWriter]
    reader: Callable[[], BufferReader]


@pytest.fixture(params=["segments, ACK=write", "segments, ACK=fsync", pytest.param("redis", marks=pytest.mark.redis)])
def buffer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Buffer]:
    """Each kind of buffer in turn."""
    opened: list[BufferWriter] = []

    def remembered(writer: BufferWriter) -> BufferWriter:
        opened.append(writer)
        return writer

    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        yield Buffer(writer=lambda: remembered(RedisWriter(url)), reader=lambda: RedisReader(url))
    else:
        ack = "fsync" if "fsync" in request.param else "write"
        yield Buffer(
            writer=lambda: remembered(SegmentWriter(tmp_path, ack)),  # type: ignore[arg-type]
            reader=lambda: SegmentReader(tmp_path),
        )
    for writer in opened:
        writer.close()


def test_an_empty_buffer_gives_an_empty_batch(buffer: Buffer) -> None:
    """Before the first hit there is nothing to read, to forget or to wait for."""
    reader = buffer.reader()
    assert reader.read({}, 10) == Batch(records=(), offsets={})
    assert reader.backlog({}) == 0
    reader.forget({})


def test_records_come_back_in_order_while_the_writer_lives(buffer: Buffer) -> None:
    """A record is readable as soon as it is acknowledged, byte by byte as it was."""
    writer, reader = buffer.writer(), buffer.reader()
    given = [*numbered(0, 20), b"\x00\xff\n\r", b"\xffDR\xfe" * 3, "ü日本".encode()]
    for record in given:
        writer.append(record)
    actual, _ = read_all(reader)
    assert actual == given


def test_reading_goes_on_from_the_offsets(buffer: Buffer) -> None:
    """Offsets say exactly what was read; reading twice from the same offsets gives the same."""
    writer, reader = buffer.writer(), buffer.reader()
    for record in numbered(0, 10):
        writer.append(record)
    first = reader.read({}, 4)
    assert list(first.records) == numbered(0, 4)
    assert reader.read({}, 4) == first
    assert list(buffer.reader().read(first.offsets, 100).records) == numbered(4, 10)
    _, end = read_all(reader)
    assert reader.read(end.offsets, 100) == Batch(records=(), offsets={})
    writer.append(b"one more")
    assert reader.read(end.offsets, 100).records == (b"one more",)


def test_what_was_done_is_forgotten_and_nothing_else(buffer: Buffer) -> None:
    """Forgetting deletes only what lies before the committed offsets; the writer goes on undisturbed."""
    writer, reader = buffer.writer(), buffer.reader()
    for record in numbered(0, 6):
        writer.append(record)
    half = reader.read({}, 3)
    reader.forget(half.offsets)
    rest, end = read_all(reader, dict(half.offsets))
    assert rest == numbered(3, 6)
    reader.forget(end.offsets)
    writer.append(b"after")
    assert read_all(reader, dict(end.offsets))[0] == [b"after"]


def test_the_backlog_is_what_waits(buffer: Buffer) -> None:
    """It grows with each record and is 0 once all is read."""
    writer, reader = buffer.writer(), buffer.reader()
    sizes = []
    for record in numbered(0, 3):
        writer.append(record)
        sizes.append(reader.backlog({}))
    assert sizes == sorted(set(sizes)) and sizes[0] > 0
    first = reader.read({}, 2)
    assert 0 < reader.backlog(first.offsets) < sizes[-1]
    assert reader.backlog(read_all(reader)[1].offsets) == 0


def test_several_writers_and_threads_lose_nothing(buffer: Buffer) -> None:
    """Two writers with four threads each: all records come back, those of one thread in order."""
    writers = [buffer.writer(), buffer.writer()]

    def work(writer: BufferWriter, name: int) -> None:
        for number in range(50):
            writer.append(f"{name} {number}".encode())

    threads = [threading.Thread(target=work, args=(writers[name % 2], name)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records, _ = read_all(buffer.reader(), limit=64)
    for name in range(8):
        own = [record for record in records if record.startswith(f"{name} ".encode())]
        assert own == [f"{name} {number}".encode() for number in range(50)]


def test_a_record_of_no_or_too_many_bytes_is_a_mistake(buffer: Buffer) -> None:
    """It is refused as a mistake of the caller, and the buffer stays usable."""
    writer = buffer.writer()
    for wrong in (b"", b"x" * (1024 * 1024 + 1)):
        with pytest.raises(ValueError, match="bytes"):
            writer.append(wrong)
    writer.append(b"fine")
    assert read_all(buffer.reader())[0] == [b"fine"]


def test_redis_away_means_not_kept() -> None:
    """Without Redis nothing is acknowledged and nothing pretends to be empty."""
    with pytest.raises(BufferUnavailableError):
        RedisWriter("redis://127.0.0.1:1/0").append(b"x")
    with pytest.raises(UnavailableError):
        RedisReader("redis://127.0.0.1:1/0").read({}, 1)


def test_redis_ids_and_offsets_are_the_same_thing() -> None:
    """An offset grows exactly as the id does, and leads back to it."""
    ids = ["0-1", "1763800000000-0", "1763800000000-1", "1763800000000-999999", "1763800000001-0"]
    offsets = [offset_of(text) for text in ids]
    assert offsets == sorted(offsets) and len(set(offsets)) == len(ids)
    assert [entry_id(offset) for offset in offsets] == ids
    assert max(offsets) < 2**63
    with pytest.raises(UnavailableError, match="clock"):
        offset_of(f"1763800000000-{1 << 21}")
