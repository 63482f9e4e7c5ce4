"""Judges from facts about a network what it is used for, what its owner is, and which organisation uses it (pure)."""

from __future__ import annotations

from dataclasses import replace

from core.domain import NetworkKind, OwnerKind, Reason
from enrichment.network import egress, hosts, trades
from enrichment.network.confidence import calibrated
from enrichment.network.judgement import KindVerdict as KindVerdict
from enrichment.network.judgement import NetworkFacts as NetworkFacts
from enrichment.network.judgement import of_opinion, organised, reason, verdict
from enrichment.network.opinion import ORGANISED
from enrichment.network.owners import same_name
from enrichment.network.systems import LARGE_AS as LARGE_AS
from enrichment.network.systems import of_system
from enrichment.network.users import of_user, user_of


def classify(facts: NetworkFacts) -> KindVerdict:
    """Return the judgement on a network. Precision first: a carrier, cloud or hoster is never called a business."""
    judged = _judged(facts)
    return replace(judged, confidence=round(calibrated(judged.confidence, judged.why), 3))


def _judged(facts: NetworkFacts) -> KindVerdict:
    system = trades.of_system(facts.asn, facts.as_name, facts.as_domain, facts.as_handle)
    user = user_of(facts)
    if user is None:
        return _with_lists(facts, of_system(facts, system))
    if user.is_person:
        return verdict(
            NetworkKind.ISP, OwnerKind.PERSON, 0.8, "The registry names a private person, whom we never name", "person"
        )
    if system is not None and facts.as_name and same_name(user.name, facts.as_name):
        return of_opinion(system, user.name, facts.domain or facts.as_domain)
    return of_user(facts, user, system)


def _with_lists(facts: NetworkFacts, judged: KindVerdict) -> KindVerdict:
    """Return the judgement on an AS with what lists of prefixes and the host name say of this part of it."""
    span = egress.span_of(facts.range)
    listed = egress.of_range(*span) if span else None
    # A list of data centres doesn't outweigh an organisation's own AS: ranges are sold, and lists are coarse.
    if listed is not None and (listed.kind is NetworkKind.VPN or judged.kind not in ORGANISED):
        return of_opinion(listed, None, None) if judged.kind is not NetworkKind.VPN else judged
    host = hosts.of_host(facts.rdns) if facts.rdns else None
    if facts.rdns is None or host is None:
        return judged
    if host.kind is NetworkKind.VPN:
        return of_opinion(host, None, None)
    if judged.kind is NetworkKind.UNKNOWN and not facts.as_name:
        # Nothing but a host name: whose it is, only a domain that leads back to the address says.
        return of_opinion(host, None, facts.domain if host.kind in ORGANISED else None)
    guessed = all(found.code.startswith(("model:", "unknown")) for found in judged.why)
    if guessed and judged.kind in (NetworkKind.BUSINESS, NetworkKind.UNKNOWN) and hosts.is_access_line(facts.rdns):
        return of_opinion(host, None, None) if host.kind not in ORGANISED else judged
    customers = judged.kind in (NetworkKind.ISP, NetworkKind.UNKNOWN) and facts.domain not in (None, facts.as_domain)
    if customers and host.code in ("rdns:gate", "rdns:domain") and host.kind in ORGANISED:
        leads = Reason(text=f"{facts.rdns} leads back to this address: it is {facts.domain}'s", code="rdns:confirmed")
        return organised(host.kind, None, facts.domain, 0.55, (leads, reason(host)))
    return judged
