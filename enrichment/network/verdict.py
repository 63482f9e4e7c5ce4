"""Weighs what the sources say about an address into one verdict (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain import Evidence, Network, NetworkKind, OwnerKind, Reason
from enrichment.network.addresses import neighbourhood, not_public, parse_address, parse_prefix
from enrichment.network.kinds import KindVerdict, NetworkFacts, classify
from enrichment.network.owners import same_name

_DECLARED = 0.97
OWN_MAPS = ("learned", "discovered")
"""Sources that name accounts by what we found out ourselves, in the order in which they count."""
_AT_A_HOSTER = 0.6
"""What a discovered network is worth where other sources say that machines stand there."""
_ORGANISED = (NetworkKind.BUSINESS, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)


def judge(ip: str, evidence: Sequence[Evidence]) -> Network:
    """Return the verdict on an address from all evidence about it, in the sources' order.

    What people declared beats every database. Without any evidence a private or reserved address is said to be one;
    with evidence it is judged like any other (an operator may declare a network behind a proxy).
    """
    declared = next((item for item in evidence if item.source == "declared"), None)
    if declared is not None and (declared.accounts or declared.kind is not None):
        return _by_declaration(ip, declared, evidence)
    maps = (item for item in evidence if item.source in OWN_MAPS and item.accounts)
    own = next((item for item in maps if not _is_anothers_now(item, evidence)), None)
    if own is not None:
        return _by_own_map(ip, own, evidence)
    if not evidence:
        return _without_evidence(ip)
    facts = _facts(evidence)
    stated = next((item for item in evidence if item.kind is not None and not _outdone(item, evidence)), None)
    verdict = _weighed(classify(facts), stated)
    # A host name is about one address; the network is what a registry or a route says.
    narrowest = max((item for item in evidence if item.source != "rdns"), key=_length, default=evidence[0])
    return Network(
        ip=ip,
        prefix=narrowest.prefix,
        kind=verdict.kind,
        owner_kind=verdict.owner_kind,
        organisation=verdict.organisation,
        domain=verdict.domain,
        asn=facts.asn,
        accounts=(),
        confidence=verdict.confidence if verdict.organisation else 0.0,
        evidence=tuple(evidence),
        why=verdict.why,
        country=facts.country,
        registered=verdict.registered,
        guess=verdict.confidence if verdict.registered else 0.0,
    )


def _by_declaration(ip: str, declared: Evidence, evidence: Sequence[Evidence]) -> Network:
    shared = len(declared.accounts) > 1
    kind = declared.kind or NetworkKind.BUSINESS
    if shared:
        text = f"{declared.prefix} was declared by {len(declared.accounts)} accounts: it may be any of them"
    elif declared.accounts:
        text = f"{declared.prefix} was declared as the network of {declared.organisation or 'this account'}"
    else:
        text = f"{declared.prefix} was declared by you to be of the kind {kind}"
    names_somebody = bool(declared.accounts or declared.organisation)
    facts = _facts(evidence)
    return Network(
        ip=ip,
        prefix=declared.prefix,
        kind=kind,
        owner_kind=_OWNERS.get(kind, OwnerKind.CARRIER),
        organisation=declared.organisation,
        domain=declared.domain,
        asn=facts.asn,
        accounts=declared.accounts,
        confidence=(_DECLARED / (2 if shared else 1)) if names_somebody else 0.0,
        evidence=tuple(evidence),
        why=(Reason(text=text, code="declared:shared" if shared else "declared"),),
        country=facts.country,
    )


def _by_own_map(ip: str, own: Evidence, evidence: Sequence[Evidence]) -> Network:
    """The verdict where our own map of networks names accounts: as sure as the map is."""
    share = (own.strength or 0.0) / len(own.accounts)
    facts = _facts(evidence)
    why: tuple[Reason, ...] = (Reason(text=own.text, code=own.source),)
    if own.source == "discovered" and (doubt := _of_machines(own, evidence)):
        share *= _AT_A_HOSTER
        why = (*why, doubt)
    return Network(
        ip=ip,
        prefix=own.prefix,
        kind=own.kind or NetworkKind.BUSINESS,
        owner_kind=OwnerKind.COMPANY,
        organisation=own.organisation,
        domain=own.domain,
        asn=facts.asn,
        accounts=own.accounts,
        confidence=share,
        evidence=tuple(evidence),
        why=why,
        country=facts.country,
    )


def _is_anothers_now(own: Evidence, evidence: Sequence[Evidence]) -> bool:
    """Say whether a network found earlier is handed on here: a narrower range inside it is another organisation's."""
    return own.source == "discovered" and any(
        item.organisation and _length(item) > _length(own) and not same_name(item.organisation, own.organisation or "")
        for item in evidence
        if item.source not in (*OWN_MAPS, "rdns")
    )


def _of_machines(own: Evidence, evidence: Sequence[Evidence]) -> Reason | None:
    """Return why a discovered network may be a customer's servers or its VPN rather than its people, or None.

    A registry gives companies ranges in data centres too. The company's own AS isn't one, whatever it is called.
    """
    others = [item for item in evidence if item.source not in OWN_MAPS]
    facts = _facts(others) if others else None
    if facts is None or (facts.as_name and same_name(facts.as_name, own.organisation or "")):
        return None
    kind = next((item.kind for item in others if item.kind is not None), None) or classify(facts).kind
    if kind not in (NetworkKind.HOSTING, NetworkKind.VPN, NetworkKind.CONTENT):
        return None
    text = f"Other sources call it {kind}: servers stand there, and visits may be anybody's through them"
    return Reason(text=text, code="discovered:machines")


def _without_evidence(ip: str) -> Network:
    address = parse_address(ip)
    if address is None:
        why = Reason(text="This isn't an address", code="address:invalid")
    elif special := not_public(address):
        why = Reason(text=special, code="address:private")
    else:
        why = Reason(text="No network database knows this address", code="unknown")
    return Network(
        ip=ip,
        prefix=str(neighbourhood(address)) if address else "",
        kind=NetworkKind.UNKNOWN,
        owner_kind=OwnerKind.UNCLEAR,
        organisation=None,
        domain=None,
        asn=None,
        accounts=(),
        confidence=0.0,
        evidence=(),
        why=(why,),
    )


def _facts(evidence: Sequence[Evidence]) -> NetworkFacts:
    """Return the facts that all evidence gives together; the first source that says something counts."""
    system = next((item for item in evidence if item.asn is not None or item.as_name), None)
    size = next((item for item in evidence if item.as_addresses is not None), None)
    owner = next((item for item in evidence if item.organisation), None)
    return NetworkFacts(
        asn=system.asn if system else None,
        as_name=system.as_name if system else None,
        as_domain=next((item.as_domain for item in evidence if item.as_domain), None),
        as_handle=next((item.as_handle for item in evidence if item.as_handle), None),
        as_addresses=size.as_addresses if size else None,
        as_prefixes=size.as_prefixes if size else None,
        range=(owner or system or evidence[0]).prefix if evidence else None,
        owner=owner.organisation if owner else None,
        domain=next((item.domain for item in evidence if item.domain), None),
        country=_country(owner or system, evidence),
        text=next((item.text for item in evidence if item.text and item.source not in OWN_MAPS), None),
        registry=next((item.registry for item in evidence if item.registry), None),
        netname=next((item.netname for item in evidence if item.netname), None),
        status=next((item.status for item in evidence if item.status), None),
        rdns=next((item.host for item in evidence if item.host), None),
    )


def _country(named_by: Evidence | None, evidence: Sequence[Evidence]) -> str | None:
    """Return the country that the source of the organisation's name gives, else the first that any source gives."""
    first = (named_by, *evidence) if named_by is not None else evidence
    code = next((item.country for item in first if item.country), None)
    return code.strip().upper() if code else None


def _weighed(verdict: KindVerdict, stated: Evidence | None) -> KindVerdict:
    """Return the verdict with a source's own statement of the kind taken in.

    A statement that the network serves others silences; one that it is a company's own counts only where no word or
    list contradicts it. What our model merely guesses doesn't.
    """
    if stated is None or stated.kind is None or stated.kind is verdict.kind:
        return verdict
    why = Reason(text=f"{stated.source.partition(':')[2] or stated.source} says {stated.kind}", code="source:kind")
    if stated.kind not in _ORGANISED:
        return KindVerdict(
            kind=stated.kind,
            owner_kind=OwnerKind.CARRIER,
            organisation=None,
            domain=None,
            confidence=0.9,
            why=(why,),
        )
    guessed = any(reason.code.startswith("model:") for reason in verdict.why)
    if verdict.kind not in (*_ORGANISED, NetworkKind.UNKNOWN) and not guessed:
        return verdict
    return KindVerdict(
        kind=stated.kind,
        owner_kind=_OWNERS[stated.kind],
        organisation=verdict.organisation or stated.organisation or stated.as_name,
        domain=verdict.domain or stated.domain or stated.as_domain,
        confidence=max(verdict.confidence, 0.8),
        why=(why, *(() if guessed else verdict.why)),
    )


_OWNERS = {
    NetworkKind.BUSINESS: OwnerKind.COMPANY,
    NetworkKind.EDUCATION: OwnerKind.PUBLIC,
    NetworkKind.GOVERNMENT: OwnerKind.PUBLIC,
    NetworkKind.UNKNOWN: OwnerKind.UNCLEAR,
}


def _outdone(stated: Evidence, evidence: Sequence[Evidence]) -> bool:
    """Say whether a registry names the user of a part of what a source calls a carrier's."""
    return stated.kind is NetworkKind.ISP and any(
        item.registry and item.organisation and _length(item) > _length(stated) for item in evidence
    )


def _length(item: Evidence) -> int:
    prefix = parse_prefix(item.prefix)
    return prefix.prefixlen if prefix else -1
