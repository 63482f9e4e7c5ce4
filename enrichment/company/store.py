"""Keeps people's corrections: this network is, or is not, that account's. Undone by a mark, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, select, update

from core.database import insert_new
from core.domain import AccountId
from core.errors import InputError
from core.ids import derived
from enrichment.company.reliability import Counts
from enrichment.company.voices import Kept, Verdict, Word, decide
from enrichment.network.addresses import parse_prefix
from enrichment.tables import corrections, source_reliability


def say(connection: Connection, word: Word, sources: Iterable[str] = ()) -> bool:
    """Keep a word (its id comes from `word_id`); False when the same one was kept before.

    `sources` are those whose word it judges. They are counted as right or wrong while the word acts for everybody: a
    lone rep's acts for that rep alone, and says nothing yet of what others are told.
    """
    named = list(dict.fromkeys(sources))
    counted = _judged_sources(connection, word)
    kept = connection.execute(
        insert_new(connection, corrections).values(
            id=word.id,
            account=word.account,
            prefix=word.prefix,
            by=word.by[:254],
            at=word.at,
            undone_at=None,
            verdict=word.verdict,
            scope=word.scope,
            address_hash=word.address_hash or None,
            asn=word.asn,
            visit=word.visit or None,
            for_all=word.for_all,
            sources=named,
            on_behalf_of=word.on_behalf_of or None,
        )
    )
    if kept.rowcount != 1:
        return False
    _recount(connection, counted, _judged_sources(connection, word), word.at)
    return True


def word_id(verdict: str, key: str, account: str, by: str, at: datetime) -> str:
    """Return the id of a word: the same word by the same person at the same moment is one."""
    return derived("correction", verdict, key, account, by, at.isoformat())


def reject(connection: Connection, account: AccountId, prefix: str, by: str, now: datetime) -> str:
    """Keep that `prefix` is not `account`, said by the admin `by`, and return the correction's id.

    Raises InputError when `prefix` isn't a network.
    """
    network = parse_prefix(prefix)
    if network is None:
        raise InputError(f"{prefix!r} isn't a network: give it as 192.0.2.0/24 or 2001:db8::/48")
    key = word_id("wrong", f"prefix:{network}", account, by, now)
    word = Word(
        id=key, verdict="wrong", scope="prefix", account=account, by=by, at=now, for_all=True, prefix=str(network)
    )
    say(connection, word)
    return key


def undo(connection: Connection, correction: str, now: datetime) -> bool:
    """Take a correction back; False when there is none or it was taken back before."""
    table, said = corrections.c, kept(connection, correction)
    counted = _judged_sources(connection, said.word) if said else frozenset()
    done = connection.execute(
        update(corrections).where(table.id == correction, table.undone_at.is_(None)).values(undone_at=now)
    )
    if done.rowcount != 1 or said is None:
        return False
    _recount(connection, counted, _judged_sources(connection, said.word), now)
    return True


_Judged = frozenset[tuple[AccountId, Verdict, str]]
"""Which sources were judged right or wrong about which account."""


def _judged_sources(connection: Connection, about: Word) -> _Judged:
    """Return what the words that act for everybody say of sources, among those about the same key as `about`.

    However many people say it, it is one fact: each source is judged once for each account.
    """
    table = corrections.c
    of_scope = {
        "prefix": table.prefix == about.prefix,
        "address": table.address_hash == about.address_hash,
        "as": table.asn == about.asn,
        "visit": table.visit == about.visit,
    }
    query = select(corrections).where(table.scope == about.scope, of_scope[about.scope], table.undone_at.is_(None))
    same = _kept(connection, query)
    decided = decide(each.word for each in same)
    return frozenset(
        (each.word.account, each.word.verdict, source)
        for each in same
        if each.word.account in (decided.rejected if each.word.verdict == "wrong" else {decided.right})
        for source in each.sources
    )


def _recount(connection: Connection, before: _Judged, after: _Judged, now: datetime) -> None:
    for judged, by in ((before - after, -1), (after - before, 1)):
        for _account, verdict, source in sorted(judged):
            count_verdict(connection, (source,), is_right=verdict == "right", by=by, now=now)


def words(connection: Connection) -> tuple[Word, ...]:
    """Return all words that stand, in the order in which they were said."""
    query = select(corrections).where(corrections.c.undone_at.is_(None))
    return tuple(_word(row) for row in connection.execute(query.order_by(corrections.c.at, corrections.c.id)))


def kept(connection: Connection, correction: str) -> Kept | None:
    """Return one correction, standing or not."""
    found = _kept(connection, select(corrections).where(corrections.c.id == correction))
    return found[0] if found else None


def listed(
    connection: Connection, *, standing_only: bool = False, limit: int = 200, offset: int = 0
) -> tuple[Kept, ...]:
    """Return corrections, newest first."""
    query = select(corrections).order_by(corrections.c.at.desc(), corrections.c.id)
    if standing_only:
        query = query.where(corrections.c.undone_at.is_(None))
    return _kept(connection, query.limit(limit).offset(offset))


def count_verdict(connection: Connection, sources: Iterable[str], *, is_right: bool, by: int, now: datetime) -> None:
    """Count `by` (1, or -1 to take back) verdicts for each source; a count never falls below 0."""
    table = source_reliability
    column = table.c.right if is_right else table.c.wrong
    for source in sorted(set(sources)):
        connection.execute(insert_new(connection, table).values(source=source, right=0, wrong=0, changed_at=now))
        enough = column + by >= 0
        connection.execute(
            update(table).where(table.c.source == source, enough).values({column: column + by, table.c.changed_at: now})
        )


def verdicts(connection: Connection) -> Mapping[str, Counts]:
    """Return how often people said of each source that it was right and wrong."""
    rows = connection.execute(select(source_reliability).order_by(source_reliability.c.source))
    return {row.source: Counts(right=row.right, wrong=row.wrong) for row in rows if row.right or row.wrong}


def version(connection: Connection) -> str:
    """Return a stamp of all corrections; another stamp than before means that what was loaded is out of date."""
    table, sources = corrections.c, source_reliability.c
    stamp = connection.execute(select(func.count(), func.count(table.undone_at), func.max(table.at))).one()
    counted = connection.execute(select(func.sum(sources.right + sources.wrong))).scalar() or 0
    # in tens: a single claim moves no confidence by much, and what is loaded anew holds all accounts
    return ":".join(map(str, (*stamp, counted // 10)))


def _kept(connection: Connection, query: Select[tuple[object, ...]]) -> tuple[Kept, ...]:
    return tuple(
        Kept(word=_word(row), sources=tuple(row.sources or ()), undone_at=row.undone_at)
        for row in connection.execute(query)
    )


def _word(row: Row[tuple[object, ...]]) -> Word:
    return Word(
        id=row.id,
        verdict=row.verdict,
        scope=row.scope,
        account=AccountId(row.account),
        by=row.by,
        at=row.at,
        for_all=row.for_all,
        prefix=row.prefix,
        address_hash=row.address_hash or "",
        asn=row.asn,
        visit=row.visit or "",
        on_behalf_of=row.on_behalf_of or "",
    )
