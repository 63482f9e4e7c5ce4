"""Finds the longest prefix around an address among many, in memory (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Generic, TypeVar

from enrichment.network.addresses import Prefix

Row = TypeVar("Row")


class PrefixTable(Generic[Row]):
    """What is said of prefixes, found by address. Built once, then only read: one dictionary a length."""

    def __init__(self, rows: Iterable[tuple[Prefix, Row]]) -> None:
        tables: dict[int, dict[int, dict[int, list[Row]]]] = {}
        for prefix, row in rows:
            base = int(prefix.network_address) >> (prefix.max_prefixlen - prefix.prefixlen)
            by_length = tables.setdefault(prefix.version, {})
            by_length.setdefault(prefix.prefixlen, {}).setdefault(base, []).append(row)
        self._tables = {version: sorted(lengths.items(), reverse=True) for version, lengths in tables.items()}

    def around(self, ip: str) -> Sequence[Row]:
        """Return the rows of the longest prefix around the address, in the order given; none where no prefix is."""
        if not self._tables:
            return ()
        address = ip_address(ip)
        number, bits = int(address), address.max_prefixlen
        for length, table in self._tables.get(address.version, ()):
            found = table.get(number >> (bits - length))
            if found is not None:
                return found
        return ()
