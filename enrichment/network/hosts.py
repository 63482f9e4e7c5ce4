"""What a host name (reverse DNS) says about the network behind it (pure)."""

from __future__ import annotations

import re

from core.domain import NetworkKind
from enrichment.network import egress, trades, words
from enrichment.network.opinion import Opinion

_ACCESS = re.compile(
    r"(?<![a-z])(?:dial(?:up|in|-?in|-?up)?|[a-z]{0,4}ppp(?:oe)?|[a-z]{0,2}slip|pool|dyn(?:amic)?(?:ip)?|dhcp|[axvsh]?dsl"
    r"|cable|cpe|broadband|bband|user|client|customer|cust|subscriber|annex|pm|ts|tnt|modem|mdm|node|line|port|pipe"
    r"|static|ip|res(?:idential)?|home|mobile|gprs|lte|wireless|wifi|fib(?:er|re)|ftth|catv|docsis|hfc|bras|nas|as"
    r"|max|usr|async|remote|access|host|net|d|u|p)(?=[-_.]?\d|[-_.]|$)"
)
"""Words with which carriers name their lines, before a number or alone."""
_SURE_ACCESS = re.compile(
    r"(?<![a-z])(?:dial|ppp|slip|pool|dyn|dhcp|[axvsh]?dsl|cable|cpe|broadband|pppoe|catv|gprs|lte|ftth|docsis|hfc|bras)"
)
_ADDRESS = re.compile(r"\d{1,3}[-.x_]\d{1,3}[-.x_]\d{1,3}")
_GATE = re.compile(
    r"(?<![a-z])(?:gate(?:keeper|way)?|gw|fw|firewall|proxy|mail|mx|smtp|vpn|nat|inet\w?|corp|office|hq|internal|intra"
    r"|exchange|owa|citrix|remote|router|border|egress|outbound|www|ns|dmz|wall|lan)(?=[-_.\d]|$)|gate(?=[-_.\d]|$)"
)
"""Words with which companies name the machine through which they go out."""
_SECOND_LEVEL = frozenset(
    (
        "ac",
        "co",
        "com",
        "edu",
        "go",
        "gob",
        "gov",
        "gouv",
        "ltd",
        "mil",
        "me",
        "ne",
        "net",
        "nom",
        "or",
        "org",
        "plc",
        "sch",
    )
)
_ORGANISATIONS_TLD = frozenset(["com", "org", "biz", "co", "inc"])


def registrable(host: str) -> str:
    """Return the domain that was registered, by the usual second levels (an approximation: no list is asked)."""
    labels = host.strip().lower().strip(".").split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-count:])


def is_access_line(host: str) -> bool:
    """Say whether the host name is a carrier's for one of its customers' lines, such as `dsl-1-2-3.example.net`."""
    name = host.strip().lower().strip(".")
    own = name[: -len(registrable(name))].rstrip(".")
    return bool(own) and (_SURE_ACCESS.search(own) is not None or _ADDRESS.search(own) is not None)


def of_host(host: str) -> Opinion | None:
    """Return what a host name says about its network by itself; weak, but for universities and authorities."""
    name = host.strip().lower().strip(".")
    if "." not in name:
        return None
    domain = registrable(name)
    service = egress.of_domain(name)
    if service is not None:
        return service
    for candidate in (domain, name):
        if (opinion := trades.of_domain(candidate)) is not None:
            return Opinion(opinion.kind, opinion.confidence, opinion.text, "rdns:domain")
    brand, _, tld = domain.partition(".")
    own = name[: -len(domain)].rstrip(".")
    trade = trades.of_name(brand.replace("-", " "))
    if trade is not None and trade.kind is not NetworkKind.BUSINESS:
        return Opinion(trade.kind, 0.75, f"{name}: {trade.text}", "rdns:word")
    if own and (_SURE_ACCESS.search(own) or _ADDRESS.search(own)):
        return Opinion(NetworkKind.ISP, 0.8, f"{name} is named as carriers name their customers' lines", "rdns:line")
    for_carriers = tld.split(".")[0] == "net" or words.COINED.search(words.plain(brand)) is not None
    if for_carriers:
        return Opinion(NetworkKind.ISP, 0.7, f"{domain} is a domain as carriers have them", "rdns:domain")
    if own and _GATE.search(own):
        return Opinion(NetworkKind.BUSINESS, 0.6, f"{name} is named as companies name their way out", "rdns:gate")
    if own and _ACCESS.search(own):
        return Opinion(NetworkKind.ISP, 0.65, f"{name} is named as carriers name their customers' lines", "rdns:line")
    if trade is not None:
        return Opinion(NetworkKind.BUSINESS, 0.6, f"{name}: {trade.text}", "rdns:word")
    if own.count(".") >= 1 and tld.rsplit(".", 1)[-1] in _ORGANISATIONS_TLD:
        return Opinion(
            NetworkKind.BUSINESS, 0.45, f"{name} is a machine in a department, as companies have", "rdns:deep"
        )
    if re.search(r"\d", own.split(".")[0]):
        return Opinion(NetworkKind.ISP, 0.5, f"{name} is a numbered line or machine", "rdns:number")
    # A machine's own name under a domain of no known trade: customers of carriers name theirs, companies too.
    return Opinion(NetworkKind.ISP, 0.4, f"{name} may be a carrier's customer", "rdns:name")
