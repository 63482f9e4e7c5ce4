"""Evidence from networks that the operator or an account stated (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain import AccountId, Evidence, NetworkKind
from enrichment.network.addresses import Prefix, parse_prefix
from enrichment.network.prefix_table import PrefixTable


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
        read: list[tuple[Prefix, DeclaredNetwork]] = []
        problems: list[str] = []
        for row in rows:
            prefix = parse_prefix(row.prefix)
            if prefix is None:
                problems.append(f"Declared network {row.prefix!r} isn't a network such as 192.0.2.0/24: correct it")
                continue
            read.append((prefix, row))
        self._problems = tuple(problems)
        self._table = PrefixTable(read)

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return the statements about the longest declared prefix around the address, as one piece of evidence."""
        rows = self._table.around(ip)
        return (_stated(rows),) if rows else ()

    def refresh(self) -> bool:
        return False

    def problems(self) -> tuple[str, ...]:
        return self._problems


def _stated(rows: Sequence[DeclaredNetwork]) -> Evidence:
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
