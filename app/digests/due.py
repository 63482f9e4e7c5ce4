"""Who is due for a digest now: asked of the people and of what was sent alone, before anything else is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from alerts.reps.hours import is_quiet, local_day, works_on
from alerts.reps.rep import Rep, Roster
from alerts.reps.times import DAYS
from app import store
from core.ids import derived
from core.log import logger

_log = logger("digests")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """Somebody whose weekly digest is due."""

    rep: Rep
    team: frozenset[str]
    """The addresses of the reps who name them as their manager."""
    week: str
    """The ISO week that it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Who gets a digest now, if there is something to tell."""

    reps: tuple[Rep, ...] = ()
    """Of those who were entered."""
    others_day: str = ""
    """The day of everybody else, who share the policy's hours; empty: they aren't due."""
    managers: tuple[Manager, ...] = ()

    @property
    def is_nobody(self) -> bool:
        return not (self.reps or self.others_day or self.managers)


def who_is_due(
    connection: Connection, roster: Roster, weekly: str, now: datetime, is_meant: Callable[[str], bool], others: str
) -> Due:
    """Return who is due at `now`: `weekly` is the managers' day, `others` the fact of those who weren't entered."""
    people = _working(roster, roster.emails(), now, is_meant)
    teams = _teams(roster)
    managers = _working(roster, sorted(teams), now, is_meant)
    names = [*(daily_fact(rep.email) for rep in people), *(weekly_fact(rep.email) for rep in managers), others]
    facts = store.facts_of(connection, names)
    usual = roster.rep("")
    return Due(
        reps=tuple(rep for rep in people if facts.get(daily_fact(rep.email)) != day_of(rep, now)),
        others_day=day_of(usual, now) if is_due(usual, now) and facts.get(others) != day_of(usual, now) else "",
        managers=tuple(
            Manager(rep=rep, team=frozenset(teams[rep.email]), week=week)
            for rep in managers
            if (week := week_due(rep, weekly, now, facts.get(weekly_fact(rep.email))))
        ),
    )


def is_due(rep: Rep, now: datetime) -> bool:
    """Return whether it is the rep's working time: the digest comes when it begins, or as soon after as we run."""
    day = local_day(rep.hours, now)
    at_work = works_on(rep.hours, day) and not rep.is_away(day) and not rep.has_left
    # the same hours hold for reps whose zone nobody gave: a digest at the operator's 8:30 is no alarm at night
    return at_work and not is_quiet(replace(rep.hours, acts=True), now)


def week_due(rep: Rep, weekly: str, now: datetime, last: str | None) -> str | None:
    """Return the ISO week whose digest this manager gets today; None when that was sent, or isn't due yet.

    It is due from its day on, on the first day on which they work. Whoever never had one (`last` is None) waits for
    that day, and doesn't begin in the middle of a week.
    """
    today = local_day(rep.hours, now)
    begun = today - ((today.weekday() - DAYS.index(weekly)) % 7) * _DAY
    week = f"{begun:%G-W%V}"
    if last == week:
        return None
    missed = any(_works(rep, begun + ahead * _DAY) for ahead in range((today - begun).days))
    return None if last is None and missed else week


def team_of(roster: Roster, manager: str) -> frozenset[str]:
    """Return the addresses of the reps who name this person as their manager."""
    return frozenset(_teams(roster).get(manager.strip().lower(), ()))


def day_of(rep: Rep, now: datetime) -> str:
    """Return the day that it is for the rep."""
    return local_day(rep.hours, now).isoformat()


def daily_fact(email: str) -> str:
    """Return the fact that says for which day this person had their digest, or had nothing to be told."""
    return f"digest:{derived('digest', email)}"


def weekly_fact(email: str) -> str:
    """Return the fact that says for which ISO week this manager had theirs."""
    return f"weekly:{derived('weekly', email)}"


def _working(
    roster: Roster, emails: tuple[str, ...] | list[str], now: datetime, meant: Callable[[str], bool]
) -> list[Rep]:
    found: list[Rep] = []
    for email in emails:
        try:
            rep = roster.rep(email)
            if meant(email) and is_due(rep, now):
                found.append(rep)
        except Exception as error:
            _log.error("nobody knows when this person works: correct their hours on the page Team", why=str(error))
    return found


def _teams(roster: Roster) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for email in roster.emails():
        manager = roster.manager_of(email)
        if manager:
            found[manager].add(email)
    return found


def _works(rep: Rep, day: date) -> bool:
    return works_on(rep.hours, day) and not rep.is_away(day)
