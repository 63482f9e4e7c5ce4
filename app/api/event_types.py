"""The shape of events, as Segment's libraries send them, and of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

Time = Annotated[datetime, msgspec.Meta(tz=True)]
Name = str | int | None
"""Ids may come as numbers."""

JsonObject = Mapping[str, object]


class EventContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the event happened; what else it holds is left out."""

    ip: str | None = None
    group_id: Name = None
    user_agent: str | None = None
    traits: JsonObject = {}


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One event of a batch. Fields not named here are left out."""

    type: str
    message_id: Name = None
    user_id: Name = None
    anonymous_id: Name = None
    group_id: Name = None
    timestamp: Time | None = None
    sent_at: Time | None = None
    event: str | None = None
    name: str | None = None
    properties: JsonObject | None = None
    traits: JsonObject | None = None
    context: EventContext | None = None


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of a request: a batch, or (without `batch`) one event itself."""

    batch: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    sent_at: Time | None = None


class Refusal(StrEnum):
    """Why an event was not taken. A closed list; docs/api.md explains each."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    IN_FUTURE = "in_future"
    NO_ACCOUNT = "no_account"
    UNKNOWN_ACCOUNT = "unknown_account"
    AMBIGUOUS_ACCOUNT = "ambiguous_account"


class Rejected(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An event that was not taken, and why."""

    index: int
    message_id: str | None
    reason: Refusal
    detail: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request's events; the three numbers add up to how many there were."""

    accepted: int
    duplicates: int
    """Events that were taken before (same account and `messageId`)."""
    rejected: tuple[Rejected, ...]
