"""The embedded buffer survives kills, full disks and damage, and says so when it can't keep a hit."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from buffers import numbered, read_all
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BufferUnavailableError
from core.settings import Ack
from tracker.buffer.frames import frame, scan
from tracker.buffer.segment_log import HIDDEN, SegmentWriter
from tracker.buffer.segment_reader import SegmentReader
from tracker.buffer.sync import sync_file

ROOT = Path(__file__).resolve().parents[2]


class Disk:
    """Syncs as told."""

    def __init__(self) -> None:
        self.broken = False
        self.synced = 0
        self.delay = 0.0

    def sync(self, descriptor: int) -> None:
        time.sleep(self.delay)
        if self.broken:
            raise OSError(errno.EIO, "Input/output error")
        sync_file(descriptor)
        self.synced += 1


def wait_for(condition: object, seconds: float = 3.0) -> bool:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def accepts(writer: SegmentWriter, record: bytes = b"probe") -> bool:
    try:
        writer.append(record)
    except BufferUnavailableError:
        return False
    return True


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """A real limit of the kernel: the write that reaches it is cut short, the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# -- segments


def test_a_full_segment_is_closed_and_another_begun(tmp_path: Path) -> None:
    """Rotation loses no record, and what was read of closed segments is deleted while the writer lives."""
    writer, reader = SegmentWriter(tmp_path, "write", segment_bytes=200), SegmentReader(tmp_path)
    for record in numbered(0, 40):
        writer.append(record)
    names = sorted(path.name for path in tmp_path.iterdir())
    records, end = read_all(reader)
    assert records == numbered(0, 40)
    assert len(names) > 3 and list(end.offsets) == names
    reader.forget(end.offsets)
    assert [path.name for path in tmp_path.iterdir()] == names[-1:]
    writer.close()
    reader.forget(end.offsets)
    assert list(tmp_path.iterdir()) == []


def test_a_segment_not_read_to_its_end_stays(tmp_path: Path) -> None:
    """Even when its writer is gone."""
    writer, reader = SegmentWriter(tmp_path, "write"), SegmentReader(tmp_path)
    for record in numbered(0, 3):
        writer.append(record)
    writer.close()
    first = reader.read({}, 2)
    reader.forget(first.offsets)
    assert list(reader.read(first.offsets, 9).records) == numbered(2, 3)


def test_a_new_start_never_writes_into_an_old_segment(tmp_path: Path) -> None:
    """Each start has its own names, in the order of the starts."""
    for record in numbered(0, 5):
        writer = SegmentWriter(tmp_path, "write")
        writer.append(record)
        writer.close()
    assert len(list(tmp_path.iterdir())) == 5
    assert read_all(SegmentReader(tmp_path))[0] == numbered(0, 5)


def test_what_a_kill_left_of_a_segment_not_yet_begun_is_cleared_away(tmp_path: Path) -> None:
    """Killed between making the file and giving it its name: gone after a while, but never under a living writer."""
    writer, reader = SegmentWriter(tmp_path, "write"), SegmentReader(tmp_path)
    old, fresh = tmp_path / f"old{HIDDEN}", tmp_path / f"fresh{HIDDEN}"
    old.touch()
    fresh.touch()
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    reader.forget({})
    assert list(tmp_path.iterdir()) == [fresh]
    writer.close()


# -- torn and damaged


def test_a_torn_tail_waits_while_its_writer_lives_and_is_counted_when_it_is_gone(tmp_path: Path) -> None:
    """Half a record may still be finished; after the writer's end it never will."""
    writer, reader = SegmentWriter(tmp_path, "write"), SegmentReader(tmp_path)
    writer.append(b"whole")
    segment = next(tmp_path.iterdir())
    half = frame(b"never finished")[:-3]
    with segment.open("ab") as file:
        file.write(half)
    records, end = read_all(reader)
    assert (records, end.damaged) == ([b"whole"], 0)
    reader.forget(end.offsets)
    assert segment.exists()
    writer.close()
    batch = reader.read(end.offsets, 9)
    assert (batch.records, batch.damaged) == ((), len(half))
    reader.forget(batch.offsets)
    assert not segment.exists()


def test_damage_in_the_middle_costs_only_the_record_it_hit(tmp_path: Path) -> None:
    """A flipped byte, even in a length, hides neither the records after it nor itself."""
    for position in (0, 5, 6, 9, 14):
        folder = tmp_path / str(position)
        writer = SegmentWriter(folder, "write")
        for record in numbered(0, 9):
            writer.append(record)
        writer.close()
        segment = next(folder.iterdir())
        data = bytearray(segment.read_bytes())
        one = len(frame(b"record 0"))
        data[3 * one + position] ^= 0xFF
        segment.write_bytes(data)
        records, end = read_all(SegmentReader(folder))
        assert records == numbered(0, 3) + numbered(4, 9)
        assert end.damaged == one


@settings(max_examples=200)
@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    st.data(),
)
def test_no_damage_makes_a_false_record(payloads: list[bytes], data: st.DataObject) -> None:
    """Whatever happens to the bytes, what is read was written, in order, and no byte goes uncounted."""
    content = bytearray(b"".join(map(frame, payloads)))
    for _ in range(data.draw(st.integers(0, 3))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    found = scan(bytes(content[:cut]), 100)
    remaining = iter(payloads)
    assert all(payload in remaining for payload in found.payloads)
    assert found.end == found.damaged + sum(len(frame(payload)) for payload in found.payloads)


# -- a disk that fails


def test_a_record_cut_short_by_a_full_disk_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    """The kernel wrote half of it: it is cut off, the caller is told, and later records are kept."""
    writer, reader = SegmentWriter(tmp_path, "write"), SegmentReader(tmp_path)
    writer.append(b"before")
    with files_limited_to(len(frame(b"before")) + 20):
        for _ in range(3):
            with pytest.raises(BufferUnavailableError, match="can't be written"):
                writer.append(b"x" * 100)
    writer.append(b"after")
    records, end = read_all(reader)
    assert (records, end.damaged) == ([b"before", b"after"], 0)
    writer.close()


def test_a_folder_that_cannot_be_written_refuses_and_heals(tmp_path: Path) -> None:
    """Even the first segment can't be begun: refused; once it can, accepted."""
    folder = tmp_path / "buffer"
    writer = SegmentWriter(folder, "write")
    folder.rmdir()
    assert not accepts(writer)
    folder.mkdir()
    assert accepts(writer)
    writer.close()


def test_with_ack_write_a_failing_sync_stops_acceptance_until_one_works(tmp_path: Path) -> None:
    """Records in the kernel's memory alone may be lost with the power, so no more are acknowledged."""
    disk = Disk()
    writer, reader = SegmentWriter(tmp_path, "write", sync=disk.sync), SegmentReader(tmp_path)
    writer.append(b"before")
    assert wait_for(lambda: disk.synced == 1)
    disk.broken = True
    writer.append(b"in the kernel")
    assert wait_for(lambda: not accepts(writer))
    time.sleep(0.3)
    assert not accepts(writer)
    disk.broken = False
    assert wait_for(lambda: accepts(writer, b"after"))
    records = [record for record in read_all(reader)[0] if record != b"probe"]
    assert records == [b"before", b"in the kernel", b"after"]
    writer.close()
    assert len(list(tmp_path.iterdir())) == 2


def test_with_ack_write_records_are_synced_soon_and_an_idle_buffer_rests(tmp_path: Path) -> None:
    """At least every 100 ms while there is something new, and not at all otherwise."""
    disk = Disk()
    writer = SegmentWriter(tmp_path, "write", sync=disk.sync)
    writer.append(b"x")
    assert wait_for(lambda: disk.synced == 1, 0.5)
    time.sleep(0.3)
    assert disk.synced == 1
    writer.close()


def test_with_ack_fsync_a_record_is_acknowledged_only_once_it_is_on_the_disk(tmp_path: Path) -> None:
    """A failing sync refuses the record it should have covered; the next one begins a new segment and is kept."""
    disk = Disk()
    writer, reader = SegmentWriter(tmp_path, "fsync", sync=disk.sync), SegmentReader(tmp_path)
    writer.append(b"before")
    assert disk.synced == 1
    disk.broken = True
    assert not accepts(writer, b"doubtful")
    disk.broken = False
    writer.append(b"after")
    records = read_all(reader)[0]
    assert [record for record in records if record != b"doubtful"] == [b"before", b"after"]
    assert len(list(tmp_path.iterdir())) == 2
    writer.close()


def test_with_ack_fsync_those_who_wait_share_a_sync(tmp_path: Path) -> None:
    """Twenty hits at once don't wait for twenty syncs."""
    disk = Disk()
    disk.delay = 0.05
    writer = SegmentWriter(tmp_path, "fsync", sync=disk.sync)
    threads = [threading.Thread(target=writer.append, args=(b"x",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert disk.synced <= 4
    assert len(read_all(SegmentReader(tmp_path))[0]) == 20
    writer.close()


def test_under_failing_syncs_and_rotation_no_acknowledged_record_is_lost(tmp_path: Path) -> None:
    """Eight threads, small segments and a disk that fails every now and then: acknowledged means readable."""
    calls = iter(range(10**9))

    def sync(descriptor: int) -> None:
        if next(calls) % 5 == 3:
            raise OSError(errno.EIO, "Input/output error")
        sync_file(descriptor)

    writer = SegmentWriter(tmp_path, "fsync", sync=sync, segment_bytes=300)
    acknowledged: list[bytes] = []

    def work(name: int) -> None:
        for number in range(40):
            if accepts(writer, record := f"{name}-{number}".encode()):
                acknowledged.append(record)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    records, end = read_all(SegmentReader(tmp_path))
    assert 0 < len(acknowledged) < 320
    assert set(acknowledged) <= set(records) and end.damaged == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to see which file is synced")
def test_with_ack_fsync_no_record_is_acknowledged_by_a_sync_that_missed_it(tmp_path: Path) -> None:
    """Slow syncs and rotation at every few records: at each acknowledgement a finished sync covers the record."""
    on_disk: set[bytes] = set()

    def sync(descriptor: int) -> None:
        content = Path(f"/proc/self/fd/{descriptor}").resolve().read_bytes()
        time.sleep(0.001)
        on_disk.update(scan(content, 1000).payloads)

    writer = SegmentWriter(tmp_path, "fsync", sync=sync, segment_bytes=200)
    early: list[bytes] = []
    refused: list[bytes] = []

    def work(name: int) -> None:
        for number in range(20):
            record = f"{name}-{number}".encode()
            if not accepts(writer, record):
                refused.append(record)
            elif record not in on_disk:
                early.append(record)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert (early, refused) == ([], [])
    assert len(read_all(SegmentReader(tmp_path))[0]) == 640


def test_a_closed_writer_refuses(tmp_path: Path) -> None:
    """Nothing is acknowledged after the end."""
    writer = SegmentWriter(tmp_path, "write")
    writer.append(b"x")
    writer.close()
    writer.close()
    assert not accepts(writer)


# -- killed

CHILD = """
import sys
from pathlib import Path
from tracker.buffer.segment_log import SegmentWriter
writer = SegmentWriter(Path(sys.argv[1]), sys.argv[2], segment_bytes=20_000)
number = 0
while True:
    writer.append(f"{sys.argv[3]}-{number:08d}".encode() + b"." * (number % 300))
    print(number, flush=True)
    number += 1
"""


@pytest.mark.slow
@pytest.mark.parametrize("ack", ["write", "fsync"])
def test_what_was_acknowledged_survives_sigkill(tmp_path: Path, ack: str) -> None:
    """Writers are killed at random moments while a reader reads, commits and forgets: 0 lost, 0 read twice."""
    reader = SegmentReader(tmp_path)
    offsets: dict[str, int] = {}
    read: list[bytes] = []
    acknowledged: set[bytes] = set()
    for run in range(6):
        command = [sys.executable, "-c", CHILD, str(tmp_path), ack, str(run)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            first = child.stdout.readline()
            killer = threading.Timer(random.uniform(0.02, 0.25), child.kill)
            killer.start()
            numbers = [first, *child.stdout]
            killer.join()
        assert child.returncode == -signal.SIGKILL
        acknowledged |= {f"{run}-{int(line):08d}".encode() for line in numbers if line.endswith("\n")}
        while (batch := reader.read(offsets, 500)).offsets:
            read.extend(record.rstrip(b".") for record in batch.records)
            offsets.update(batch.offsets)
            reader.forget(offsets)
    assert len(acknowledged) > 100
    assert acknowledged - set(read) == set()
    assert len(read) == len(set(read))
    assert [path for path in tmp_path.iterdir() if path.suffix != HIDDEN] == []


@pytest.mark.parametrize("ack", ["write", "fsync"])
def test_a_segment_is_closed_at_its_age_though_nothing_more_comes(tmp_path: Path, ack: Ack) -> None:
    """On a quiet website an address must not lie in an open file for weeks: once read, it goes within its time."""
    writer, reader = SegmentWriter(tmp_path, ack, segment_seconds=0.2), SegmentReader(tmp_path)
    writer.append(b"hit from 203.0.113.77")
    done = reader.read({}, 9).offsets
    assert reader.forget(done) == ()
    assert wait_for(lambda: reader.forget(done) == tuple(done))
    assert list(tmp_path.iterdir()) == []
    writer.append(b"another")
    assert list(reader.read(done, 9).records) == [b"another"]
    writer.close()


@pytest.mark.parametrize("ack", ["write", "fsync"])
def test_closing_segments_by_age_loses_nothing_under_load(tmp_path: Path, ack: Ack) -> None:
    """Several threads write while segments are closed every few milliseconds: each record is kept once, none fails."""
    writer, reader = SegmentWriter(tmp_path, ack, segment_seconds=0.005), SegmentReader(tmp_path)
    failed: list[BaseException] = []

    def write(thread: int) -> None:
        try:
            for number in range(150):
                writer.append(f"{thread}-{number}".encode())
                time.sleep(0.0005)  # the whole takes many times a segment's age
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert failed == []
    assert len(list(tmp_path.iterdir())) > 2
    assert sorted(read_all(reader)[0]) == sorted(f"{t}-{n}".encode() for t in range(4) for n in range(150))
