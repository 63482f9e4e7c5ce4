"""Pairs of accounts that may be one customer, with which of the two should stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from app import merge_queries
from core.domain import Account, Reason
from enrichment.account import merge_store, store
from enrichment.account.duplicates import Class, better, find_duplicates
from enrichment.account.merge_store import Merge


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pair, and which of the two should stay."""

    master: Account
    """The one with more behind it: visits, orders, contacts; else the one with more filled in."""
    other: Account
    kind: Class
    confidence: float
    why: tuple[Reason, ...]


def of(connection: Connection) -> tuple[Proposal, ...]:
    """Return all pairs among the accounts, the surest first."""
    pairs = find_duplicates(store.accounts(connection))
    weights = merge_queries.weights(connection, {one.id for pair in pairs for one in (pair.a, pair.b)})
    return tuple(
        Proposal(master=master, other=other, kind=pair.kind, confidence=pair.confidence, why=pair.why)
        for pair in pairs
        for master, other in (better(pair.a, pair.b, weights),)
    )


def merges(connection: Connection) -> tuple[Merge, ...]:
    """Return the merges that stand, newest first."""
    return tuple(reversed(merge_store.standing(connection)))


def as_json(pair: Proposal) -> Mapping[str, object]:
    """Return a pair as JSON values (docs/accounts.md)."""
    return {
        "master": _account(pair.master),
        "other": _account(pair.other),
        "class": pair.kind,
        "confidence": pair.confidence,
        "why": [reason.text for reason in pair.why],
    }


def _account(account: Account) -> Mapping[str, object]:
    return {"account": account.id, "name": account.name, "domains": list(account.domains), "country": account.country}
