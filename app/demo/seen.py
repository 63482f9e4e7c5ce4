"""What the demo page shows of a visit: its pages, what was judged of it, the alert it led to (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.message import AlertText
from core.domain import AccountId, AlertId, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a visit."""

    path: str
    title: str
    at: datetime
    engaged_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The alert that a visit led to."""

    id: AlertId
    account: AccountId
    to: str
    created_at: datetime
    kind: str
    """`awake`, `line` or `rescue`."""
    line: str
    """The product line that it is silent in, when it isn't silent in all."""
    took_seconds: float | None
    """From the arrival of the hit that made us speak until the message was handed over; None: not yet."""
    text: AlertText
    """The message as it should read now."""
    thread: tuple[str, ...] = ()
    """What was said in its thread since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One visit with all that was judged of it so far."""

    visit: str
    started_at: datetime
    user_agent: str
    prefix: str
    kind: str
    organisation: str
    domain: str
    account: AccountId | None
    name: str
    """The account's name; empty when it is none."""
    owner: str
    candidates: tuple[str, ...]
    """Names of the accounts that it may be, when several."""
    confidence: float | None
    points: float | None
    dormant: bool | None
    silent_days: int | None
    drop: str
    silence: str
    why: Mapping[str, tuple[Reason, ...]]
    """Reasons by step."""
    pages: tuple[Page, ...]
    told: Told | None
