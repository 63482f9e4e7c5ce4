"""The buffer's record: a hit as it came in, before anybody has looked at who it is."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.domain import ClueKind


class Hit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="hit", tag_field="kind"):
    """One acknowledged request of the snippet. `id` names the page view: a later hit of the same id only adds time."""

    id: str
    site: str
    received_at: datetime
    url: str
    title: str = ""
    referrer: str = ""
    user_agent: str = ""
    ip: str = ""
    """Empty when it may not be kept (a privacy signal)."""
    engaged_ms: int = 0
    touched: bool = False
    """Whether the browser vouches for a person's input on the page."""
    proved: dict[ClueKind, str] = {}
    """What was proved of who the visitor is: kind of clue → account id or domain. Never a token or an address."""
    refused: tuple[str, ...] = ()
    """Why other things that were said of the visitor count for nothing (`tracker.identity.Refusal`)."""
    drop: str = ""
    """A DropReason already known at the edge, else empty."""


class Tally(msgspec.Struct, frozen=True, kw_only=True, tag="tally", tag_field="kind"):
    """Counts of hits that were refused without being kept, so that they still show: site → reason → n."""

    received_at: datetime
    counts: dict[str, dict[str, int]]


Record = Hit | Tally


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


def encode(record: Record) -> bytes:
    """Return the record as one line of JSON, ready for a buffer."""
    return _encoder.encode(record)


def decode(data: bytes) -> Record:
    """Read a record back; raises msgspec.DecodeError when `data` isn't one."""
    return _decoder.decode(data)
