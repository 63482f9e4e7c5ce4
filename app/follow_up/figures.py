"""How long teams take to claim and to call, from what was logged; a rep's own figures are private (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from statistics import median

from alerts.reps.rep import Rep
from app.follow_up.work import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How long something took: half of the time at most `middle`, nine times in ten at most `p90`."""

    count: int
    middle: timedelta
    p90: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of a team, or of one rep."""

    name: str
    alerts: int
    to_claim: Span | None
    to_contact: Span | None
    """None while there is nothing to count."""


def span(lengths: Iterable[timedelta]) -> Span | None:
    """Return median and 90th percentile (nearest rank) of some lengths; None without any."""
    found = sorted(lengths)
    if not found:
        return None
    middle = timedelta(seconds=median(each.total_seconds() for each in found))
    return Span(count=len(found), middle=middle, p90=found[ceil(0.9 * len(found)) - 1])


def row(name: str, tasks: Iterable[Task]) -> Row:
    """Return the figures of these tasks."""
    mine = list(tasks)
    claims = [(task, each) for task in mine if (each := task.claim)]
    calls = [(task, each) for task in mine if (each := task.first_contact)]
    return Row(
        name=name,
        alerts=len(mine),
        to_claim=span(max(each.at - task.told_at, timedelta()) for task, each in claims),
        to_contact=span(max(each.at - task.told_at, timedelta()) for task, each in calls),
    )


def by_team(tasks: Iterable[Task], rep_of: Callable[[str], Rep], viewer: str) -> tuple[Row, ...]:
    """Return the figures of each team, by name; and of reps who let theirs be seen, and of the viewer.

    A team in which only one rep had alerts would show that rep's own figures: it is left out unless they agreed.
    """
    teams: dict[str, list[Task]] = defaultdict(list)
    people: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.to:
            rep = rep_of(task.to)
            teams[rep.team].append(task)
            people[rep.email].append(task)

    def is_open(email: str) -> bool:
        return rep_of(email).shows_own_figures or email == viewer.strip().lower()

    rows: list[Row] = []
    for name, found in sorted(teams.items()):
        members = {rep_of(task.to).email for task in found}
        if len(members) > 1 or all(map(is_open, members)):
            rows.append(row(f"Team {name}" if name else "Without a team", found))
    rows += [row(rep_of(email).name or email, found) for email, found in sorted(people.items()) if is_open(email)]
    return tuple(rows)
