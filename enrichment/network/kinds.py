"""Judges from facts about a network what it is used for, what its owner is, and which organisation uses it (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain import NetworkKind, OwnerKind, Reason
from enrichment.network import features, trades, words
from enrichment.network.addresses import addresses_in
from enrichment.network.model import kind_model
from enrichment.network.owners import (
    cleaned,
    customer_in,
    is_placeholder,
    is_private,
    looks_like_person,
    same_name,
)
from enrichment.network.trades import ORGANISED, Opinion


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


LARGE_AS = 1 << 16
"""Addresses: an AS of this size or more serves others unless its name says otherwise."""
SMALL_AS = 1 << 13
_PERSON_RANGE = 16
"""Addresses: a range larger than this isn't a private person's, whatever the name."""
_LEAST_BUSINESS = 0.45
"""Probability below which the model's `business` isn't believed: the best F1 on the tuning half."""


def classify(facts: NetworkFacts) -> KindVerdict:
    """Return the judgement on a network. Precision first: a carrier, cloud or hoster is never called a business."""
    system = trades.of_system(facts.asn, facts.as_name, facts.as_domain, facts.as_handle)
    user = _user_of(facts)
    if user is None:
        return _of_system(facts, system)
    if user.is_person:
        return _verdict(
            NetworkKind.ISP, OwnerKind.PERSON, 0.8, "The registry names a private person, whom we never name", "person"
        )
    if system is not None and facts.as_name and same_name(user.name, facts.as_name):
        return _of_opinion(system, facts.owner and user.name, facts.domain or facts.as_domain)
    return _of_user(facts, user, system)


# A range of which only the AS's owner is known


def _of_system(facts: NetworkFacts, opinion: Opinion | None) -> KindVerdict:
    name, size = facts.as_name or "", facts.as_addresses
    if opinion is not None and opinion.kind is not NetworkKind.BUSINESS:
        return _of_opinion(opinion, name, facts.as_domain)
    if not name or is_placeholder(name):
        return _unknown("No source names an owner of this network")
    if size is not None and size >= LARGE_AS:
        return _unknown(f"{name} announces {size:,} addresses and its name doesn't say what it does: rather a carrier")
    small = size is not None and size <= SMALL_AS
    own = Reason(
        text=f"{name} runs its own small network of {size or 0:,} addresses, as companies do", code="size:small"
    )
    if opinion is not None:
        why = (_reason(opinion), own) if small else (_reason(opinion),)
        return _organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.8 if small else 0.7, why)
    return _learned_of_system(facts, name, (own,) if small else ())


def _learned_of_system(facts: NetworkFacts, name: str, size: tuple[Reason, ...]) -> KindVerdict:
    """Ask the model where words and lists say nothing."""
    found = features.of_system(
        asn=facts.asn,
        name=name,
        handle=facts.as_handle,
        domain=facts.as_domain,
        country=facts.country,
        addresses=facts.as_addresses,
        prefixes=facts.as_prefixes,
    )
    kind, probability = _likeliest(kind_model("system").probabilities(found))
    why = Reason(text=f"{name} looks like {_SAY[kind]}, by name and size ({probability:.0%})", code="model:system")
    if kind not in ORGANISED:
        return _serves_others(kind, OwnerKind.CARRIER, probability, why)
    return _organised(kind, name, facts.as_domain, min(probability, 0.8), (why, *size))


# A range whose user is named


@dataclass(frozen=True, slots=True)
class _User:
    """Whoever the registry says uses the range."""

    name: str
    is_person: bool
    is_placeholder: bool


def _user_of(facts: NetworkFacts) -> _User | None:
    seen: _User | None = None
    for raw in (facts.owner, customer_in(facts.text) if facts.text else None):
        if not raw or not (name := cleaned(raw)):
            continue
        person = is_private(raw) or (_fits_a_person(facts.range) and looks_like_person(name))
        user = _User(name, person, is_placeholder(name))
        if person or not user.is_placeholder:
            return user
        seen = seen or user
    return seen


def _fits_a_person(range_text: str | None) -> bool:
    size = addresses_in(range_text) if range_text else None
    return size is not None and (size <= _PERSON_RANGE or (":" in (range_text or "") and size <= 1 << 80))


def _of_user(facts: NetworkFacts, user: _User, system: Opinion | None) -> KindVerdict:
    name = None if user.is_placeholder else user.name
    owner = OwnerKind.UNCLEAR if user.is_placeholder else _owner_kind(user.name)
    certain = _of_domain(facts) or (trades.of_name(user.name) if name else None)
    if certain is not None and certain.kind in _CERTAIN:
        if certain.kind in ORGANISED:
            return _organised(certain.kind, name, facts.domain, 0.85, (_named(facts, user), _reason(certain)))
        return _serves_others(certain.kind, owner, certain.confidence, _reason(certain))
    kind, probability = _likeliest(kind_model("range").probabilities(_range_features(facts, system)))
    say = (
        f"{user.name} looks like {_SAY[kind]}" if name else f"“{user.name}” names nobody; this looks like {_SAY[kind]}"
    )
    why = Reason(text=f"{say}, by names, domains and size ({probability:.0%})", code="model:range")
    if kind not in ORGANISED:
        return _serves_others(kind, owner, probability, why)
    if owner is OwnerKind.UNCLEAR and name:
        owner = OwnerKind.COMPANY if kind is NetworkKind.BUSINESS else OwnerKind.PUBLIC
    return KindVerdict(
        kind=kind,
        owner_kind=owner,
        organisation=name,
        domain=facts.domain,
        confidence=min(probability, 0.9),
        why=(_named(facts, user), why) if name else (why,),
    )


_CERTAIN = (NetworkKind.VPN, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)
"""Kinds that a single word or domain decides; the others are weighed by the model."""


def _of_domain(facts: NetworkFacts) -> Opinion | None:
    """Return what the range's domain says, unless it is only the carrier's."""
    if not facts.domain or facts.domain == facts.as_domain:
        return None
    return trades.of_domain(facts.domain)


def _range_features(facts: NetworkFacts, system: Opinion | None) -> tuple[str, ...]:
    return features.of_range(
        owner=facts.owner or (customer_in(facts.text) if facts.text else None),
        domain=facts.domain,
        span=facts.range,
        as_name=facts.as_name,
        as_domain=facts.as_domain,
        system=system.kind.value if system else "none",
        country=facts.country,
    )


def _owner_kind(name: str) -> OwnerKind:
    opinion = trades.of_name(name)
    if opinion is None or opinion.kind is NetworkKind.BUSINESS:
        known = opinion is not None or words.LEGAL_FORM.find(words.plain(name)) is not None
        return OwnerKind.COMPANY if known else OwnerKind.UNCLEAR
    return OwnerKind.PUBLIC if opinion.kind in ORGANISED else OwnerKind.CARRIER


def _likeliest(chances: dict[str, float]) -> tuple[NetworkKind, float]:
    """Return the likeliest kind; `business` only where it is likely enough by itself."""
    best = max(chances, key=lambda kind: chances[kind])
    if best == "business" and chances[best] < _LEAST_BUSINESS:
        best = max((kind for kind in chances if kind != "business"), key=lambda kind: chances[kind])
    return NetworkKind(best), chances[best]


# Verdicts

_SAY = {
    NetworkKind.BUSINESS: "a company with its own network",
    NetworkKind.ISP: "a carrier or its customers",
    NetworkKind.HOSTING: "a hoster or its servers",
    NetworkKind.EDUCATION: "a school or university",
    NetworkKind.GOVERNMENT: "a public authority",
}


def _named(facts: NetworkFacts, user: _User) -> Reason:
    where = facts.range or "this range"
    return Reason(text=f"The registry names {user.name} as the user of {where}", code="owner")


def _of_opinion(opinion: Opinion, name: str | None, domain: str | None) -> KindVerdict:
    if opinion.kind in ORGANISED:
        return _organised(opinion.kind, name or None, domain, opinion.confidence, (_reason(opinion),))
    return _serves_others(opinion.kind, OwnerKind.CARRIER, opinion.confidence, _reason(opinion))


def _serves_others(kind: NetworkKind, owner: OwnerKind, confidence: float, why: Reason) -> KindVerdict:
    return KindVerdict(kind=kind, owner_kind=owner, organisation=None, domain=None, confidence=confidence, why=(why,))


def _organised(
    kind: NetworkKind, name: str | None, domain: str | None, confidence: float, why: tuple[Reason, ...]
) -> KindVerdict:
    owner = OwnerKind.COMPANY if kind is NetworkKind.BUSINESS else OwnerKind.PUBLIC
    return KindVerdict(kind=kind, owner_kind=owner, organisation=name, domain=domain, confidence=confidence, why=why)


def _verdict(kind: NetworkKind, owner: OwnerKind, confidence: float, text: str, code: str) -> KindVerdict:
    return _serves_others(kind, owner, confidence, Reason(text=text, code=code))


def _unknown(text: str) -> KindVerdict:
    return _verdict(NetworkKind.UNKNOWN, OwnerKind.UNCLEAR, 0.0, text, "unknown")


def _reason(opinion: Opinion) -> Reason:
    return Reason(text=opinion.text, code=opinion.code)
