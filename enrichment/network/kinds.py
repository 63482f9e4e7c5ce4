"""Judges from facts about a network what it is used for, what its owner is, and which organisation uses it (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain import NetworkKind, OwnerKind, Reason
from enrichment.network import words
from enrichment.network.addresses import addresses_in
from enrichment.network.known import known_networks
from enrichment.network.owners import (
    cleaned,
    customer_in,
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


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What one look at a name, domain or number says."""

    kind: NetworkKind
    confidence: float
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class _User:
    """Whoever the registry says uses the range."""

    name: str
    from_record: bool
    is_person: bool
    is_placeholder: bool


_ORGANISED = (NetworkKind.BUSINESS, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)
_LARGE_AS = 1 << 16
"""Addresses: an AS of this size or more serves others unless its name says otherwise."""
_SMALL_AS = 1 << 13
_PERSON_RANGE = 16
"""Addresses: a range larger than this isn't a private person's, whatever the name."""

_EDU_DOMAIN = re.compile(r"\.(?:edu|(?:edu|ac|sch|k12)\.[a-z]{2}|k12\.[a-z]{2}\.us)$")
_GOV_DOMAIN = re.compile(
    r"(?:^|\.)(?:gov|mil|(?:gov|gob|gouv|gub|govt|mil|go|gc|lg|gv)\.[a-z]{2}|admin\.ch|bund\.de|europa\.eu|fed\.us|state\.[a-z]{2}\.us)$"
)


def classify(facts: NetworkFacts) -> KindVerdict:
    """Return the judgement on a network. Precision first: a carrier, cloud or hoster is never called a business."""
    carrier = _of_system(facts)
    user = _user_of(facts)
    if user is None or _is_the_system_itself(user, facts):
        return _verdict_on_system(facts, carrier)
    return _verdict_on_user(facts, user, carrier)


# What the name, domain and number of one owner say


def of_name(name: str) -> _Opinion | None:
    """Return what the words of a name say about its owner's trade; None when they say nothing."""
    text = words.plain(name)
    for kind, pattern, confidence, say in _TRADES:
        if found := pattern.search(text):
            word = found.group().strip()
            return _Opinion(kind, confidence, f"“{word}” in the name “{name}” points to {say}", f"name:{kind}")
    return None


_TRADES: tuple[tuple[NetworkKind, re.Pattern[str], float, str], ...] = (
    (NetworkKind.VPN, words.VPN, 0.9, "a VPN or proxy service"),
    (NetworkKind.EDUCATION, words.EDUCATION, 0.85, "a school, university or research network"),
    (NetworkKind.GOVERNMENT, words.GOVERNMENT, 0.85, "a public authority"),
    (NetworkKind.CONTENT, words.CONTENT, 0.85, "a content service"),
    (NetworkKind.HOSTING, words.HOSTING, 0.8, "a hosting or cloud service"),
    (NetworkKind.ISP, words.CARRIER, 0.85, "a carrier"),
    (NetworkKind.MOBILE, words.MOBILE, 0.8, "a mobile carrier"),
    (NetworkKind.BUSINESS, words.BUSINESS, 0.75, "a company with another trade than networks"),
)


def of_domain(domain: str) -> _Opinion | None:
    """Return what a domain says about its owner: universities and authorities have their own."""
    name = domain.strip().lower().rstrip(".")
    known = known_networks()
    if name in known.us_authorities or _GOV_DOMAIN.search(name):
        return _Opinion(NetworkKind.GOVERNMENT, 0.93, f"{name} is an authority's domain", "domain:government")
    if name in known.universities or _EDU_DOMAIN.search(name):
        return _Opinion(NetworkKind.EDUCATION, 0.93, f"{name} is a school's or university's domain", "domain:education")
    return None


def _of_number(asn: int | None) -> _Opinion | None:
    if asn is None:
        return None
    known = known_networks()
    if asn in known.vpn:
        return _Opinion(NetworkKind.VPN, 0.95, f"AS{asn} is on a public list of VPN networks", "list:vpn")
    if asn in known.hosting:
        return _Opinion(NetworkKind.HOSTING, 0.9, f"AS{asn} is on a public list of hosting networks", "list:hosting")
    return None


def _of_system(facts: NetworkFacts) -> _Opinion | None:
    """Return what number, name, handle and domain say about the AS's owner."""
    opinion = _of_number(facts.asn)
    if opinion is None and facts.as_domain:
        opinion = of_domain(facts.as_domain)
    if opinion is None and facts.as_name:
        opinion = of_name(facts.as_name)
    if opinion is None or opinion.kind in _ORGANISED:
        for further in (facts.as_domain and facts.as_domain.replace("-", " "), facts.as_handle):
            if further and (other := of_name(further)) and other.kind not in _ORGANISED and opinion is None:
                return other
    return opinion


# Who uses the range


def _user_of(facts: NetworkFacts) -> _User | None:
    candidates = ((facts.owner, False), (customer_in(facts.text) if facts.text else None, True))
    seen: _User | None = None
    for raw, from_record in candidates:
        if not raw or not (name := cleaned(raw)):
            continue
        person = is_private(raw) or (_is_small(facts.range) and looks_like_person(name))
        user = _User(name, from_record, person, is_placeholder(name))
        if not user.is_placeholder or person:
            return user
        seen = seen or user
    return seen


def _is_small(range_text: str | None) -> bool:
    size = addresses_in(range_text) if range_text else None
    return size is not None and (size <= _PERSON_RANGE or (":" in (range_text or "") and size <= 1 << 80))


def _is_the_system_itself(user: _User, facts: NetworkFacts) -> bool:
    if facts.as_name and same_name(user.name, facts.as_name):
        return True
    return bool(facts.domain and facts.as_domain and facts.domain == facts.as_domain and user.is_placeholder)


def _verdict_on_system(facts: NetworkFacts, opinion: _Opinion | None) -> KindVerdict:
    """Judge a range of which only the AS's owner is known."""
    name = facts.as_name or facts.owner or ""
    size = facts.as_addresses
    if opinion is not None and opinion.kind not in _ORGANISED:
        return _of_network_trade(opinion)
    if opinion is not None and opinion.kind is not NetworkKind.BUSINESS:
        return _organised(opinion.kind, name, facts.as_domain, opinion.confidence, (_reason(opinion),))
    if not name:
        return _unknown("No source names an owner of this network")
    if size is not None and size >= _LARGE_AS:
        why = Reason(
            text=f"{name} announces {size:,} addresses and its name doesn't say what it does: rather a carrier",
            code="size:large",
        )
        return KindVerdict(
            kind=NetworkKind.UNKNOWN,
            owner_kind=OwnerKind.UNCLEAR,
            organisation=None,
            domain=None,
            confidence=0.5,
            why=(why,),
        )
    return _business_by_system(facts, name, opinion)


def _business_by_system(facts: NetworkFacts, name: str, opinion: _Opinion | None) -> KindVerdict:
    size = facts.as_addresses
    small = size is not None and size <= _SMALL_AS
    reasons: list[Reason] = [_reason(opinion)] if opinion is not None else []
    if small:
        reasons.append(
            Reason(text=f"{name} runs its own small network of {size:,} addresses, as companies do", code="size:small")
        )
    if opinion is not None:
        return _organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.8 if small else 0.7, tuple(reasons))
    if words.CARRIER_ENDS.search(words.plain(name)):
        return _unknown(f"{name} has the name of a network operator, but nothing says so")
    if small and words.LEGAL_FORM.search(words.plain(name)):
        return _organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.6, tuple(reasons))
    return _unknown(f"Nothing says what {name} does")


def _verdict_on_user(facts: NetworkFacts, user: _User, system: _Opinion | None) -> KindVerdict:
    """Judge a range whose user the registry names."""
    if user.is_person:
        why = Reason(text="The registry names a private person, whom we never name", code="owner:person")
        return KindVerdict(
            kind=NetworkKind.ISP,
            owner_kind=OwnerKind.PERSON,
            organisation=None,
            domain=None,
            confidence=0.8,
            why=(why,),
        )
    opinion = of_name(user.name) or (of_domain(facts.domain) if facts.domain else None)
    if facts.domain and (by_domain := of_domain(facts.domain)):
        opinion = by_domain
    if user.is_placeholder:
        return _verdict_on_placeholder(facts, user, system)
    if opinion is not None and opinion.kind not in _ORGANISED:
        return _of_network_trade(opinion)
    if system is not None and system.kind in (NetworkKind.HOSTING, NetworkKind.VPN, NetworkKind.CONTENT):
        why = Reason(text=f"{user.name} has servers there: {system.text}", code=system.code)
        return KindVerdict(
            kind=system.kind, owner_kind=OwnerKind.COMPANY, organisation=None, domain=None, confidence=0.7, why=(why,)
        )
    named = Reason(text=f"The registry names {user.name} as the user of {facts.range or 'this range'}", code="owner")
    if opinion is not None:
        return _organised(opinion.kind, user.name, facts.domain, 0.85, (named, _reason(opinion)))
    if words.LEGAL_FORM.search(words.plain(user.name)) or len(user.name) > 3:
        return _organised(NetworkKind.BUSINESS, user.name, facts.domain, 0.75, (named,))
    return _unknown(f"The registry's name {user.name} doesn't say who it is")


def _verdict_on_placeholder(facts: NetworkFacts, user: _User, system: _Opinion | None) -> KindVerdict:
    if facts.domain and (opinion := of_domain(facts.domain)):
        return _organised(opinion.kind, None, facts.domain, 0.7, (_reason(opinion),))
    if system is not None and system.kind not in _ORGANISED:
        return _of_network_trade(system, OwnerKind.UNCLEAR)
    return _unknown(f"The registry says only “{user.name}”, which names nobody")


# Verdicts


def _of_network_trade(opinion: _Opinion, owner: OwnerKind | None = None) -> KindVerdict:
    by_kind = OwnerKind.CARRIER
    return KindVerdict(
        kind=opinion.kind,
        owner_kind=owner or by_kind,
        organisation=None,
        domain=None,
        confidence=opinion.confidence,
        why=(_reason(opinion),),
    )


def _organised(
    kind: NetworkKind, name: str | None, domain: str | None, confidence: float, why: tuple[Reason, ...]
) -> KindVerdict:
    owner = OwnerKind.COMPANY if kind is NetworkKind.BUSINESS else OwnerKind.PUBLIC
    return KindVerdict(kind=kind, owner_kind=owner, organisation=name, domain=domain, confidence=confidence, why=why)


def _unknown(text: str) -> KindVerdict:
    return KindVerdict(
        kind=NetworkKind.UNKNOWN,
        owner_kind=OwnerKind.UNCLEAR,
        organisation=None,
        domain=None,
        confidence=0.0,
        why=(Reason(text=text, code="unknown"),),
    )


def _reason(opinion: _Opinion) -> Reason:
    return Reason(text=opinion.text, code=opinion.code)
