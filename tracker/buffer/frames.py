"""How a record lies in a segment: mark, length, CRC32, payload; and how to find the next one after damage (pure)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

MARK = b"\xffDR\xfe"
"""Begins each frame; it never occurs in UTF-8 text, so the next frame can be found after a damaged one."""
MOST_PAYLOAD = 1024 * 1024
"""A longer record is refused."""

_HEAD = struct.Struct("<4sII")
HEAD_BYTES = _HEAD.size


def frame(payload: bytes) -> bytes:
    """Return the payload (1 byte to MOST_PAYLOAD) ready to be appended to a segment."""
    if not 0 < len(payload) <= MOST_PAYLOAD:
        raise ValueError(f"a record of {len(payload)} bytes: give 1 to {MOST_PAYLOAD}")
    return _HEAD.pack(MARK, len(payload), _checksum(payload)) + payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What lies in a piece of a segment."""

    payloads: tuple[bytes, ...]
    end: int
    """Bytes understood: a frame border, or the start of what isn't whole yet."""
    damaged: int
    """Bytes skipped before `end` because they are no whole record."""


def scan(data: bytes, limit: int) -> Scan:
    """Read at most `limit` records from the start of `data`.

    Damage is skipped, and counted, as far as a whole frame follows it. What no whole frame follows is left: it may be
    a frame that is still being written.
    """
    payloads: list[bytes] = []
    at = damaged = 0
    while len(payloads) < limit and at < len(data):
        payload = _payload_at(data, at)
        if payload is None:
            following = _next_frame(data, at + 1)
            if following is None:
                break
            damaged += following - at
            at = following
            continue
        payloads.append(payload)
        at += HEAD_BYTES + len(payload)
    return Scan(payloads=tuple(payloads), end=at, damaged=damaged)


def _payload_at(data: bytes, at: int) -> bytes | None:
    if len(data) - at < HEAD_BYTES:
        return None
    mark, length, checksum = _HEAD.unpack_from(data, at)
    if mark != MARK or not 0 < length <= MOST_PAYLOAD:
        return None
    payload = data[at + HEAD_BYTES : at + HEAD_BYTES + length]
    return payload if len(payload) == length and _checksum(payload) == checksum else None


def _next_frame(data: bytes, start: int) -> int | None:
    at = data.find(MARK, start)
    while at >= 0:
        if _payload_at(data, at) is not None:
            return at
        at = data.find(MARK, at + 1)
    return None


def _checksum(payload: bytes) -> int:
    """The length counts too: a zeroed piece of disk must not look like a record."""
    return zlib.crc32(payload, len(payload))
