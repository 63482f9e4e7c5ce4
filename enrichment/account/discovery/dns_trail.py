"""Follows the DNS of the accounts' own domains to addresses that may be theirs: weak evidence, never enough alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal, Protocol

from core.domain import Account, AccountId, NetworkKind
from enrichment.account.discovery.judging import Finding, may_be_anybodys
from enrichment.account.discovery.proposals import Proposal
from enrichment.account.domains import is_carrier, own_domain, registrable
from enrichment.network.addresses import Prefix, parse_prefix

Record = Literal["A", "AAAA", "MX", "TXT"]
LOOKUPS = 20
"""Questions about one domain: SPF itself allows ten, a runaway include ends here."""

_SURE = {"spf": 0.4, "mx": 0.45, "a": 0.25}
_WIDEST = {4: 22, 6: 44}
"""What is wider in an SPF record is a provider's."""
_SHARED_KINDS = (NetworkKind.HOSTING, NetworkKind.CONTENT, NetworkKind.VPN)
_WAITS = "Only the domain's DNS says so: it waits for a second source or for you"


class Dns(Protocol):
    """Answers questions about names; no answer in time is no records."""

    def records(self, name: str, kind: Record) -> Sequence[str]:
        """Return the records as text; of MX the host names alone."""
        ...


@dataclass(frozen=True, slots=True)
class _Trace:
    prefix: Prefix
    source: str
    text: str


def discover_dns(
    accounts: Iterable[Account],
    dns: Dns,
    kind_of: Callable[[str], NetworkKind],
    proposals: Callable[[Sequence[AccountId]], Mapping[AccountId, Sequence[Proposal]]],
    progress: Callable[[str, int, int], None],
) -> list[Finding]:
    """Return what the DNS says of the accounts' domains.

    What several accounts share is a provider's and counts for none, nor do hosters' networks (`kind_of` an address).
    An address inside a network proposed for the same account counts for that network: it is its second source.
    """
    wanted = [account for account in accounts if _domains(account)]
    traces: dict[AccountId, list[_Trace]] = {}
    for count, account in enumerate(wanted):
        progress("The accounts' DNS", count, len(wanted))
        traces[account.id] = [trace for domain in _domains(account) for trace in _follow(domain, dns)]
    progress("The accounts' DNS", len(wanted), len(wanted))
    users: dict[Prefix, set[AccountId]] = defaultdict(set)
    for account_id, found in traces.items():
        for trace in found:
            users[trace.prefix].add(account_id)
    known = proposals(list(traces))
    names = {account.id: account.name for account in wanted}
    return [
        finding
        for account_id, found in traces.items()
        for trace in found
        if len(users[trace.prefix]) == 1 and _may_be_own(trace, kind_of)
        for finding in _findings(account_id, names[account_id], trace, known.get(account_id, ()))
    ]


def _domains(account: Account) -> list[str]:
    own = filter(None, map(own_domain, account.domains))
    return [domain for domain in dict.fromkeys(own) if not is_carrier(domain)]


def _may_be_own(trace: _Trace, kind_of: Callable[[str], NetworkKind]) -> bool:
    kind = kind_of(str(trace.prefix.network_address))
    if trace.source == "a" and kind in (NetworkKind.ISP, NetworkKind.MOBILE):
        return False  # a carrier's own web hosting
    return kind not in _SHARED_KINDS


def _findings(account: AccountId, name: str, trace: _Trace, proposed: Sequence[Proposal]) -> Iterable[Finding]:
    around = [network for each in proposed if (network := parse_prefix(each.prefix)) and _holds(network, trace.prefix)]
    for prefix in around or [trace.prefix]:
        yield Finding(
            account=account,
            prefix=str(prefix),
            organisation=name,
            source=f"dns:{trace.source}",
            group="dns",
            text=trace.text,
            confidence=_SURE[trace.source],
            waits=_WAITS,
        )


def _holds(outer: Prefix, inner: Prefix) -> bool:
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and inner.network_address in outer


def _follow(domain: str, dns: Dns) -> list[_Trace]:
    asked = _Counted(dns)
    found = _of_spf(domain, domain, asked, set())
    for host in asked.records(domain, "MX"):
        if registrable(host) == domain:
            found += [_Trace(prefix, "mx", f"{host} takes mail for {domain}") for prefix in _addresses(host, asked)]
    for host in (domain, f"www.{domain}"):
        found += [_Trace(prefix, "a", f"{host} is there") for prefix in _addresses(host, asked)]
    return list({(trace.prefix, trace.source): trace for trace in found}.values())


class _Counted:
    def __init__(self, dns: Dns) -> None:
        self._dns = dns
        self._left = LOOKUPS

    def records(self, name: str, kind: Record) -> Sequence[str]:
        self._left -= 1
        return self._dns.records(name, kind) if self._left >= 0 else ()


def _of_spf(name: str, domain: str, dns: Dns, seen: set[str]) -> list[_Trace]:
    """Read `ip4:` and `ip6:`; `include:` and `redirect=` are followed inside the account's own domain alone."""
    if name in seen:
        return []
    seen.add(name)
    found: list[_Trace] = []
    for text in dns.records(name, "TXT"):
        words = text.split()
        if not words or words[0].lower() != "v=spf1":
            continue
        for word in words[1:]:
            term = word.lower().removeprefix("+")
            if term.startswith(("ip4:", "ip6:")):
                prefix = _prefix(term[4:])
                if prefix is not None:
                    found.append(_Trace(prefix, "spf", f"The SPF record of {name} names {prefix} as a sender"))
            elif term.startswith(("include:", "redirect=")):
                other = term.partition(":" if ":" in term else "=")[2].rstrip(".")
                if registrable(other) == domain:
                    found += _of_spf(other, domain, dns, seen)
    return found


def _addresses(host: str, dns: Dns) -> list[Prefix]:
    texts = (*dns.records(host, "A"), *dns.records(host, "AAAA"))
    return [prefix for text in texts if (prefix := _prefix(text)) is not None]


def _prefix(text: str) -> Prefix | None:
    try:
        if "/" not in text:
            ip_address(text)
        prefix = ip_network(text, strict=False)
    except ValueError:
        return None
    if prefix.prefixlen < _WIDEST[prefix.version] or not may_be_anybodys(prefix):
        return None
    return prefix
