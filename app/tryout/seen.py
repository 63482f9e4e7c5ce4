"""What the log shows, visit by visit, as it is read from the workspace (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVisit:
    """A visit whose account was recognised."""

    id: str
    account: str
    started_at: datetime
    prefix: str
    organisation: str
    confidence: float
    dormant: bool
    silent_days: int | None
    points: float
    why: Mapping[str, tuple[tuple[str, str], ...]]
    """Step → (code, sentence) of its reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnclearVisit:
    """A visit that may be of several accounts."""

    started_at: datetime
    organisation: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What one visit saw: each path once, in order, and how many page views in all."""

    paths: tuple[str, ...]
    views: int
