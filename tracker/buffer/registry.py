"""A name in the settings becomes a buffer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.settings import BufferKind, Settings
from tracker.buffer.protocol import BufferReader, BufferWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferFactory:
    """How to open one kind of buffer; nothing of it is imported before."""

    writer: Callable[[Settings], BufferWriter]
    reader: Callable[[Settings], BufferReader]
    check: Callable[[Settings], str]
    """Says how safely hits are kept; raises UnavailableError, with what to do, where they aren't."""


def _segment_writer(settings: Settings) -> BufferWriter:
    from tracker.buffer.segment_log import SegmentWriter

    return SegmentWriter(settings.buffer_dir, settings.ack)


def _segment_reader(settings: Settings) -> BufferReader:
    from tracker.buffer.segment_reader import SegmentReader

    return SegmentReader(settings.buffer_dir)


def _redis_writer(settings: Settings) -> BufferWriter:
    from tracker.buffer.redis_stream import RedisWriter

    return RedisWriter(settings.redis_url)


def _redis_reader(settings: Settings) -> BufferReader:
    from tracker.buffer.redis_stream import RedisReader

    return RedisReader(settings.redis_url)


def _segment_check(settings: Settings) -> str:
    return f"files in {settings.buffer_dir}, ACK={settings.ack}"


def _redis_check(settings: Settings) -> str:
    from tracker.buffer.redis_stream import how_safe

    return how_safe(settings.redis_url)


BUFFERS: dict[BufferKind, BufferFactory] = {
    "segment_log": BufferFactory(writer=_segment_writer, reader=_segment_reader, check=_segment_check),
    "redis_stream": BufferFactory(writer=_redis_writer, reader=_redis_reader, check=_redis_check),
}


def open_writer(settings: Settings) -> BufferWriter:
    """Open the collector's side of the buffer that the settings name."""
    return BUFFERS[settings.buffer].writer(settings)


def open_reader(settings: Settings) -> BufferReader:
    """Open the worker's side of the buffer that the settings name."""
    return BUFFERS[settings.buffer].reader(settings)


def check(settings: Settings) -> str:
    """Return how safely the buffer that the settings name keeps hits; raises UnavailableError where it doesn't."""
    return BUFFERS[settings.buffer].check(settings)
