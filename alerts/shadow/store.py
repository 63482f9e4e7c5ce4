"""Shadow runs and what was judged of them, in the database; the caller opens the transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, update

from alerts.shadow.golive import Figures, Run, Verdict
from alerts.shadow.tables import shadow_runs, shadow_verdicts
from alerts.tables import alerts
from core.alerting import Hold
from core.database import insert_new, upsert
from core.domain import AlertId
from core.ids import derived


def running(connection: Connection) -> Run | None:
    """Return the run that goes on now, or None: reps are told."""
    query = select(shadow_runs).where(shadow_runs.c.ended_at.is_(None)).order_by(shadow_runs.c.started_at).limit(1)
    row = connection.execute(query).mappings().first()
    return _run(row) if row else None


def last_run(connection: Connection) -> Run | None:
    """Return the newest run, ended or not; None when there never was one."""
    query = select(shadow_runs).order_by(shadow_runs.c.started_at.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return _run(row) if row else None


def start(connection: Connection, days: int, by: str, now: datetime) -> Run:
    """Begin shadow mode; the run that goes on already stands."""
    standing = running(connection)
    if standing is not None:
        return standing
    ended = connection.execute(select(func.count()).select_from(shadow_runs)).scalar_one()
    # numbered, so that two presses at the same moment name the same row and the database keeps one
    id = derived("shadow", ended)
    connection.execute(
        insert_new(connection, shadow_runs).values(id=id, started_at=now, started_by=by[:254], days=days)
    )
    return _run(connection.execute(select(shadow_runs).where(shadow_runs.c.id == id)).mappings().one())


def go_live(connection: Connection, figures: Figures, by: str, now: datetime) -> bool:
    """Write down who ended shadow mode, when, and on which figures; False when it had ended already."""
    done = connection.execute(
        update(shadow_runs)
        .where(shadow_runs.c.id == figures.run.id, shadow_runs.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=by[:254], judged=figures.judged, wrong=figures.wrong)
    )
    return done.rowcount == 1


def figures(connection: Connection, run: Run, now: datetime) -> Figures:
    """Return what the run brought."""
    per_rep = connection.execute(select(alerts.c.to, func.count()).where(*_of(run)).group_by(alerts.c.to))
    verdicts = connection.execute(
        select(shadow_verdicts.c.verdict, func.count())
        .join_from(shadow_verdicts, alerts, alerts.c.id == shadow_verdicts.c.alert)
        .where(*_of(run))
        .group_by(shadow_verdicts.c.verdict)
    )
    said = {row[0]: row[1] for row in verdicts}
    return Figures(
        run=run,
        at=now,
        per_rep={row[0]: row[1] for row in per_rep},
        right=said.get("right", 0),
        wrong=said.get("wrong", 0),
        unknown=said.get("unknown", 0),
    )


def next_sample(connection: Connection, run: Run) -> AlertId | None:
    """Return an alert of the run that nobody has judged, the same one until somebody does.

    Ids say nothing of time or account: in their order, samples are drawn at random.
    """
    judged = select(shadow_verdicts.c.alert)
    query = select(alerts.c.id).where(*_of(run), alerts.c.id.not_in(judged)).order_by(alerts.c.id).limit(1)
    found = connection.execute(query).scalar()
    return AlertId(found) if found else None


def judge(connection: Connection, alert: AlertId, verdict: Verdict, by: str, now: datetime) -> bool:
    """Keep what somebody said of a sample; saying it again changes it. False: no such alert was held in shadow."""
    held = select(alerts.c.id).where(alerts.c.id == alert, alerts.c.hold == Hold.SHADOW.value)
    if connection.execute(held).first() is None:
        return False
    values = {"alert": alert, "verdict": verdict, "by": by[:254], "at": now}
    connection.execute(upsert(connection, shadow_verdicts, ("alert",), ("verdict", "by", "at")), values)
    return True


def _of(run: Run) -> tuple[ColumnElement[bool], ...]:
    until = () if run.ended_at is None else (alerts.c.created_at <= run.ended_at,)
    return (alerts.c.hold == Hold.SHADOW.value, alerts.c.created_at >= run.started_at, *until)


def _run(row: RowMapping) -> Run:
    return Run(
        id=row["id"],
        started_at=row["started_at"],
        started_by=row["started_by"],
        days=row["days"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        judged=row["judged"],
        wrong=row["wrong"],
    )
