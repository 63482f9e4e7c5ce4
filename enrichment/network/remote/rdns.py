"""Asks DNS which host name an address has, and whether the name leads back to it, by dnspython."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename

from core.errors import InputError
from enrichment.network.remote.hosts import HostKind, is_host_name, read_host, without_address
from enrichment.network.remote.transport import CallError, NoRecordError

_MOST_NAMES = 3
"""Names of one address that are followed: some have hundreds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAnswer:
    """The host name of an address, as it may be kept."""

    host: str
    """Without the numbers of the address."""
    confirmed: bool
    """The name leads back to the address: whoever holds the domain says so too."""
    kind: HostKind
    domain: str | None
    """The registrable domain, only where the name is confirmed and of a machine of somebody's own."""


class RdnsClient:
    """Asks one name server, or the system's, with a time limit of its own."""

    def __init__(self, server: str, registrable: Callable[[str], str | None], *, seconds: float = 3.0) -> None:
        """`server` is `address`, `address:port` or `[address]:port`; empty: the system's own.

        Raises InputError when there is none to ask.
        """
        try:
            self._resolver = dns.resolver.Resolver(configure=not server)
        except dns.resolver.NoResolverConfiguration:
            raise InputError("this system names no DNS server: set DORMOUSE_DNS_SERVER") from None
        if server:
            host, port = split_server(server)
            self._resolver.nameservers = [host]
            self._resolver.port = port
        self._resolver.timeout = seconds / 2
        self._resolver.lifetime = seconds
        self._resolver.retry_servfail = False
        self._resolver.search = []
        self._resolver.use_search_by_default = False
        self._registrable = registrable

    def ask(self, ip: str) -> HostAnswer:
        """Return the address's host name; a confirmed one first.

        Raises NoRecordError when it has none, CallError when nobody answers in time.
        """
        address = ip_address(ip)
        names = self._look_up(str(dns.reversename.from_address(ip)), "PTR")
        hosts = [name.rstrip(".").lower() for name in names[:_MOST_NAMES] if is_host_name(name)]
        if not hosts:
            raise NoRecordError("it has no host name")
        confirmed = next((host for host in hosts if self._leads_back(host, ip)), None)
        host = confirmed or hosts[0]
        kind = read_host(host, address)
        own = confirmed is not None and kind is HostKind.BUSINESS
        return HostAnswer(
            host=without_address(host, address),
            confirmed=confirmed is not None,
            kind=kind,
            domain=self._registrable(host) if own else None,
        )

    def _leads_back(self, host: str, ip: str) -> bool:
        try:
            found = self._look_up(host, "A" if "." in ip else "AAAA")
        except (NoRecordError, CallError):
            return False
        return any(_same(text, ip) for text in found)

    def _look_up(self, name: str, kind: str) -> list[str]:
        try:
            answer = self._resolver.resolve(name, dns.rdatatype.from_text(kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            raise NoRecordError("no such name") from None
        except dns.exception.DNSException as error:
            raise CallError(f"no answer ({type(error).__name__})") from None
        return [_text(item) for item in answer]


def split_server(server: str) -> tuple[str, int]:
    """Read `address`, `address:port` or `[address]:port`. Raises InputError for what is none."""
    text, port = server.strip(), 53
    if text.startswith("["):
        text, _, rest = text[1:].partition("]")
        port_text = rest.removeprefix(":")
    elif text.count(":") == 1:
        text, _, port_text = text.partition(":")
    else:
        port_text = ""
    try:
        return str(ip_address(text)), int(port_text) if port_text else port
    except ValueError:
        raise InputError(
            f"DORMOUSE_DNS_SERVER={server!r}: give an address such as 192.0.2.53 or 192.0.2.53:5353"
        ) from None


def _text(item: object) -> str:
    target = getattr(item, "target", None)
    return target.to_unicode() if isinstance(target, dns.name.Name) else str(item)


def _same(text: str, ip: str) -> bool:
    try:
        return ip_address(text) == ip_address(ip)
    except ValueError:
        return False
