"""Judges from facts about a network what it is used for, what its owner is, and which organisation uses it (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain import NetworkKind, OwnerKind, Reason
from enrichment.network import features, trades, words
from enrichment.network.addresses import addresses_in, parse_prefix
from enrichment.network.model import kind_model
from enrichment.network.opinion import ORGANISED, Opinion
from enrichment.network.owners import (
    cleaned,
    customer_in,
    fits,
    is_placeholder,
    is_private,
    looks_like_person,
    same_name,
)


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
_MEDIUM_AS = 1 << 15
_MANY_PREFIXES = 12
_FEW_PREFIXES = 60
_LEGACY_AS = 11 << 15
"""Addresses: five class B networks and a half; an organisation that got more of them is rare."""
_LAST_EARLY_CLASS_A = 57
_LAST_EARLY_CLASS_B = 172
"""First numbers of addresses; what lies above was given out later, mostly to carriers."""
_PERSON_RANGE = 16
"""Addresses: a range larger than this isn't a private person's, whatever the name."""
_AS_SUFFIX = re.compile(r"[-_ ]+AS\d*$", re.IGNORECASE)
_LEAST_SMALL_COMPANY = 0.2
"""Probability below which a small AS with a company's name is rather something else."""
_MOST_SMALL_CARRIER = 0.5
"""Probability from which it is rather what the model says, whatever its size."""
_LEAST_LARGE_COMPANY = 0.45
"""Probability from which a large AS with a company's name is believed to be a company's."""
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
        return _of_opinion(system, user.name, facts.domain or facts.as_domain)
    return _of_user(facts, user, system)


# A range of which only the AS's owner is known


def _of_system(facts: NetworkFacts, opinion: Opinion | None) -> KindVerdict:
    name, size, count = facts.as_name or "", facts.as_addresses, facts.as_prefixes or 0
    if opinion is not None and opinion.kind is not NetworkKind.BUSINESS:
        return _of_opinion(opinion, name, facts.as_domain)
    if not name or is_placeholder(name):
        return _unknown("No source names an owner of this network")
    reasons = (_reason(opinion),) if opinion is not None else ()
    if _is_legacy_block(facts) and not words.COINED.search(words.plain(name)):
        old = (
            f"{name} has a block of the years before 1994, when organisations rather than carriers got such large ones"
        )
        return _organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.7, (*reasons, Reason(text=old, code="legacy")))
    if size is not None and size >= LARGE_AS and (opinion is None or count > _MANY_PREFIXES):
        return _of_large_system(facts, name, size, opinion)
    small = size is not None and (size <= SMALL_AS or (size <= _MEDIUM_AS and count <= _MANY_PREFIXES))
    if small:
        own = f"{name} runs its own network of only {size or 0:,} addresses, as companies do"
        reasons = (*reasons, Reason(text=own, code="size:small"))
    if opinion is not None:
        return _organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.8 if small else 0.7, reasons)
    return _learned_of_system(facts, name, reasons, opinion)


def _of_large_system(facts: NetworkFacts, name: str, size: int, opinion: Opinion | None) -> KindVerdict:
    text = words.plain(name)
    chance = _chances(facts, name, opinion)["business"]
    if chance < _LEAST_LARGE_COMPANY or words.LEGAL_FORM.find(text) is None or words.COINED.search(text):
        return _unknown(f"{name} announces {size:,} addresses and its name doesn't say what it does: rather a carrier")
    why = f"{name} has a company's name, and looks like one in spite of its {size:,} addresses ({chance:.0%})"
    return _organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.5, (Reason(text=why, code="model:system"),))


def _is_legacy_block(facts: NetworkFacts) -> bool:
    """Say whether the range is in a class A or B network whose AS has little else.

    Until 1994 such blocks went to single organisations; carriers that have some have much more beside them.
    """
    prefix = parse_prefix(facts.range) if facts.range else None
    size, count = facts.as_addresses, facts.as_prefixes
    if prefix is None or prefix.version != 4 or not size or not count or count > _FEW_PREFIXES:
        return False
    first = int(prefix.network_address) >> 24
    if first <= _LAST_EARLY_CLASS_A:
        return size >= 1 << 24
    # The range may be a part of the block, so the block is known by what the AS has, on the average and in all.
    return 128 <= first <= _LAST_EARLY_CLASS_B and 1 << 16 <= size <= _LEGACY_AS and size // count >= 1 << 11


def _learned_of_system(
    facts: NetworkFacts, name: str, size: tuple[Reason, ...], opinion: Opinion | None
) -> KindVerdict:
    """Ask the model where words and lists say nothing."""
    chances = _chances(facts, name, opinion)
    text = words.plain(_AS_SUFFIX.sub("", name))
    is_company = words.LEGAL_FORM.find(text) is not None and not words.COINED.search(text)
    if (
        size
        and is_company
        and chances["business"] >= _LEAST_SMALL_COMPANY
        and max(chances.values()) < max(_MOST_SMALL_CARRIER, chances["business"] + 0.01)
    ):
        why = Reason(text=f"{name} has a company's name, and nothing says that it sells networks", code="name:company")
        return _organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.6, (*size, why))
    kind, probability = _likeliest(chances)
    if kind in ORGANISED and facts.as_addresses is not None and not is_company:
        return _unknown(f"{name} may be a company, but its name could be a carrier's as well")
    why = Reason(text=f"{name} looks like {_SAY[kind]}, by name and size ({probability:.0%})", code="model:system")
    if kind not in ORGANISED:
        return _serves_others(kind, OwnerKind.CARRIER, probability, why)
    # By its name alone the model is right about a company half of the time; the size makes it surer.
    most = 0.5 if facts.as_addresses is None else 0.6
    return _organised(kind, name, facts.as_domain, min(probability, most), (why, *size))


def _chances(facts: NetworkFacts, name: str, opinion: Opinion | None) -> dict[str, float]:
    found = features.of_system(
        asn=facts.asn,
        name=name,
        handle=facts.as_handle,
        domain=facts.as_domain,
        country=facts.country,
        addresses=facts.as_addresses,
        prefixes=facts.as_prefixes,
        opinion=opinion.code if opinion else "none",
    )
    return kind_model("system").probabilities(found)


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
    trade = trades.of_name(user.name) if name else None
    owner = _owner_kind(user.name, trade) if name else OwnerKind.UNCLEAR
    certain = _of_domain(facts) or trade
    if certain is not None and certain.kind in _CERTAIN:
        if certain.kind in ORGANISED:
            return _organised(
                certain.kind, name, _own_domain(facts, name), 0.85, (_named(facts, user), _reason(certain))
            )
        return _serves_others(certain.kind, owner, certain.confidence, _reason(certain))
    kind, probability = _likeliest(kind_model("range").probabilities(_range_features(facts, system, owner, user)))
    if kind in ORGANISED and trade is not None and trade.kind not in ORGANISED:
        return _serves_others(trade.kind, owner, trade.confidence, _reason(trade))
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
        domain=_own_domain(facts, name),
        confidence=min(probability, 0.9),
        why=(_named(facts, user), why) if name else (why,),
    )


def _own_domain(facts: NetworkFacts, name: str | None) -> str | None:
    """Return the range's domain where it is likely to be its user's own: registries often show the carrier's."""
    if not facts.domain or facts.domain == facts.as_domain:
        return None
    if name is not None:
        return facts.domain if fits(facts.domain, name) else None
    trade = trades.of_name(facts.domain.replace("-", " "))
    return facts.domain if trade is None or trade.kind in ORGANISED else None


_CERTAIN = (NetworkKind.VPN, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)
"""Kinds that a single word or domain decides; the others are weighed by the model."""


def _of_domain(facts: NetworkFacts) -> Opinion | None:
    """Return what the range's domain says, unless it is only the carrier's."""
    if not facts.domain or facts.domain == facts.as_domain:
        return None
    return trades.of_domain(facts.domain)


def _range_features(facts: NetworkFacts, system: Opinion | None, owner: OwnerKind, user: _User) -> tuple[str, ...]:
    domain = facts.domain
    if domain and owner is OwnerKind.COMPANY and (facts.status or facts.text) and not fits(domain, user.name):
        domain = None  # a registry's record of a company: the domain is that of the carrier's contact
    return features.of_range(
        owner=facts.owner or (customer_in(facts.text) if facts.text else None),
        domain=domain,
        span=facts.range,
        as_name=facts.as_name,
        as_domain=facts.as_domain,
        system=system.kind.value if system else "none",
        country=facts.country,
    )


def _owner_kind(name: str, opinion: Opinion | None) -> OwnerKind:
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
    if kind is NetworkKind.EDUCATION and name and words.RESEARCH_NETWORK.find(words.plain(name)):
        carries = Reason(
            text=f"{name} carries many universities and institutes, so it names none", code="name:research"
        )
        return _serves_others(kind, OwnerKind.CARRIER, confidence, carries)
    owner = OwnerKind.COMPANY if kind is NetworkKind.BUSINESS else OwnerKind.PUBLIC
    return KindVerdict(kind=kind, owner_kind=owner, organisation=name, domain=domain, confidence=confidence, why=why)


def _verdict(kind: NetworkKind, owner: OwnerKind, confidence: float, text: str, code: str) -> KindVerdict:
    return _serves_others(kind, owner, confidence, Reason(text=text, code=code))


def _unknown(text: str) -> KindVerdict:
    return _verdict(NetworkKind.UNKNOWN, OwnerKind.UNCLEAR, 0.0, text, "unknown")


def _reason(opinion: Opinion) -> Reason:
    return Reason(text=opinion.text, code=opinion.code)
