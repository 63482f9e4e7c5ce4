"""Reads and writes what was judged of each visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.alerting import Silence
from core.clock import iso
from core.database import chunks, upsert
from core.domain import (
    Drop,
    DropReason,
    Evidence,
    Identification,
    Network,
    OwnerKind,
    Reason,
    Signal,
    Visit,
    VisitId,
)
from enrichment.company.reliability import source_name, supports
from enrichment.tables import judgements

_MOST_EVIDENCE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of a visit: the stage's outcome, and why nobody was told if nobody was."""

    visit: Visit
    outcome: Signal | Drop
    own_points: float | None = None
    """Points of this visit's pages alone; None for drops."""
    held: tuple[str, ...] = ()
    """The codes of the triggers whose conditions the visit met by itself."""
    silence: Silence | None = None


def save_judgements(connection: Connection, items: Sequence[Judgement]) -> None:
    """Write the judgements; a visit that was judged before is judged anew.

    Not one that people corrected and that goes on: what was judged before they spoke stays, so that they can take it
    back. Only a visitor who names themselves knows better.
    """
    corrected = _corrected(connection, [item.visit.id for item in items])
    rows: list[dict[str, object]] = []
    for item in items:
        said = corrected.get(item.visit.id)
        if said is None:
            rows.append(_row(item))
        elif said.goes_on(item.outcome):
            rows.append(_row(item) | said.carried(reasons_by_step(item.outcome)))
        elif said.is_overruled(item.outcome):
            rows.append(_row(item))
    if rows:
        names = tuple(name for name in rows[0] if name != "visit")
        connection.execute(upsert(connection, judgements, ("visit",), names), rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Corrected:
    """What people made of a visit that goes on."""

    account: str | None
    judged_account: str | None
    marker: Sequence[object]
    judged: Mapping[str, object] | None

    @property
    def judged_clues(self) -> frozenset[str]:
        """The codes of the clues by which the visitor was known before people spoke."""
        why = (self.judged or {}).get("why")
        said = why.get("company", ()) if isinstance(why, Mapping) else ()
        return frozenset(code for each in said if (code := str(each.get("code", ""))).startswith("clue:"))

    def goes_on(self, outcome: Signal | Drop) -> bool:
        """Whether the visit is still judged to be of the account that people gave it to."""
        return isinstance(outcome, Signal) and self.account is not None and outcome.account.id == self.account

    def carried(self, why: dict[str, list[dict[str, object]]]) -> dict[str, object]:
        return {"corrected": True, "judged": self.judged, "why": {**why, "correction": self.marker}}

    def is_overruled(self, outcome: Signal | Drop) -> bool:
        """Whether the new outcome is other news: what people said was of what was judged before, or a clue came."""
        if isinstance(outcome, Drop):
            rejected = (DropReason.COMPANY_REJECTED, DropReason.ACCOUNT_AMBIGUOUS)
            return self.account is None and self.judged_account is not None and outcome.reason not in rejected
        company = outcome.seen.company
        by_clue = company is not None and any(reason.code.startswith("clue:") for reason in company.why)
        is_other = outcome.account.id != self.judged_account
        if by_clue:  # the same clue again is no news: people knew of it when they spoke
            return is_other or not _clues(company.why if company else ()) <= self.judged_clues
        return self.account is None and is_other


def _clues(why: Sequence[Reason]) -> frozenset[str]:
    return frozenset(reason.code for reason in why if reason.code.startswith("clue:"))


def _corrected(connection: Connection, visits: Sequence[VisitId]) -> dict[VisitId, _Corrected]:
    """Which of these visits people said something of that acts."""
    found: dict[VisitId, _Corrected] = {}
    for ids in chunks(visits):
        query = select(*judgements.c["visit", "account", "why", "judged"]).where(
            judgements.c.visit.in_(ids), judgements.c.corrected.is_(True)
        )
        for row in connection.execute(query):
            found[VisitId(row.visit)] = _Corrected(
                account=row.account,
                judged_account=(row.judged or {}).get("account"),
                marker=row.why.get("correction", []),
                judged=row.judged,
            )
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
        "held": " ".join(item.held),
        "points": None,
        "qualified": False,
        "dormant": None,
        "state": None,
        "silent_days": None,
        "drop": None,
        "silence": item.silence.value if item.silence else None,
        "why": reasons_by_step(outcome),
        "asn": network.asn if network else None,
        "evidence": evidence_rows(outcome.seen) or None,
        "corrected": False,
        "judged": None,
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
        step: [{"text": one.text, "points": one.points, "code": one.code, "ref": one.ref} for one in reasons]
        for step, reasons in steps.items()
        if reasons
    }
    return shown


def evidence_rows(seen: Identification) -> list[dict[str, object]]:
    """Return what each source said, ready for JSON: `speaks` is `for` or `against` the verdict, or empty."""
    network = seen.network
    if network is None:
        return []
    is_person = network.owner_kind is OwnerKind.PERSON
    return [_evidence(item, network, nameless=is_person) for item in network.evidence[:_MOST_EVIDENCE]]


def _evidence(item: Evidence, network: Network, *, nameless: bool) -> dict[str, object]:
    """What a source stated; of a private person's network only who announces it: the name lives on nowhere."""
    row: dict[str, object] = {
        "source": source_name(item),
        "prefix": item.prefix,
        "organisation": _fit(item.as_name if nameless else item.organisation or item.as_name, 300),
        "domain": _fit(item.as_domain if nameless else item.domain or item.as_domain, 253),
        "asn": item.asn,
        "at": iso(item.at) if item.at else None,
        "speaks": _speaks(item, network),
    }
    if item.accounts:
        row["accounts"] = list(item.accounts[:10])
    if item.text and (item.accounts or item.source == "corrected") and not nameless:
        row["text"] = _fit(item.text, 300)
    return row


def _speaks(item: Evidence, network: Network) -> str:
    """`for` the verdict where the source names the same; `against` where it names another organisation or account."""
    if supports(item, network.organisation, network.domain, network.accounts):
        return "for"
    if item.accounts and network.accounts:
        return "against"
    if item.organisation and network.organisation and item.source not in ("declared", "corrected"):
        return "against"
    return ""
