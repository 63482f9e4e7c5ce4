"""What was judged of each rule's alerts and who demoted which, in the database; the caller opens the transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from alerts.precision.precision import Demotion, Precision, was_right
from alerts.precision.tables import demotions
from alerts.tables import alerts, feedback
from core.alerting import BY_ITSELF
from core.database import upsert


def demoted(connection: Connection) -> frozenset[str]:
    """Return the rules that are told of in the digest alone."""
    rows = connection.execute(select(demotions.c.rule).where(demotions.c.restored_at.is_(None)))
    return frozenset(row.rule for row in rows)


def all_demotions(connection: Connection) -> Mapping[str, Demotion]:
    """Return the last demotion of each rule that ever had one."""
    rows = connection.execute(select(demotions)).mappings()
    return {row["rule"]: Demotion(**row) for row in rows}


def demote(connection: Connection, rule: str, by: str, now: datetime) -> bool:
    """Have a rule told of in the digest alone; False when it is already."""
    if rule in demoted(connection):
        return False
    values = {"rule": rule, "demoted_at": now, "demoted_by": by[:254], "restored_at": None, "restored_by": ""}
    changed = ("demoted_at", "demoted_by", "restored_at", "restored_by")
    connection.execute(upsert(connection, demotions, ("rule",), changed), values)
    return True


def restore(connection: Connection, rule: str, by: str, now: datetime) -> bool:
    """Let a rule speak at once again; False when it isn't demoted."""
    done = connection.execute(
        update(demotions)
        .where(demotions.c.rule == rule, demotions.c.restored_at.is_(None))
        .values(restored_at=now, restored_by=by[:254])
    )
    return done.rowcount == 1


def precision(connection: Connection, since: datetime, without: str) -> tuple[Precision, ...]:
    """Return how often each rule was right since `since`, by name; alerts of the site `without` don't count.

    From a demotion or a return on, only what came after it counts: else it would be proposed again at once.
    """
    known = all_demotions(connection)
    changed = {rule: one.restored_at or one.demoted_at for rule, one in known.items()}
    told: Counter[str] = Counter()
    rule_of: dict[str, str] = {}
    rows = connection.execute(
        select(alerts.c.id, alerts.c.rule, alerts.c.created_at).where(
            alerts.c.created_at >= since, alerts.c.backfill.is_(False), alerts.c.site != without
        )
    )
    for row in rows:
        if row.created_at >= changed.get(row.rule, since):
            told[row.rule] += 1
            rule_of[row.id] = row.rule
    said: dict[str, set[str]] = defaultdict(set)
    # feedback is never older than its alert, so the same span holds for both
    given = connection.execute(
        select(feedback.c.alert, feedback.c.kind).where(
            feedback.c.undone_at.is_(None), feedback.c.at >= since, feedback.c.by != BY_ITSELF
        )
    )
    for alert, kind in given:
        said[alert].add(kind)
    judged: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for alert, kinds in said.items():
        rule, verdict = rule_of.get(alert), was_right(kinds)
        if rule is not None and verdict is not None:
            judged[rule] += 1
            right[rule] += verdict
    return tuple(
        Precision(rule=rule, told=told[rule], judged=judged[rule], right=right[rule], demotion=known.get(rule))
        for rule in sorted({*told, *known})
    )
