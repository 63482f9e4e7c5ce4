"""How sure Dormouse was of visits that people judged later, and whether they said that it was right."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from alerts.tables import alerts, feedback
from core.alerting import BY_ITSELF, USEFUL
from core.database import chunks
from enrichment.tables import accounts, corrections, judgements

_OF_THE_COMPANY = USEFUL | {"wrong_company"}
"""What people do with an alert that says whether the company was the right one; "not useful" doesn't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    at: datetime
    visit: str
    account: str
    is_right: bool


def judged_answers(connection: Connection) -> tuple[tuple[float, bool], ...]:
    """Return (sureness as it was said, whether people said that it was right), once for each judged visit.

    The newest word of anybody counts; taking an alert on says that it was right. Visits that were given to an account
    by people's own word say nothing of our sureness, so they are left out, and so are the demo's.
    """
    newest: dict[str, _Verdict] = {}
    for verdict in sorted(_verdicts(connection), key=lambda each: each.at):
        newest[verdict.visit] = verdict
    found: list[tuple[float, bool]] = []
    for some in chunks(sorted(newest)):
        query = (
            select(*judgements.c["visit", "account", "confidence", "judged", "evidence"], accounts.c.is_demo)
            .join_from(judgements, accounts, accounts.c.id == judgements.c.account, isouter=True)
            .where(judgements.c.visit.in_(some))
        )
        for row in connection.execute(query):
            before = row.judged or {"account": row.account, "confidence": row.confidence}
            account, said = before.get("account"), before.get("confidence")
            by_people = any(each.get("source") == "corrected" for each in row.evidence or ())
            if account and said is not None and not by_people and not row.is_demo:
                verdict = newest[row.visit]
                # another account said to be right says that ours was wrong
                if verdict.account == account or verdict.is_right:
                    found.append((float(said), verdict.is_right and verdict.account == account))
    return tuple(found)


def _verdicts(connection: Connection) -> Iterator[_Verdict]:
    queries: tuple[tuple[Select[Any], Collection[str]], ...] = (
        (
            select(*corrections.c["visit", "account", "at"], corrections.c.verdict.label("said")).where(
                corrections.c.visit.is_not(None), corrections.c.undone_at.is_(None)
            ),
            frozenset({"right"}),
        ),
        (_given(and_(feedback.c.kind.in_(_OF_THE_COMPANY), feedback.c.by != BY_ITSELF)), USEFUL),
    )
    for query, right in queries:
        for row in connection.execute(query):
            yield _Verdict(at=row.at, visit=row.visit, account=row.account, is_right=row.said in right)


def _given(kinds: ColumnElement[bool]) -> Select[Any]:
    return (
        select(alerts.c.visit, alerts.c.account, feedback.c.at, feedback.c.kind.label("said"))
        .join_from(feedback, alerts, alerts.c.id == feedback.c.alert)
        .where(kinds, feedback.c.undone_at.is_(None))
    )
