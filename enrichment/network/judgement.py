"""What is known of a network, what is judged of it, and how judgements are made up from reasons (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain import NetworkKind, OwnerKind, Reason
from enrichment.network import words
from enrichment.network.opinion import ORGANISED, Opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFacts:
    """What is known of a network, from any source; all of it may be missing."""

    asn: int | None = None
    as_name: str | None = None
    as_domain: str | None = None
    as_handle: str | None = None
    as_addresses: int | None = None
    as_prefixes: int | None = None
    range: str | None = None
    """CIDR or `first-last`."""
    registry: str | None = None
    netname: str | None = None
    owner: str | None = None
    domain: str | None = None
    country: str | None = None
    status: str | None = None
    text: str | None = None
    rdns: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindVerdict:
    """What a network is used for, what its owner is and who uses it, with reasons."""

    kind: NetworkKind
    owner_kind: OwnerKind
    organisation: str | None
    """Whoever uses the network; None for networks whose users are a carrier's or hoster's unnamed customers."""
    domain: str | None
    confidence: float
    """0 to 1: how sure that the kind, and the organisation where there is one, are right."""
    why: tuple[Reason, ...]
    registered: str | None = None
    """Whom the registry names, where only a guess says that the network serves others."""


SAY = {
    NetworkKind.BUSINESS: "a company with its own network",
    NetworkKind.ISP: "a carrier or its customers",
    NetworkKind.HOSTING: "a hoster or its servers",
    NetworkKind.EDUCATION: "a school or university",
    NetworkKind.GOVERNMENT: "a public authority",
}


def of_opinion(opinion: Opinion, name: str | None, domain: str | None) -> KindVerdict:
    if opinion.kind in ORGANISED:
        return organised(opinion.kind, name or None, domain, opinion.confidence, (reason(opinion),))
    return serves_others(opinion.kind, OwnerKind.CARRIER, opinion.confidence, reason(opinion))


def serves_others(kind: NetworkKind, owner: OwnerKind, confidence: float, why: Reason) -> KindVerdict:
    return KindVerdict(kind=kind, owner_kind=owner, organisation=None, domain=None, confidence=confidence, why=(why,))


def organised(
    kind: NetworkKind, name: str | None, domain: str | None, confidence: float, why: tuple[Reason, ...]
) -> KindVerdict:
    if kind is NetworkKind.EDUCATION and name and words.RESEARCH_NETWORK.find(words.plain(name)):
        carries = Reason(
            text=f"{name} carries many universities and institutes, so it names none", code="name:research"
        )
        return serves_others(kind, OwnerKind.CARRIER, confidence, carries)
    owner = OwnerKind.COMPANY if kind is NetworkKind.BUSINESS else OwnerKind.PUBLIC
    return KindVerdict(kind=kind, owner_kind=owner, organisation=name, domain=domain, confidence=confidence, why=why)


def verdict(kind: NetworkKind, owner: OwnerKind, confidence: float, text: str, code: str) -> KindVerdict:
    return serves_others(kind, owner, confidence, Reason(text=text, code=code))


def unknown(text: str) -> KindVerdict:
    return verdict(NetworkKind.UNKNOWN, OwnerKind.UNCLEAR, 0.0, text, "unknown")


def reason(opinion: Opinion) -> Reason:
    return Reason(text=opinion.text, code=opinion.code)
