"""What corrections read and change in the stages' tables: the visits of a scope, and whose each of them is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select, update

from alerts.tables import alerts
from app.tables import users
from core.database import chunks
from core.domain import AccountId, AlertId, DropReason
from enrichment.account.merge_store import Redirects, redirects
from enrichment.company.reliability import routes
from enrichment.company.voices import Word
from enrichment.network.addresses import Prefix, parse_prefix
from enrichment.tables import judgements
from tracker.tables import visits

JUDGED = (
    "account",
    "candidates",
    "confidence",
    "own_points",
    "held",
    "points",
    "qualified",
    "dormant",
    "state",
    "silent_days",
    "drop",
    "silence",
    "why",
)
"""The columns of a judgement that a correction may change, kept aside as they were so that undo is exact."""

_COLUMNS = ("visit", "at", "prefix", "kind", "organisation", "asn", "evidence", "corrected", "judged", *JUDGED)
_MAY_CHANGE = (DropReason.ACCOUNT_AMBIGUOUS.value, DropReason.ACCOUNT_UNSURE.value, DropReason.COMPANY_REJECTED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judged visit as corrections need it; `original` is what was judged before anybody spoke."""

    visit: str
    at: datetime
    where: str
    """The address while it is kept, else the network's prefix."""
    prefix: str
    kind: str
    asn: int | None
    address_hash: str
    evidence: tuple[Mapping[str, object], ...]
    account: AccountId | None
    corrected: bool
    original: Mapping[str, Any]
    redirects: Redirects
    """What was judged names accounts as they were called then: some were merged since."""

    @property
    def judged_account(self) -> AccountId | None:
        account = self.original.get("account")
        return self.redirects.now(AccountId(account)) if account else None

    @property
    def judged_candidates(self) -> tuple[AccountId, ...]:
        found = (self.redirects.now(AccountId(each)) for each in self.original.get("candidates") or ())
        return tuple(dict.fromkeys(found))

    @property
    def is_by_clue(self) -> bool:
        """Whether the visitor named themselves: then nobody else knows better."""
        said = self.original["why"].get("company", ()) if isinstance(self.original["why"], Mapping) else ()
        return any(str(reason.get("code", "")).startswith("clue:") for reason in said)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources on which the judgement rests."""
        said = [str(row["source"]) for row in self.evidence if row.get("speaks", "for") == "for"]
        match = self.original["why"].get("match", ()) if isinstance(self.original["why"], Mapping) else ()
        found = [*said, *routes((str(each.get("code", "")), str(each.get("text", ""))) for each in match)]
        return tuple(dict.fromkeys(found)) if self.judged_account and not self.is_by_clue else ()


def _select() -> Select[Any]:
    columns = [judgements.c[name] for name in _COLUMNS]
    return select(*columns, visits.c.ip, visits.c.address_hash, visits.c.prefix.label("visit_prefix")).join_from(
        judgements, visits, visits.c.id == judgements.c.visit, isouter=True
    )


def judged(connection: Connection, ids: Collection[str]) -> tuple[Judged, ...]:
    """Return these visits as they are judged, in the order in which they happened."""
    found: list[Judged] = []
    merged = redirects(connection)
    for some in chunks(sorted(set(ids))):
        rows = connection.execute(_select().where(judgements.c.visit.in_(some)))
        found.extend(_judged(row, merged) for row in rows)
    return tuple(sorted(found, key=lambda each: (each.at, each.visit)))


def _judged(row: Row[Any], merged: Redirects) -> Judged:
    original: Mapping[str, Any] = row.judged or {name: getattr(row, name) for name in JUDGED}
    marker = row.why.get("correction") if isinstance(row.why, Mapping) else None
    if row.judged is None and marker:  # taken away by a version that kept no snapshot
        why = {step: reasons for step, reasons in row.why.items() if step != "correction"}
        account = str(marker[0].get("code", "")).removeprefix("rejected:")
        original = {**original, "account": account or None, "drop": None, "why": why}
    return Judged(
        visit=row.visit,
        at=row.at,
        where=row.ip or row.prefix or row.visit_prefix or "",
        prefix=row.prefix or row.visit_prefix or "",
        kind=row.kind or "",
        asn=row.asn,
        address_hash=row.address_hash or "",
        evidence=tuple(row.evidence or ()),
        account=AccountId(row.account) if row.account else None,
        corrected=bool(row.corrected or marker),
        original=original,
        redirects=merged,
    )


def in_scope(connection: Connection, word: Word) -> tuple[str, ...]:
    """Return the visits that a word may change, by its scope."""
    query = select(judgements.c.visit)
    if word.verdict == "wrong":
        query = query.where(
            or_(
                judgements.c.account == word.account,
                judgements.c.corrected.is_(True),
                judgements.c.drop.in_(_MAY_CHANGE),
            )
        )
    if word.scope == "visit":
        return tuple(connection.execute(query.where(judgements.c.visit == word.visit)).scalars())
    if word.scope == "as":
        return tuple(connection.execute(query.where(judgements.c.asn == word.asn)).scalars())
    joined = query.join_from(judgements, visits, visits.c.id == judgements.c.visit)
    if word.scope == "address":
        return tuple(connection.execute(joined.where(visits.c.address_hash == word.address_hash)).scalars())
    scope = parse_prefix(word.prefix)
    if scope is None:
        return ()
    near = query.join_from(judgements, visits, visits.c.id == judgements.c.visit, isouter=True).add_columns(
        judgements.c.prefix, visits.c.ip, visits.c.prefix.label("masked")
    )
    begins = _begins(scope)
    if begins:
        columns: tuple[ColumnElement[str], ...] = (judgements.c.prefix, visits.c.ip, visits.c.prefix)
        near = near.where(or_(*(column.like(f"{begins}%") for column in columns)))
    return tuple(row.visit for row in connection.execute(near) if _is_inside(row.ip or row.prefix or row.masked, scope))


def _begins(scope: Prefix) -> str:
    """The text with which every address and prefix inside begins; empty where there is none."""
    octets = str(scope.network_address).split(".")
    if scope.version == 4:
        whole = scope.prefixlen // 8
        return ".".join(octets[:whole]) + "." if whole else ""
    first = str(scope.network_address).split(":")[0]
    return f"{first}:" if scope.prefixlen >= 16 and first else ""


def _is_inside(text: str | None, scope: Prefix) -> bool:
    place = parse_prefix(text) if text else None
    if place is None or place.version != scope.version or place.prefixlen < scope.prefixlen:
        return False
    shift = scope.max_prefixlen - scope.prefixlen
    return int(place.network_address) >> shift == int(scope.network_address) >> shift


def put(connection: Connection, visit: str, values: Mapping[str, Any]) -> None:
    """Change a judgement."""
    connection.execute(update(judgements).where(judgements.c.visit == visit).values(**values))


def kinds_in_scope(connection: Connection, word: Word) -> tuple[str, ...]:
    """Return the kinds of network that were judged in a scope, the most frequent first."""
    found: dict[str, int] = {}
    for some in chunks(in_scope(connection, word)):
        query = select(judgements.c.kind, func.count()).where(judgements.c.visit.in_(some)).group_by(judgements.c.kind)
        for kind, count in connection.execute(query):
            if kind:
                found[kind] = found.get(kind, 0) + count
    return tuple(sorted(found, key=lambda kind: -found[kind]))


def newest_of(connection: Connection, account: AccountId, ids: Iterable[str]) -> str | None:
    """Return the newest of these visits that is the account's."""
    best: tuple[datetime, str] | None = None
    for some in chunks(list(ids)):
        row = connection.execute(
            select(judgements.c.at, judgements.c.visit)
            .where(judgements.c.visit.in_(some), judgements.c.account == account)
            .order_by(judgements.c.at.desc())
            .limit(1)
        ).first()
        if row and (best is None or row.at > best[0]):
            best = (row.at, row.visit)
    return best[1] if best else None


def role_of(connection: Connection, email: str) -> str:
    """Return the role of somebody who may log in; empty for everybody else."""
    found: str | None = connection.execute(
        select(users.c.role).where(func.lower(users.c.email) == email.strip().lower())
    ).scalar()
    return found or ""


def alerts_to(connection: Connection, person: str, account: AccountId, ids: Iterable[str]) -> tuple[AlertId, ...]:
    """Return the alerts about these visits of the account that were for one person."""
    found: list[AlertId] = []
    for some in chunks(sorted(set(ids))):
        query = select(alerts.c.id).where(
            alerts.c.visit.in_(some), alerts.c.account == account, func.lower(alerts.c.to) == person.lower()
        )
        found.extend(AlertId(each) for each in connection.execute(query).scalars())
    return tuple(found)
