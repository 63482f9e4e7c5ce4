"""Visits that people must judge: whose network is it, of several accounts or of one that isn't sure enough?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from core.database import chunks
from core.domain import ALERT_POINT, DIGEST_POINT, AccountId, DropReason
from enrichment.company import store as correction_store
from enrichment.company.corrections import Corrections
from enrichment.company.reliability import Counts, Rate, rate
from enrichment.company.voices import Word
from enrichment.tables import accounts, judgements
from tracker.tables import visits

LOOK_BACK = timedelta(days=90)
MOST_VISITS = 2_000
"""Visits looked at for open questions, the newest: a queue that is longer than this is worked off from its top."""

_OPEN_DROPS = (DropReason.ACCOUNT_AMBIGUOUS.value, DropReason.ACCOUNT_UNSURE.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An account that the visits may be of."""

    id: AccountId
    name: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One network whose visits may be of these accounts."""

    network: str
    visits: int
    last_at: datetime
    newest: str
    """The newest of the visits: an answer is given on it."""
    organisation: str
    choices: tuple[Choice, ...]
    why: tuple[str, ...]
    confidence: float | None
    """How sure the one account is, where there is only one; it lies below the point at which a rep is told."""


def open_questions(
    connection: Connection,
    owner: str = "",
    *,
    now: datetime,
    alert_point: float = ALERT_POINT,
    digest_point: float = DIGEST_POINT,
    viewer: str = "",
    site: str = "",
) -> tuple[Question, ...]:
    """Return the questions that are open, those with the most visits first.

    `owner` narrows them to accounts of one rep (by e-mail address). `viewer` leaves out what this person has answered:
    a rep's word waits for a second one, but the rep isn't asked again.
    """
    between = and_(
        judgements.c.account.is_not(None),
        judgements.c.confidence >= digest_point,
        judgements.c.confidence < alert_point,
    )
    query = (
        select(
            *judgements.c["visit", "at", "prefix", "organisation", "asn", "drop", "account", "candidates", "why"],
            judgements.c.confidence,
            visits.c.ip,
            visits.c.address_hash,
        )
        .join_from(judgements, visits, visits.c.id == judgements.c.visit, isouter=True)
        .where(judgements.c.at >= now - LOOK_BACK, or_(judgements.c.drop.in_(_OPEN_DROPS), between))
        .order_by(judgements.c.at.desc(), judgements.c.visit)
        .limit(MOST_VISITS)
    )
    if site:
        query = query.where(judgements.c.site == site)
    answered = _answered(connection, viewer)
    groups: dict[tuple[str, tuple[str, ...]], list[RowMapping]] = {}
    for row in connection.execute(query).mappings():
        may_be = tuple(sorted(row["candidates"] or ([row["account"]] if row["account"] else [])))
        if may_be and not _is_answered(answered, row, may_be):
            groups.setdefault((row["prefix"] or row["visit"], may_be), []).append(row)
    known = _choices(connection, {account for _, may_be in groups for account in may_be})
    found = [_question(network, may_be, rows, known) for (network, may_be), rows in groups.items()]
    mine = [each for each in found if not owner or any(c.owner.lower() == owner.lower() for c in each.choices)]
    return tuple(sorted((each for each in mine if each.choices), key=lambda each: (-each.visits, each.network)))


def _answered(connection: Connection, viewer: str) -> Corrections | None:
    if not viewer:
        return None
    said = [word for word in correction_store.words(connection) if word.by.lower() == viewer.lower()]
    return Corrections(replace(word, for_all=True) for word in said)


def _is_answered(answered: Corrections | None, row: RowMapping, may_be: Collection[str]) -> bool:
    if answered is None:
        return False
    said = answered.of_visit(
        row["visit"], asn=row["asn"], prefix=row["ip"] or row["prefix"] or "", address_hash=row["address_hash"] or ""
    )
    return said.right is not None or set(may_be) <= said.rejected


def _choices(connection: Connection, ids: Collection[str]) -> Mapping[str, Choice]:
    found: dict[str, Choice] = {}
    for some in chunks(sorted(ids)):
        for row in connection.execute(select(*accounts.c["id", "name", "owner_email"]).where(accounts.c.id.in_(some))):
            found[row.id] = Choice(id=AccountId(row.id), name=row.name, owner=row.owner_email)
    return found


def _question(network: str, may_be: tuple[str, ...], rows: list[RowMapping], known: Mapping[str, Choice]) -> Question:
    newest = rows[0]
    why = newest["why"] if isinstance(newest["why"], Mapping) else {}
    texts = [
        str(each.get("text", "")) for step in ("correction", "drop", "match", "network") for each in why.get(step, ())
    ]
    return Question(
        network=network if newest["prefix"] else "",
        visits=len(rows),
        last_at=newest["at"],
        newest=newest["visit"],
        organisation=newest["organisation"] or "",
        choices=tuple(known[account] for account in may_be if account in known),
        why=tuple(dict.fromkeys(filter(None, texts)))[:4],
        confidence=newest["confidence"] if len(may_be) == 1 else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWord:
    """A correction as the page lists it."""

    word: Word
    name: str
    undone_at: datetime | None
    waits: bool
    """Whether it waits for a second voice."""


def said_words(connection: Connection, limit: int = 100) -> tuple[SaidWord, ...]:
    """Return the newest corrections, standing or not."""
    kept = correction_store.listed(connection, limit=limit)
    names = _choices(connection, {each.word.account for each in kept})
    decided = Corrections(correction_store.words(connection))
    found: list[SaidWord] = []
    for each in kept:
        by_all = decided.decided_on(each.word.key)
        acts = each.word.account == by_all.right or each.word.account in by_all.rejected
        known = names.get(each.word.account)
        found.append(
            SaidWord(
                word=each.word,
                name=known.name if known else each.word.account,
                undone_at=each.undone_at,
                waits=not acts and each.undone_at is None,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source with what people said of its word."""

    source: str
    counts: Counts
    rate: Rate


def source_rows(connection: Connection) -> tuple[SourceRow, ...]:
    """Return the sources that people judged, the most judged first."""
    counted = correction_store.verdicts(connection)
    rows = [SourceRow(source=source, counts=counts, rate=rate(source, counts)) for source, counts in counted.items()]
    return tuple(sorted(rows, key=lambda row: (-row.counts.judged, row.source)))


def find_accounts(connection: Connection, search: str, limit: int = 12) -> tuple[Choice, ...]:
    """Return accounts whose name or id holds the text."""
    text = f"%{search.strip().lower()}%"
    rows = connection.execute(
        select(*accounts.c["id", "name", "owner_email"])
        .where(or_(func.lower(accounts.c.name).like(text), func.lower(accounts.c.id).like(text)))
        .order_by(func.lower(accounts.c.name), accounts.c.id)
        .limit(limit)
    )
    return tuple(Choice(id=AccountId(row.id), name=row.name, owner=row.owner_email) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A visit of which somebody may know whose it was."""

    visit: str
    at: datetime
    site: str
    prefix: str
    organisation: str
    taken_from: str
    """The account's id that it was taken from; empty when it was nobody's."""


def asked(connection: Connection, visit: str) -> Asked | None:
    """Return what is known of a visit; None when it is gone."""
    row = connection.execute(
        select(*judgements.c["visit", "at", "site", "prefix", "organisation", "account", "judged", "drop"]).where(
            judgements.c.visit == visit
        )
    ).first()
    if row is None:
        return None
    return Asked(
        visit=row.visit,
        at=row.at,
        site=row.site,
        prefix=row.prefix or "",
        organisation="" if row.drop == DropReason.COMPANY_PERSON.value else row.organisation or "",
        taken_from=row.account or (row.judged or {}).get("account") or "",
    )
