"""Judges a range whose user is named: by the registry's words, the user's name and domain, and a model (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from core.domain import NetworkKind, OwnerKind, Reason
from enrichment.network import features, trades, words
from enrichment.network.addresses import addresses_in
from enrichment.network.judgement import SAY, KindVerdict, NetworkFacts, organised, reason, serves_others, unknown
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
from enrichment.network.systems import LARGE_AS

_LEAST_BUSINESS = 0.45
"""Probability below which the model's `business` isn't believed: the best F1 on the tuning half."""
_MANY = 256
"""Addresses: a range of this size or more may hold the lines of many customers."""
_ASSIGNED = re.compile(r"assigned|reassign|reallocat|sub-?allocat", re.IGNORECASE)
_PERSON_RANGE = 16
"""Addresses: a range larger than this isn't a private person's, whatever the name."""


@dataclass(frozen=True, slots=True)
class User:
    """Whoever the registry says uses the range."""

    name: str
    raw: str
    """The name as the registry has it."""
    is_person: bool
    is_placeholder: bool


def user_of(facts: NetworkFacts) -> User | None:
    """Return whom the registry names as the range's user: its owner, or whoever else the record names."""
    seen: User | None = None
    for raw in (facts.owner, customer_in(facts.text, besides=facts.owner or "") if facts.text else None):
        if not raw or not (name := cleaned(raw)):
            continue
        person = is_private(raw) or (_fits_a_person(facts.range) and looks_like_person(name))
        user = User(name, raw, person, is_placeholder(name))
        if person or not user.is_placeholder:
            return user
        seen = seen or user
    return seen


def _fits_a_person(range_text: str | None) -> bool:
    if not range_text:
        return True  # nothing says that it is larger
    size = addresses_in(range_text)
    return size is not None and (size <= _PERSON_RANGE or (":" in (range_text or "") and size <= 1 << 80))


def of_user(facts: NetworkFacts, user: User, system: Opinion | None) -> KindVerdict:
    """Return the judgement on a range with a named user; `system` is what words and lists say of its AS."""
    name = None if user.is_placeholder else user.name
    trade = trades.of_name(user.name)
    owner = _owner_kind(facts, user, trade)
    if not name:
        trade = None
    certain = _of_domain(facts) or trade
    if certain is not None and certain.kind in _CERTAIN:
        if certain.kind in ORGANISED:
            return organised(certain.kind, name, _own_domain(facts, name), 0.85, (_named(facts, user), reason(certain)))
        return serves_others(certain.kind, owner, certain.confidence, reason(certain))
    kind, probability = likeliest(kind_model("range").probabilities(_range_features(facts, system, owner, user)))
    if kind in ORGANISED and trade is not None and trade.kind not in ORGANISED:
        return serves_others(trade.kind, owner, trade.confidence, reason(trade))
    if kind in ORGANISED and owner is OwnerKind.CARRIER:
        text = f"“{user.name}” is what a carrier calls a network of its customers"
        return serves_others(NetworkKind.ISP, owner, 0.7, Reason(text=text, code="owner:carrier"))
    is_systems_own = bool(name and facts.as_name and same_name(name, facts.as_name))
    if kind in ORGANISED and is_systems_own and trade is None and (facts.as_addresses or 0) >= LARGE_AS:
        return unknown(f"{name} announces {facts.as_addresses:,} addresses, this range among them: rather a carrier")
    customer = None if is_systems_own or owner is OwnerKind.CARRIER else name
    if kind is NetworkKind.ISP and customer and _is_customers(facts, customer, owner):
        given = f"The registry says that {facts.range or 'this range'} was given to {name}"
        return organised(NetworkKind.BUSINESS, name, _own_domain(facts, name), 0.6, (Reason(text=given, code="owner"),))
    say = f"{user.name} looks like {SAY[kind]}" if name else f"“{user.name}” names nobody; this looks like {SAY[kind]}"
    why = Reason(text=f"{say}, by names, domains and size ({probability:.0%})", code="model:range")
    if kind not in ORGANISED:
        guessed = serves_others(kind, owner, probability, why)
        return replace(guessed, registered=customer if trade is None else None)
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


def _is_customers(facts: NetworkFacts, name: str, owner: OwnerKind) -> bool:
    """Say whether a small range was given to a customer with a name of its own, whatever the carrier's domain says."""
    size = addresses_in(facts.range) if facts.range else None
    small = size is not None and (size <= _MANY or (":" in (facts.range or "") and size <= 1 << 80))
    several = len(name.split()) > 1 and not any(char.isdigit() for char in name)
    if facts.range is None:
        return owner is OwnerKind.COMPANY  # nothing but the name is known, and it is a firm's, not its carrier's
    return small and _is_assigned(facts) and (owner is OwnerKind.COMPANY or several)


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


def _range_features(facts: NetworkFacts, system: Opinion | None, owner: OwnerKind, user: User) -> tuple[str, ...]:
    domain = facts.domain
    if domain and not user.is_placeholder and _is_recorded(facts) and not fits(domain, user.name):
        domain = None  # a registry's record of a customer: the domain is that of the carrier's contact
    return features.of_range(
        owner=user.raw,
        domain=domain,
        span=facts.range,
        as_name=facts.as_name,
        as_domain=facts.as_domain,
        system=system.kind.value if system else "none",
        country=facts.country,
    )


def _owner_kind(facts: NetworkFacts, user: User, opinion: Opinion | None) -> OwnerKind:
    """Return what the registry's words say about the owner named."""
    text = words.plain(user.name)
    if user.is_placeholder:
        own = _is_carriers_own(facts, text) or (opinion is not None and opinion.kind not in ORGANISED)
        return OwnerKind.CARRIER if own else OwnerKind.UNCLEAR
    if opinion is not None and opinion.kind is not NetworkKind.BUSINESS:
        return OwnerKind.PUBLIC if opinion.kind in ORGANISED else OwnerKind.CARRIER
    if _is_recorded(facts) and _serves_lines(facts, text):
        return OwnerKind.CARRIER
    if opinion is not None or words.LEGAL_FORM.find(text) is not None:
        return OwnerKind.COMPANY
    return OwnerKind.UNCLEAR


def _is_recorded(facts: NetworkFacts) -> bool:
    return bool(facts.status or facts.text or facts.netname)


def _is_carriers_own(facts: NetworkFacts, text: str) -> bool:
    """Say whether a stock phrase such as "Example Customer" bears the name of the range's domain: its carrier."""
    brand = words.plain(facts.domain.partition(".")[0]).replace(" ", "") if facts.domain else ""
    return len(brand) > 2 and brand in text.replace(" ", "")


def _serves_lines(facts: NetworkFacts, text: str) -> bool:
    """Say whether the range is too large for one company while its names sound like those of lines for many."""
    size = addresses_in(facts.range) if facts.range else None
    if size is None or ":" in (facts.range or "") or size < _MANY:
        return False
    netname = words.plain((facts.netname or "").replace("_", "-"))
    coined = words.COINED.search(text) is not None and words.BUSINESS.find(text) is None
    return coined or any(found.find(netname) is not None for found in (words.CARRIER, words.MOBILE, words.HOSTING))


def _is_assigned(facts: NetworkFacts) -> bool:
    """Say whether the registry says that a carrier gave the range to one of its customers."""
    return _ASSIGNED.match(facts.status or "") is not None


def likeliest(chances: dict[str, float]) -> tuple[NetworkKind, float]:
    """Return the likeliest kind; `business` only where it is likely enough by itself."""
    best = max(chances, key=lambda kind: chances[kind])
    if best == "business" and chances[best] < _LEAST_BUSINESS:
        best = max((kind for kind in chances if kind != "business"), key=lambda kind: chances[kind])
    return NetworkKind(best), chances[best]


def _named(facts: NetworkFacts, user: User) -> Reason:
    where = facts.range or "this range"
    return Reason(text=f"The registry names {user.name} as the user of {where}", code="owner")
