"""The buffer kept by Redis: one stream, whose entries' ids are the offsets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.errors import BufferUnavailableError, UnavailableError
from tracker.buffer.frames import MOST_PAYLOAD
from tracker.buffer.protocol import Batch

STREAM = "dormouse:hits"
_FIELD = b"r"
_SEQUENCE_BITS = 21
_MOST_SEQUENCE = (1 << _SEQUENCE_BITS) - 1
"""Entries of one millisecond that an offset can tell apart: two million; Redis adds some hundreds."""
_SECONDS = 5.0

_Entries = list[tuple[bytes, dict[bytes, bytes]]]


def offset_of(entry_id: bytes | str) -> int:
    """Return the id `milliseconds-sequence` as one number that grows with it (63 bits last until 2109)."""
    text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
    milliseconds, _, sequence = text.partition("-")
    if int(sequence) > _MOST_SEQUENCE:
        raise UnavailableError(f"the Redis stream {STREAM} has the id {text}: set the Redis machine's clock right")
    return int(milliseconds) << _SEQUENCE_BITS | int(sequence)


def entry_id(offset: int) -> str:
    """Return the id that an offset stands for."""
    return f"{offset >> _SEQUENCE_BITS}-{offset & _MOST_SEQUENCE}"


def _connect(url: str) -> redis.Redis:
    """Never retry on our own: a lost reply would add the record twice."""
    return redis.Redis.from_url(
        url, retry=Retry(NoBackoff(), 0), socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS
    )


def how_safe(url: str) -> str:
    """Return how Redis keeps what it confirms; raises UnavailableError, with what to do, where a crash loses hits."""
    try:
        connection = _connect(url)
        kept = {name: str(connection.config_get(name).get(name, "")) for name in ("appendonly", "appendfsync")}
    except redis.ResponseError:
        return "Redis answers, but doesn't tell how safely it writes: see that it has `appendfsync always`"
    except redis.RedisError as error:
        raise UnavailableError(
            f"Redis doesn't answer ({type(error).__name__}): start it, or correct DORMOUSE_REDIS_URL"
        ) from error
    if kept != {"appendonly": "yes", "appendfsync": "always"}:
        said = ", ".join(f"{name} {value}" for name, value in kept.items())
        raise UnavailableError(f"Redis has {said}: a crash loses hits; set `appendonly yes` and `appendfsync always`")
    return "Redis writes each hit to disk before it confirms it"


class RedisWriter:
    """Appends with XADD. How safe that is depends on Redis: it needs `appendfsync always`."""

    def __init__(self, url: str, stream: str = STREAM) -> None:
        self._redis = _connect(url)
        self._stream = stream

    def append(self, record: bytes) -> None:
        """Keep one record; raises BufferUnavailableError when Redis doesn't confirm, ValueError for a wrong length."""
        if not 0 < len(record) <= MOST_PAYLOAD:
            raise ValueError(f"a record of {len(record)} bytes: give 1 to {MOST_PAYLOAD}")
        try:
            self._redis.xadd(self._stream, {_FIELD: record})
        except redis.RedisError as error:
            raise BufferUnavailableError(f"Redis didn't keep the hit: {type(error).__name__}") from error

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


class RedisReader:
    """Reads with XRANGE from the offset on: who has read what is known by the database alone, not by Redis."""

    def __init__(self, url: str, stream: str = STREAM) -> None:
        self._redis = _connect(url)
        self._stream = stream

    def read(self, after: Mapping[str, int], limit: int) -> Batch:
        """Return at most `limit` records after the offset; raises UnavailableError when Redis doesn't answer."""
        start = after.get(self._stream)
        try:
            entries = self._range(start, limit)
        except redis.RedisError as error:
            raise UnavailableError(f"Redis can't be read: {type(error).__name__}") from error
        if not entries:
            return Batch(records=(), offsets={})
        records = tuple(bytes(fields[_FIELD]) for _, fields in entries if _FIELD in fields)
        return Batch(records=records, offsets={self._stream: offset_of(entries[-1][0])})

    def forget(self, done: Mapping[str, int]) -> tuple[str, ...]:
        """Delete the entries up to the committed offset; the stream itself stays."""
        if (offset := done.get(self._stream)) is None:
            return ()
        try:
            self._redis.xtrim(self._stream, minid=entry_id(offset + 1), approximate=False)
        except redis.RedisError as error:
            raise UnavailableError(f"Redis can't be trimmed: {type(error).__name__}") from error
        return ()

    def backlog(self, after: Mapping[str, int]) -> int:
        """Return the number of entries after the offset."""
        start = after.get(self._stream)
        try:
            if start is None:
                return int(self._redis.xlen(self._stream))
            # Counted in slices: the backlog after an outage may be long.
            count, last = 0, start
            while entries := self._range(last, 10_000):
                count, last = count + len(entries), offset_of(entries[-1][0])
        except redis.RedisError as error:
            raise UnavailableError(f"Redis can't be read: {type(error).__name__}") from error
        return count

    def _range(self, after: int | None, limit: int) -> _Entries:
        start = "-" if after is None else f"({entry_id(after)}"
        return cast(_Entries, self._redis.xrange(self._stream, min=start, max="+", count=limit) or [])
