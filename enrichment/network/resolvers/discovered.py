"""Evidence from networks that were found to be an account's: in registries, AS names, the domain's DNS (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain import AccountId, Evidence
from enrichment.network.addresses import parse_prefix
from enrichment.network.prefix_table import PrefixTable


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


class DiscoveredResolver:
    """Finds the longest discovered prefix around an address, in memory."""

    name = "discovered"

    def __init__(self, rows: Iterable[DiscoveredNetwork]) -> None:
        self._table = PrefixTable((prefix, row) for row in rows if (prefix := parse_prefix(row.prefix)) is not None)

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return what is said of the longest discovered prefix around the address, as one piece of evidence."""
        rows = self._table.around(ip)
        return (_stated(rows),) if rows else ()

    def refresh(self) -> bool:
        return False

    def problems(self) -> tuple[str, ...]:
        return ()


def _stated(rows: Sequence[DiscoveredNetwork]) -> Evidence:
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
