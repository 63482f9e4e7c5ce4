"""A rep and their team, as the decisions need them; what was said of them, and the policy for the rest (pure)."""

from __future__ import annotations

from collections.abc import Iterable
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
    acts: bool = True
    """False where nobody said in which zone the rep lives: then no hour is known to be quiet."""


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

    @property
    def called(self) -> str:
        """The first name, else what stands before the @ of the address."""
        return self.name.split()[0] if self.name.strip() else self.email.partition("@")[0]

    def is_away(self, day: date) -> bool:
        """Whether the rep is away on `day`, in their own time."""
        if self.away_from is None and self.away_until is None:
            return False
        return (self.away_from or date.min) <= day <= (self.away_until or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepEntry:
    """What was said of a rep; None and "" stand for the policy's."""

    email: str
    name: str = ""
    zone: str = ""
    begin: time | None = None
    end: time | None = None
    days: frozenset[int] | None = None
    holidays: frozenset[date] | None = None
    most_a_day: int | None = None
    deputy: str = ""
    team: str = ""
    manager: str = ""
    away_from: date | None = None
    away_until: date | None = None
    has_left: bool = False
    shows_own_figures: bool = False


class Roster:
    """Everybody who may get alerts; who isn't entered is as the policy says."""

    def __init__(self, entries: Iterable[RepEntry], hours: Hours, most_a_day: int) -> None:
        self._hours = hours
        self._most = most_a_day
        self._entries = {entry.email: entry for entry in entries}

    def knows(self, email: str) -> bool:
        """Whether this person was entered."""
        return email.strip().lower() in self._entries

    def rep(self, email: str) -> Rep:
        """Return the person with this address, entered or not."""
        key = email.strip().lower()
        entry, usual = self._entries.get(key) or RepEntry(email=key), self._hours
        hours = Hours(
            zone=ZoneInfo(entry.zone) if entry.zone else usual.zone,
            begin=entry.begin or usual.begin,
            end=entry.end or usual.end,
            days=usual.days if entry.days is None else entry.days,
            holidays=usual.holidays if entry.holidays is None else entry.holidays,
            acts=usual.acts or bool(entry.zone),
        )
        return Rep(
            email=key,
            name=entry.name,
            hours=hours,
            most_a_day=self._most if entry.most_a_day is None else entry.most_a_day,
            deputy=entry.deputy,
            team=entry.team,
            manager=entry.manager,
            away_from=entry.away_from,
            away_until=entry.away_until,
            has_left=entry.has_left,
            shows_own_figures=entry.shows_own_figures,
        )

    def team(self, name: str) -> tuple[Rep, ...]:
        """Return the people of a team, by their addresses; upper and lower case don't matter."""
        wanted = name.strip().casefold()
        return tuple(self.rep(key) for key, entry in sorted(self._entries.items()) if entry.team.casefold() == wanted)

    def emails(self) -> tuple[str, ...]:
        """Return the addresses of everybody who was entered."""
        return tuple(sorted(self._entries))

    def manager_of(self, email: str) -> str:
        """Return the address of this person's manager, in lower case; empty when nobody was named."""
        entry = self._entries.get(email.strip().lower())
        return entry.manager.strip().lower() if entry else ""

    def all(self) -> tuple[Rep, ...]:
        """Return everybody who was entered, by their addresses."""
        return tuple(self.rep(key) for key in sorted(self._entries))
