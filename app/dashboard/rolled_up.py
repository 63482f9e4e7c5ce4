"""Awake accounts and visits of a group, shown at its top: what is told of each account stays that account's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.dashboard import queries_group, queries_timeline
from app.dashboard.queries_awake import Awake


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group with the dormant accounts of it that are awake, whoever was here last first."""

    id: str
    name: str
    rows: tuple[Awake, ...]


def groups(connection: Connection, rows: Sequence[Awake]) -> tuple[GroupRow, ...]:
    """Return the awake accounts by the top of their group, in the order of each group's first."""
    tops = queries_group.tops(connection, {row.account for row in rows})
    found: dict[str, list[Awake]] = {}
    for row in rows:
        found.setdefault(tops[row.account][0], []).append(row)
    names = dict(tops.values())
    return tuple(GroupRow(id=top, name=names[top], rows=tuple(of)) for top, of in found.items())


def with_owners(connection: Connection, rows: Sequence[Awake]) -> tuple[Awake, ...]:
    """Return the rows, those without an owner with that of the nearest account above."""
    found = []
    for row in rows:
        above = None if row.owner else queries_group.group_above(connection, row.account).owner
        found.append(replace(row, owner=above.owner) if above else row)
    return tuple(found)


def with_subsidiaries(
    connection: Connection,
    events: Sequence[queries_timeline.Event],
    group: queries_group.Group,
    now: datetime,
    days: int,
) -> tuple[tuple[queries_timeline.Event, ...], dict[str, queries_group.Member]]:
    """Return an account's events with the visits and alerts of all below it, and whose each of those is, by its id."""
    found = list(events)
    whose: dict[str, queries_group.Member] = {}
    for member in group.below:
        if member.last_visit_at is None:
            continue
        for event in queries_timeline.events(connection, member.id, now, days):
            if isinstance(event, queries_timeline.VisitEvent | queries_timeline.AlertEvent):
                whose[event.id] = member
                found.append(event)
    return tuple(sorted(found, key=lambda event: event.at, reverse=True)), whose
