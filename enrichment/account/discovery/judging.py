"""How sure a registry's range is an account's, and whether somebody must look at it first (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from core.domain import Account, AccountId, AccountMatch, OwnerKind
from enrichment.account.discovery.finder import NO_COUNTRY, AccountFinder
from enrichment.account.discovery.records import Owner, Range, prefixes_of
from enrichment.account.normal_form import normal_form
from enrichment.network.addresses import Prefix, is_documentation, not_public
from enrichment.network.kinds import NetworkFacts, classify
from enrichment.network.owners import cleaned
from enrichment.network.word_counts import frequency

Group = Literal["registry", "as", "dns"]
"""Kinds of source that are independent of each other: two of one group are one voice."""

ACTS = 0.8
"""From this confidence on a proposal acts without waiting for anybody."""

_SURE = 0.95
_LATER_LINE = 0.15
_OTHER_COUNTRY = 0.25
_OTHER_COUNTRY_OF_TELLING = 0.07
_EXACT = ("match:name:exact", "match:name:word", "match:domain", "match:domain:name")
_SHORT = 4
_RARE = 16
"""Network owners that use a word, below which it is rare."""
_HOLDER = 0.65
"""Ceiling for an allocation: whoever holds it may hand parts of it on."""
_WIDEST = {4: 14, 6: 32}
_HANDED_ON = re.compile(r"alloc|partition", re.IGNORECASE)
_REGISTRY_NAMES = {
    "ripencc": "RIPE",
    "arin": "ARIN",
    "apnic": "APNIC",
    "afrinic": "AFRINIC",
    "lacnic": "LACNIC",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One source's word that a prefix is an account's."""

    account: AccountId
    prefix: str
    organisation: str
    source: str
    """Such as `registry:ripencc`, `as:64496`, `dns:spf`."""
    group: Group
    text: str
    confidence: float
    waits: str = ""
    """Why a person or a second source is needed, as a sentence; empty when it may act by itself."""
    is_hard: bool = False
    """Whether no second source can settle what it waits for."""


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    match: AccountMatch
    penalty: float


def judge_range(found: Range, owner: Owner | None, finder: AccountFinder, source: str = "registry") -> list[Finding]:
    """Return what a registry's range says about accounts; nothing for carriers' and hosters' own ranges."""
    named = _whose(found, owner, finder)
    if named is None:
        return []
    prefixes = [prefix for prefix in prefixes_of(found) if may_be_anybodys(prefix)]
    if not prefixes or _serves_others(found, named.name, prefixes[0]):
        return []
    registry = _REGISTRY_NAMES.get(found.registry, found.registry or "The registry")
    return [
        _finding(
            account,
            prefix,
            named,
            found,
            source=f"{source}:{found.registry}",
            text=f"{registry} registers {prefix} to {named.name}{_netname(found)}",
        )
        for prefix in prefixes
        for account in named.match.candidates
    ]


def may_be_anybodys(prefix: Prefix) -> bool:
    """Say whether an organisation can have this network; ranges kept for examples are what demos are made of."""
    return not_public(prefix.network_address) is None or is_documentation(prefix.network_address)


def _netname(found: Range) -> str:
    return f" (netname {found.netname})" if found.netname else ""


def _whose(found: Range, owner: Owner | None, finder: AccountFinder) -> _Named | None:
    """Return the first name in the record that is an account's, unless a name before it says whose it is."""
    domain = (owner.domain if owner else "") or found.domain
    first = (owner.name if owner else "") or found.owner
    for place, name in enumerate(filter(None, (first, *found.descr[:3]))):
        match = finder.match(name, domain if place == 0 else "", found.country)
        if match is not None:
            if place and not _is_full_name(name):
                continue
            if place == 0 and first and _other_customer(first, found):
                return None
            return _Named(cleaned(name), match, _LATER_LINE if place else 0.0)
    return None


def _is_full_name(name: str) -> bool:
    """A line further down is often a street or a town: only a name with a legal form counts there."""
    return bool(normal_form(cleaned(name)).forms)


def _other_customer(holder: str, found: Range) -> bool:
    """Say whether the description of a holder's range names another firm: then that one uses it."""
    if not found.descr:
        return False
    told = normal_form(cleaned(found.descr[0]))
    own = normal_form(cleaned(holder))
    return bool(told.forms) and told.key != own.key and not set(told.words) & set(own.words)


def _serves_others(found: Range, name: str, prefix: Prefix) -> bool:
    text = "\n".join(("netname: " + found.netname, *(f"descr: {line}" for line in found.descr)))
    verdict = classify(
        NetworkFacts(
            range=str(prefix),
            registry=found.registry or None,
            netname=found.netname or None,
            owner=name,
            domain=found.domain or None,
            country=found.country or None,
            status=found.status or None,
            text=text,
        )
    )
    return verdict.owner_kind in (OwnerKind.CARRIER, OwnerKind.PERSON)


def _finding(account: Account, prefix: Prefix, named: _Named, found: Range, *, source: str, text: str) -> Finding:
    ceiling, waits = 1.0, ""
    if _HANDED_ON.search(found.status):
        ceiling = _HOLDER
        waits = f"It is an allocation ({found.status}), and its holder may hand parts of it on to others"
    return weighed(
        account,
        named.match,
        prefix,
        name=named.name,
        country=found.country,
        sure=_SURE,
        penalty=named.penalty,
        ceiling=ceiling,
        waits=waits,
        source=source,
        group="registry",
        text=text,
    )


def weighed(
    account: Account,
    match: AccountMatch,
    prefix: Prefix,
    *,
    name: str,
    country: str,
    sure: float,
    source: str,
    group: Group,
    text: str,
    penalty: float = 0.0,
    ceiling: float = 1.0,
    waits: str = "",
) -> Finding:
    """Return the finding that a source names `name`, which `match` takes for the account, as the user of `prefix`.

    `sure` is the confidence where nothing speaks against it; `waits` and `ceiling` are the source's own reserves.
    """
    doubt, cost, is_hard = _doubt(account, match, prefix, country)
    confidence = min(sure * match.confidence * len(match.candidates) - penalty - cost, ceiling)
    waits = doubt or waits
    if not waits and confidence < ACTS:
        waits = f"“{name}” is only close to the account's name"
    return Finding(
        account=account.id,
        prefix=str(prefix),
        organisation=name,
        source=source,
        group=group,
        text=text,
        confidence=round(max(confidence, 0.05), 3),
        waits=waits,
        is_hard=is_hard,
    )


def _doubt(account: Account, match: AccountMatch, prefix: Prefix, country: str) -> tuple[str, float, bool]:
    """Return why somebody must look first, what it costs, and whether no second source can settle it."""
    if match.account is None and len(match.candidates) > 1:
        others = ", ".join(other.name for other in match.candidates if other.id != account.id)
        return f"Other accounts are called so too: {others}", 0.0, True
    if match.account is None:
        return "The name is too plain to be sure that it is this account", _OTHER_COUNTRY, False
    if prefix.prefixlen < _WIDEST[prefix.version]:
        return f"{prefix} is so wide that many may use it", 0.0, True
    if not is_exact(match) and is_short(account):
        return "The account's name is so short that a name like it may be anybody's", 0.0, False
    if is_other_country(account.country, country):
        if is_exact(match) and is_telling(account):
            return "", _OTHER_COUNTRY_OF_TELLING, False
        told = f"It is registered in another country ({country}) than the account's ({account.country.upper()})"
        return told, _OTHER_COUNTRY, False
    return "", 0.0, False


def is_exact(match: AccountMatch) -> bool:
    """Say whether the account was found by its domain, or by its name letter for letter (but for form and spelling)."""
    return any(reason.code in _EXACT for reason in match.why)


def is_telling(account: Account) -> bool:
    """Say whether hardly anybody else is called so: at least two rare words. Then a branch abroad is the account's."""
    return sum(frequency(word) < _RARE for word in normal_form(account.name).words) > 1


def is_short(account: Account) -> bool:
    """Say whether no word of the name tells much: PT&T isn't AT&T."""
    return max((len(word) for word in normal_form(account.name).words), default=0) < _SHORT


def is_other_country(one: str, other: str) -> bool:
    """Say whether two ISO codes differ; what isn't a country's code says nothing."""
    codes = {code.strip().upper() for code in (one, other)}
    return len(codes) == 2 and all(len(code) == 2 and code not in NO_COUNTRY for code in codes)
