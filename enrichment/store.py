"""Reads and writes what was judged of each visit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.database import chunks, upsert
from core.domain import (
    AccountId,
    Drop,
    DropReason,
    Evidence,
    OwnerKind,
    Reason,
    Signal,
    Silence,
    Visit,
    VisitId,
    VisitorId,
)
from enrichment.intent.scoring import PastVisit
from enrichment.tables import judgements


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of a visit: the stage's outcome, and why nobody was told if nobody was."""

    visit: Visit
    outcome: Signal | Drop
    own_points: float | None = None
    """Points of this visit's pages alone; None for drops."""
    silence: Silence | None = None


def save_judgements(connection: Connection, items: Sequence[Judgement]) -> None:
    """Write the judgements; a visit that was judged before is judged anew.

    Not one that people said wasn't the account's and that goes on: what was judged before stays, so that they can take
    it back. Only a visitor who names themselves knows better.
    """
    taken = _taken_away(connection, [item.visit.id for item in items])
    rows = [_row(item) for item in items if not _stands(taken.get(item.visit.id), item.outcome)]
    if rows:
        names = tuple(name for name in rows[0] if name != "visit")
        connection.execute(upsert(connection, judgements, ("visit",), names), rows)


def _taken_away(connection: Connection, visits: Sequence[VisitId]) -> dict[VisitId, str]:
    """Which of these visits a person took away from an account, and from which."""
    found: dict[VisitId, str] = {}
    for ids in chunks(visits):
        query = select(judgements.c.visit, judgements.c.why).where(
            judgements.c.visit.in_(ids), judgements.c.drop == DropReason.COMPANY_REJECTED.value
        )
        for row in connection.execute(query):
            for reason in row.why.get("correction", ()):
                found[VisitId(row.visit)] = reason["code"].removeprefix("rejected:")
    return found


def _stands(taken_from: str | None, outcome: Signal | Drop) -> bool:
    """Say whether what a person said of the visit holds against the new outcome."""
    if taken_from is None:
        return False
    if isinstance(outcome, Drop):
        return outcome.reason is DropReason.COMPANY_REJECTED
    company = outcome.seen.company
    by_clue = company is not None and any(reason.code.startswith("clue:") for reason in company.why)
    return outcome.account.id == taken_from and not by_clue


def past_visits(
    connection: Connection, accounts: Collection[AccountId], since: datetime
) -> dict[AccountId, dict[str, PastVisit]]:
    """Return the judged visits of each account from `since` on, by visit id."""
    found: dict[AccountId, dict[str, PastVisit]] = {}
    for ids in chunks(sorted(set(accounts))):
        query = select(*judgements.c["account", "visit", "visitor", "at", "own_points"]).where(
            judgements.c.account.in_(ids), judgements.c.at >= since, judgements.c.own_points.is_not(None)
        )
        for row in connection.execute(query):
            past = PastVisit(at=row.at, visitor=VisitorId(row.visitor), own_points=row.own_points)
            found.setdefault(AccountId(row.account), {})[row.visit] = past
    return found


def _row(item: Judgement) -> dict[str, object]:
    visit, outcome = item.visit, item.outcome
    network, company = outcome.seen.network, outcome.seen.company
    match = outcome.seen.match
    row: dict[str, object] = {
        "visit": visit.id,
        "site": visit.site,
        "visitor": visit.visitor,
        "at": visit.last_at,
        "prefix": network.prefix if network else None,
        "kind": network.kind.value if network else None,
        "organisation": _fit(company.name if company else network.organisation if network else None, 300),
        "domain": _fit(company.domain if company else network.domain if network else None, 253),
        "account": None,
        "candidates": [account.id for account in match.candidates] if match and match.account is None else [],
        "confidence": None,
        "own_points": item.own_points,
        "points": None,
        "qualified": False,
        "dormant": None,
        "state": None,
        "silent_days": None,
        "drop": None,
        "silence": item.silence.value if item.silence else None,
        "why": reasons_by_step(outcome),
    }
    if isinstance(outcome, Drop):
        row["drop"] = outcome.reason.value
    else:
        row |= {
            "account": outcome.account.id,
            "confidence": outcome.confidence,
            "points": outcome.score.points,
            "qualified": outcome.qualified,
            "dormant": outcome.dormancy.dormant,
            "state": outcome.dormancy.state.value,
            "silent_days": outcome.dormancy.silent_days,
        }
    return row


def _fit(text: str | None, length: int) -> str | None:
    """Cut text of a source to its column; PostgreSQL takes no NUL."""
    return text and text[:length].replace("\x00", "")


def reasons_by_step(outcome: Signal | Drop) -> dict[str, list[dict[str, object]]]:
    """Return the reasons of each step that was reached, ready for JSON: step → reasons in order."""
    seen = outcome.seen
    steps: dict[str, tuple[Reason, ...]] = {
        "network": seen.network.why if seen.network else (),
        "company": seen.company.why if seen.company else (),
        "match": seen.match.why if seen.match else (),
    }
    if isinstance(outcome, Drop):
        steps["drop"] = outcome.why
    else:
        steps |= {"dormancy": outcome.dormancy.why, "score": outcome.score.why}
    shown: dict[str, list[dict[str, object]]] = {
        step: [{"text": reason.text, "points": reason.points, "code": reason.code} for reason in reasons]
        for step, reasons in steps.items()
        if reasons
    }
    if seen.network and seen.network.evidence:
        is_person = seen.network.owner_kind is OwnerKind.PERSON
        shown["evidence"] = [_evidence(item, nameless=is_person) for item in seen.network.evidence]
    return shown


def _evidence(item: Evidence, *, nameless: bool) -> dict[str, object]:
    """What a source stated; of a private person's network only who announces it: the name lives on nowhere."""
    return {
        "source": item.source,
        "prefix": item.prefix,
        "organisation": item.as_name if nameless else item.organisation or item.as_name,
        "domain": item.as_domain if nameless else item.domain or item.as_domain,
        "asn": item.asn,
    }
