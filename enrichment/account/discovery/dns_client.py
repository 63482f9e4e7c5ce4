"""Asks the DNS by dnspython, with short waits; what the vendor knows stops here."""

from __future__ import annotations

from collections.abc import Sequence

import dns.exception
import dns.resolver

from enrichment.account.discovery.dns_trail import Record


class DnsClient:
    """The system's resolver, or the one at `server`."""

    def __init__(self, server: str = "", port: int = 53, *, timeout: float = 2.0, total: float = 4.0) -> None:
        """Wait `timeout` seconds for one server and `total` for an answer."""
        self._resolver = dns.resolver.Resolver(configure=not server)
        if server:
            self._resolver.nameservers = [server]
            self._resolver.port = port
        self._resolver.timeout, self._resolver.lifetime = timeout, total
        self._resolver.cache = dns.resolver.LRUCache()

    def records(self, name: str, kind: Record) -> Sequence[str]:
        """Return the records as text; of MX the host names alone; none when nobody answers."""
        try:
            answer = self._resolver.resolve(name, kind, raise_on_no_answer=False, search=False)
        except (dns.exception.DNSException, OSError, UnicodeError):
            return ()
        if answer.rrset is None:
            return ()
        if kind == "MX":
            return [record.exchange.to_text(omit_final_dot=True).lower() for record in answer.rrset]
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset]
        return [record.to_text() for record in answer.rrset]
