"""Reps in the database; the caller opens the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from sqlalchemy import Connection, RowMapping, delete, select

from alerts.reps.rep import RepEntry
from alerts.reps.tables import reps
from core.database import upsert

_COLUMNS = tuple(column.name for column in reps.columns if column.name != "email")


def entries(connection: Connection) -> tuple[RepEntry, ...]:
    """Return everybody who was entered, by their addresses."""
    return tuple(_entry(row) for row in connection.execute(select(reps).order_by(reps.c.email)).mappings())


def entry(connection: Connection, email: str) -> RepEntry | None:
    """Return what was said of one person, or None."""
    row = connection.execute(select(reps).where(reps.c.email == email.strip().lower())).mappings().first()
    return _entry(row) if row else None


def save(connection: Connection, rep: RepEntry, now: datetime) -> None:
    """Keep what is said of a rep, in place of what was said before."""
    values = {
        "name": rep.name,
        "zone": rep.zone,
        "hours": _hours_to_data(rep) or None,
        "most_a_day": rep.most_a_day,
        "deputy": rep.deputy,
        "team": rep.team,
        "manager": rep.manager,
        "away_from": rep.away_from,
        "away_until": rep.away_until,
        "has_left": rep.has_left,
        "shows_own_figures": rep.shows_own_figures,
        "changed_at": now,
    }
    connection.execute(upsert(connection, reps, ("email",), _COLUMNS), {"email": rep.email, **values})


def remove(connection: Connection, email: str) -> bool:
    """Forget a rep, who then is as the policy says; False when nobody of this address was entered."""
    return connection.execute(delete(reps).where(reps.c.email == email.strip().lower())).rowcount == 1


def _hours_to_data(rep: RepEntry) -> dict[str, object]:
    data: dict[str, object] = {}
    if rep.begin is not None:
        data["begin"] = f"{rep.begin:%H:%M}"
    if rep.end is not None:
        data["end"] = f"{rep.end:%H:%M}"
    if rep.days is not None:
        data["days"] = sorted(rep.days)
    if rep.holidays is not None:
        data["holidays"] = [day.isoformat() for day in sorted(rep.holidays)]
    return data


def _entry(row: RowMapping) -> RepEntry:
    hours: Mapping[str, object] = row["hours"] or {}
    days, holidays = hours.get("days"), hours.get("holidays")
    return RepEntry(
        email=row["email"],
        name=row["name"],
        zone=row["zone"],
        begin=time.fromisoformat(str(hours["begin"])) if "begin" in hours else None,
        end=time.fromisoformat(str(hours["end"])) if "end" in hours else None,
        days=frozenset(int(day) for day in days) if isinstance(days, list) else None,
        holidays=frozenset(date.fromisoformat(day) for day in holidays) if isinstance(holidays, list) else None,
        most_a_day=row["most_a_day"],
        deputy=row["deputy"],
        team=row["team"],
        manager=row["manager"],
        away_from=row["away_from"],
        away_until=row["away_until"],
        has_left=row["has_left"],
        shows_own_figures=row["shows_own_figures"],
    )
