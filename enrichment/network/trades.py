"""What a name, a domain or an AS number says by itself about its owner's trade (pure)."""

from __future__ import annotations

import re

from core.domain import NetworkKind
from enrichment.network import egress, words
from enrichment.network.known import known_networks
from enrichment.network.opinion import ORGANISED, Opinion

_EDU_DOMAIN = re.compile(r"\.(?:edu|(?:edu|ac|sch|k12)\.[a-z]{2}|k12\.[a-z]{2}\.us)$")
_GOV_DOMAIN = re.compile(
    r"(?:^|\.)(?:gov|mil|(?:gov|gob|gouv|gub|govt|mil|go|gc|lg|gv)\.[a-z]{2}"
    r"|admin\.ch|bund\.de|europa\.eu|fed\.us|state\.[a-z]{2}\.us)$"
)

_TRADES: tuple[tuple[NetworkKind, words.WordList, float, str], ...] = (
    (NetworkKind.EDUCATION, words.EDUCATION, 0.85, "a school, university or research network"),
    (NetworkKind.GOVERNMENT, words.GOVERNMENT, 0.85, "a public authority"),
    (NetworkKind.CONTENT, words.CONTENT, 0.85, "a content service"),
    (NetworkKind.HOSTING, words.HOSTING, 0.8, "a hosting or cloud service"),
    (NetworkKind.ISP, words.CARRIER, 0.85, "a carrier"),
    (NetworkKind.MOBILE, words.MOBILE, 0.8, "a mobile carrier"),
    (NetworkKind.BUSINESS, words.BUSINESS, 0.75, "a company with another trade than networks"),
)


def of_name(name: str) -> Opinion | None:
    """Return what the words of a name say about its owner's trade; None when they say nothing.

    The order counts: a university's telephone department is a university, a carrier's bank holding is a carrier.
    """
    if (service := egress.of_name(name)) is not None:
        return service
    text = words.plain(name)
    for kind, pattern, confidence, say in _TRADES:
        if word := pattern.find(text):
            if kind is NetworkKind.GOVERNMENT and words.LEGAL_FORM.find(text):
                continue  # North County Pizza Inc is no county
            if kind in _OF_NETWORKS and word in words.ORDINARY and words.BUSINESS.find(text):
                continue  # Shaw Accounting Group isn't Shaw Cable
            whole = words.around(word, text)
            return Opinion(kind, confidence, f"“{whole}” in the name “{name}” points to {say}", f"name:{kind}", word)
    return None


def of_domain(domain: str) -> Opinion | None:
    """Return what a domain says about its owner: universities and authorities have their own."""
    name = domain.strip().lower().rstrip(".")
    if (service := egress.of_domain(name)) is not None:
        return service
    known = known_networks()
    if name in known.us_authorities or _GOV_DOMAIN.search(name):
        return Opinion(NetworkKind.GOVERNMENT, 0.93, f"{name} is an authority's domain", "domain:government")
    if name in known.universities or _EDU_DOMAIN.search(name):
        return Opinion(NetworkKind.EDUCATION, 0.93, f"{name} is a school's or university's domain", "domain:education")
    return None


def of_number(asn: int | None) -> Opinion | None:
    """Return what public lists say of an AS number."""
    if asn is None:
        return None
    if (service := egress.of_number(asn)) is not None:
        return service
    known = known_networks()
    if asn in known.vpn:
        return Opinion(NetworkKind.VPN, 0.95, f"AS{asn} is on a public list of VPN networks", "egress:vpn")
    if asn in known.hosting:
        return Opinion(NetworkKind.HOSTING, 0.9, f"AS{asn} is on a public list of hosting networks", "list:hosting")
    return None


def of_system(
    asn: int | None, name: str | None, domain: str | None = None, handle: str | None = None
) -> Opinion | None:
    """Return what number, domain, name and handle together say about the owner of an AS; None when nothing."""
    if (opinion := of_number(asn)) is not None:
        return opinion
    if domain and (opinion := of_domain(domain)) is not None:
        return opinion
    opinion = of_name(name) if name else None
    if opinion is not None and opinion.kind is not NetworkKind.BUSINESS:
        return opinion
    for further in (domain.replace("-", " ") if domain else None, handle):
        other = of_name(further) if further else None
        if other is not None and other.kind not in ORGANISED and other.word not in _WEAK:
            return other  # a steel works doesn't call itself Example-Telecom anywhere
    return opinion


_OF_NETWORKS = (NetworkKind.HOSTING, NetworkKind.ISP, NetworkKind.MOBILE)
_WEAK = ("internet", "network", "networks")
"""Words that any company's AS may have in its handle, such as `EXAMPLE-INTERNET-AS`."""
