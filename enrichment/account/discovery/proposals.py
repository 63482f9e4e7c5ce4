"""Joins what several sources say of one account and prefix into a proposal (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from core.domain import AccountId
from enrichment.account.discovery.judging import ACTS, Finding, Group

Status = Literal["proposed", "accepted", "rejected"]
STATUSES: tuple[Status, ...] = get_args(Status)

_CEILING = 0.97
_SOURCES = {"registry": "a registry", "as": "an AS's name", "dns": "the domain's DNS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one source said; the part of a finding that is kept."""

    source: str
    group: Group
    text: str
    confidence: float
    waits: str = ""
    is_hard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An account's network as proposed, with where it stands."""

    id: str
    account: AccountId
    prefix: str
    organisation: str
    confidence: float
    waits: str
    """Why it waits, as a sentence; empty when it acts."""
    evidence: tuple[Said, ...]
    status: Status
    first_at: datetime
    by: str = ""
    at: datetime | None = None

    @property
    def acts(self) -> bool:
        """Whether visits from this network are taken for the account's."""
        return self.status == "accepted" or (self.status == "proposed" and not self.waits)


def said_in(finding: Finding) -> Said:
    """Return the part of a finding that is kept."""
    return Said(
        source=finding.source,
        group=finding.group,
        text=finding.text,
        confidence=finding.confidence,
        waits=finding.waits,
        is_hard=finding.is_hard,
    )


def merged(before: Sequence[Said], new: Said) -> tuple[Said, ...]:
    """Return all that was said, a source's new word in place of its old one, in the order of the sources' names."""
    kept = [said for said in before if said.source != new.source]
    return tuple(sorted((*kept, new), key=lambda said: said.source))


def weigh(evidence: Sequence[Said]) -> tuple[float, str]:
    """Return the confidence of all evidence together, and why it waits (empty: it acts).

    Sources of one group are one voice; independent groups add up. One source that is sure acts; several that are not
    act when together they are. What no second source can settle (several accounts, a very wide prefix) always waits.
    """
    best: dict[Group, Said] = {}
    for said in evidence:
        if said.group not in best or said.confidence > best[said.group].confidence:
            best[said.group] = said
    doubt = 1.0
    for said in best.values():
        doubt *= 1 - said.confidence
    confidence = round(min(1 - doubt, _CEILING), 3)
    strongest = max(evidence, key=lambda said: said.confidence)
    hard = next((said.waits for said in evidence if said.is_hard), "")
    if hard:
        return confidence, hard
    if any(not said.waits and said.confidence >= ACTS for said in evidence):
        return confidence, ""
    if len(best) > 1 and confidence >= ACTS:
        return confidence, ""
    return confidence, strongest.waits or f"Only {_SOURCES[strongest.group]} says so: it waits for a second source"


def said_from(row: dict[str, object]) -> Said:
    """Return what was kept as JSON."""
    return Said(
        source=str(row.get("source", "")),
        group=cast(Group, row.get("group", "dns")),
        text=str(row.get("text", "")),
        confidence=float(cast(float, row.get("confidence", 0.0))),
        waits=str(row.get("waits", "")),
        is_hard=bool(row.get("is_hard", False)),
    )


def as_row(said: Said) -> dict[str, object]:
    """Return the same for keeping as JSON."""
    return {
        "source": said.source,
        "group": said.group,
        "text": said.text,
        "confidence": said.confidence,
        "waits": said.waits,
        "is_hard": said.is_hard,
    }
