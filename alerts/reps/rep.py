"""A rep and their team, as the decisions need them (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When somebody may be spoken to, in their own time."""

    zone: ZoneInfo
    begin: time = time(8, 30)
    """Also when the morning brief comes."""
    end: time = time(18, 0)
    days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    """Working days, 0 = Monday."""
    holidays: frozenset[date] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """Somebody who gets alerts."""

    email: str
    name: str = ""
    hours: Hours
    most_a_day: int = 3
    """Real-time alerts a day; the rest waits for the digest."""
    deputy: str = ""
    """Who stands in: an e-mail address."""
    team: str = ""
    manager: str = ""
    away_from: date | None = None
    away_until: date | None = None
    """The last day away."""
    has_left: bool = False
    shows_own_figures: bool = False
    """Whether managers may see this rep's own figures."""
