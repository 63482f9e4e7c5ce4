"""Evidence from networks that the operator or an account stated (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from core.domain import AccountId, Evidence, NetworkKind
from enrichment.network.addresses import parse_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredNetwork:
    """One statement: this prefix is used by this account, or is of this kind."""

    prefix: str
    account: AccountId | None = None
    """None: the operator's own statement about a network of nobody's account."""
    organisation: str = ""
    kind: NetworkKind | None = None


class DeclaredResolver:
    """Finds the longest declared prefix around an address, in memory."""

    name = "declared"

    def __init__(self, rows: Iterable[DeclaredNetwork]) -> None:
        grouped: dict[tuple[int, int, int], list[DeclaredNetwork]] = {}
        problems: list[str] = []
        for row in rows:
            prefix = parse_prefix(row.prefix)
            if prefix is None:
                problems.append(f"Declared network {row.prefix!r} isn't a network such as 192.0.2.0/24: correct it")
                continue
            grouped.setdefault((prefix.version, prefix.prefixlen, int(prefix.network_address)), []).append(row)
        self._problems = tuple(problems)
        self._tables = _by_length(grouped)

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return the statements about the longest declared prefix around the address, as one piece of evidence."""
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
        return self._problems


_Table = dict[int, tuple[Evidence, ...]]


def _by_length(
    grouped: Mapping[tuple[int, int, int], list[DeclaredNetwork]],
) -> dict[int, tuple[tuple[int, _Table], ...]]:
    """Return, for each IP version, one table for each prefix length, longest first."""
    tables: dict[int, dict[int, _Table]] = {}
    for (version, length, base), rows in grouped.items():
        bits = 32 if version == 4 else 128
        tables.setdefault(version, {}).setdefault(length, {})[base >> (bits - length)] = (_stated(rows),)
    return {version: tuple(sorted(lengths.items(), reverse=True)) for version, lengths in tables.items()}


def _stated(rows: list[DeclaredNetwork]) -> Evidence:
    own_first = sorted(rows, key=lambda row: row.account is not None)
    names = {row.organisation for row in rows if row.organisation}
    prefix = parse_prefix(rows[0].prefix)
    return Evidence(
        source="declared",
        prefix=str(prefix),
        organisation=names.pop() if len(names) == 1 else None,
        kind=next((row.kind for row in own_first if row.kind is not None), None),
        accounts=tuple(sorted({row.account for row in rows if row.account is not None})),
    )
