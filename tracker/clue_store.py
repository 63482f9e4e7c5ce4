"""Keeps identity clues with their page views, and counts what was said of visitors: proved, or refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import msgspec
from sqlalchemy import Connection, func, select, update

from core.database import insert_new
from core.domain import ClueKind, IdentityClue, PageView, PageViewId, SiteId, Visit
from tracker.tables import clue_counts


class _Clue(msgspec.Struct, frozen=True):
    """A clue as it is stored."""

    kind: ClueKind
    value: str
    at: datetime


class _Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The column `clues` of a page view."""

    clues: tuple[_Clue, ...] = ()
    refused: tuple[str, ...] = ()


def to_json(view: PageView) -> object | None:
    """Return the clues of a page view as JSON values; None when it has none."""
    if not (view.clues or view.refused):
        return None
    clues = tuple(_Clue(clue.kind, clue.value, clue.at) for clue in view.clues)
    value: object = msgspec.to_builtins(_Told(clues=clues, refused=view.refused))
    return value


def from_json(value: object) -> tuple[tuple[IdentityClue, ...], tuple[str, ...]]:
    """Return the clues, and why other things were refused, that `to_json` gave away."""
    told = msgspec.convert(value, _Told)
    return tuple(IdentityClue(kind=one.kind, value=one.value, at=one.at) for one in told.clues), told.refused


def count_new(conn: Connection, changed: Iterable[Visit], stored: Mapping[PageViewId, PageView]) -> None:
    """Count what was said on these visits' views and is not in `stored`, their views as they were before."""
    counts: Counter[tuple[SiteId, date, str]] = Counter()
    for view in (view for visit in changed for view in visit.views if view.clues or view.refused):
        before = stored.get(view.id)
        known = {*(clue.kind for clue in before.clues), *before.refused} if before else set()
        day = view.received_at.astimezone(UTC).date()
        counts.update((view.site, day, said) for said in {*(clue.kind for clue in view.clues), *view.refused} - known)
    for (site, day, outcome), n in sorted(counts.items()):
        key = {"site": site, "day": day.isoformat(), "outcome": outcome}
        conn.execute(insert_new(conn, clue_counts).values(**key, n=0))
        matches = (clue_counts.c[name] == value for name, value in key.items())
        conn.execute(update(clue_counts).where(*matches).values(n=clue_counts.c.n + n))


def read_counts(conn: Connection, since: date, site: str = "") -> dict[str, int]:
    """Return what was said of visitors from a day of receipt (UTC) on: kind of clue or refusal → n.

    Of all websites, or of `site` alone.
    """
    rows = conn.execute(
        select(clue_counts.c.outcome, func.sum(clue_counts.c.n).label("n"))
        .where(clue_counts.c.day >= since.isoformat(), *((clue_counts.c.site == site,) if site else ()))
        .group_by(clue_counts.c.outcome)
    )
    return {row.outcome: int(row.n) for row in rows}
