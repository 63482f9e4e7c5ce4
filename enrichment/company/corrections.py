"""Applies what people said: this network is not that account (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from core.domain import AccountId
from enrichment.network.addresses import parse_prefix


class Rejections:
    """Finds which accounts a network is not, by every corrected prefix around an address."""

    def __init__(self, by_prefix: Mapping[str, frozenset[AccountId]]) -> None:
        self._tables: dict[tuple[int, int], dict[int, frozenset[AccountId]]] = {}
        for text, accounts in by_prefix.items():
            if prefix := parse_prefix(text):
                shift = prefix.max_prefixlen - prefix.prefixlen
                table = self._tables.setdefault((prefix.version, shift), {})
                key = int(prefix.network_address) >> shift
                table[key] = table.get(key, frozenset()) | accounts

    def of(self, ip: str) -> frozenset[AccountId]:
        """Return the accounts that people said the network of this address is not; `ip` as in `Network.ip`."""
        if not self._tables:
            return frozenset()
        try:
            address = ip_address(ip)
        except ValueError:
            return frozenset()
        found: frozenset[AccountId] = frozenset()
        for (version, shift), table in self._tables.items():
            if version == address.version:
                found |= table.get(int(address) >> shift, frozenset())
        return found
