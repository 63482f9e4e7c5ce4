"""The working parts that the line is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from alerts.policy import AlertPolicy
from app.known import Known
from core.clock import Clock
from core.domain import ALERT_POINT, DIGEST_POINT, SiteId
from enrichment.enrich import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The working parts of the line."""

    engine: Engine
    known: Callable[[], Known]
    """The newest `Known`; cheap to call."""
    rules: Callable[[], Rules]
    """The rules as they are now: they may change while the line runs."""
    channels: Callable[[SiteId], tuple[str, ...]]
    """A site → the names of the channels that an alert about its visits goes to."""
    cool_down: timedelta
    zone: ZoneInfo
    """The zone of the times in messages."""
    secret: str
    """Keys the hash that stands for an address."""
    keep_address: bool
    """Whether a raw address may be stored at all."""
    clock: Clock
    alert_point: float = ALERT_POINT
    digest_point: float = DIGEST_POINT
    """From which confidence a rep is told of an account, and from which one is named at all."""
    policy: Callable[[], AlertPolicy] = AlertPolicy
    """When to speak, and to whom: it may change while the line runs."""
