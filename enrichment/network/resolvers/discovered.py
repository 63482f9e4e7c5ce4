"""Evidence from networks that were found to be an account's: in registries, AS names, the domain's DNS (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from core.domain import AccountId, Evidence
from enrichment.network.addresses import parse_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredNetwork:
    """One network that counts as an account's."""

    prefix: str
    account: AccountId
    organisation: str
    strength: float
    """0 to 1: how sure the sources together are."""
    text: str
    """What the sources say, as a sentence."""
    at: datetime


_Table = dict[int, tuple[Evidence, ...]]


class DiscoveredResolver:
    """Finds the longest discovered prefix around an address, in memory."""

    name = "discovered"

    def __init__(self, rows: Iterable[DiscoveredNetwork]) -> None:
        grouped: dict[tuple[int, int, int], list[DiscoveredNetwork]] = {}
        for row in rows:
            prefix = parse_prefix(row.prefix)
            if prefix is not None:
                grouped.setdefault((prefix.version, prefix.prefixlen, int(prefix.network_address)), []).append(row)
        tables: dict[int, dict[int, _Table]] = {}
        for (version, length, base), found in grouped.items():
            bits = 32 if version == 4 else 128
            tables.setdefault(version, {}).setdefault(length, {})[base >> (bits - length)] = (_stated(found),)
        self._tables = {version: tuple(sorted(lengths.items(), reverse=True)) for version, lengths in tables.items()}

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return what is said of the longest discovered prefix around the address, as one piece of evidence."""
        if not self._tables:
            return ()
        address = ip_address(ip)
        number, bits = int(address), address.max_prefixlen
        for length, table in self._tables.get(address.version, ()):
            found = table.get(number >> (bits - length))
            if found is not None:
                return found
        return ()

    def refresh(self) -> bool:
        return False

    def problems(self) -> tuple[str, ...]:
        return ()


def _stated(rows: list[DiscoveredNetwork]) -> Evidence:
    names = {row.organisation for row in rows if row.organisation}
    return Evidence(
        source="discovered",
        prefix=str(parse_prefix(rows[0].prefix)),
        organisation=names.pop() if len(names) == 1 else None,
        accounts=tuple(sorted({row.account for row in rows})),
        strength=max(row.strength for row in rows),
        text=rows[0].text,
        at=max(row.at for row in rows),
    )
