"""Evidence from what registries answered before; asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import ip_address
from threading import Lock

from core.domain import Evidence
from enrichment.network.remote.store import Changes, StoredRange

PRIVATE_PERSON = "Private person"
"""What stands for the name of a person that a registry names: verdicts read it as one and name nobody."""

_Table = dict[int, tuple[StoredRange, Evidence | None]]
_Tables = dict[int, dict[int, _Table]]
"""IP version → how many bits of an address are left out, the fewest first → the rest → the answer."""


class RegistryResolver:
    """Finds the narrowest range around an address among all answers, in memory: about 1 kB each."""

    name = "rdap"

    def __init__(self, changes: Callable[[], Changes], since: Callable[[int], Sequence[StoredRange]]) -> None:
        """`changes` says where the stored answers stand, `since` returns those after a point. Both are cheap."""
        self._changes = changes
        self._since = since
        self._known = Changes()
        self._tables: _Tables = {4: {}, 6: {}}
        self._refreshing = Lock()
        self.refresh()

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return what a registry said of the narrowest range around the address, however long ago."""
        found = self._find(ip)
        return (found[1],) if found and found[1] else ()

    def answer(self, ip: str) -> StoredRange | None:
        """Return the answer that holds the address, "no such network" included."""
        found = self._find(ip)
        return found[0] if found else None

    def narrower(self, registry: str, first: str, last: str, ip: str) -> tuple[str, ...]:
        """Return the registry's older ranges around the address that lie inside a newer answer's, as stored."""
        low, high = int(ip_address(first)), int(ip_address(last))
        return tuple(
            f"{item.answer.first}-{item.answer.last}"
            for item, _ in self._all(ip)
            if item.answer.registry == registry
            and low <= int(ip_address(item.answer.first))
            and int(ip_address(item.answer.last)) <= high
            and (item.answer.first, item.answer.last) != (first, last)
        )

    def refresh(self) -> bool:
        """Take up answers that have come since, and begin anew when some were removed.

        Other threads go on finding what was there: without a registry's word another company might be named.
        """
        with self._refreshing:
            now = self._changes()
            if now == self._known:
                return False
            is_anew = now.removed != self._known.removed
            tables: _Tables = {4: {}, 6: {}} if is_anew else self._tables
            seq = 0 if is_anew else self._known.seq
            for item in self._since(seq):
                _add(tables, item)
                seq = max(seq, item.seq)
            self._tables, self._known = tables, Changes(seq=max(seq, now.seq), removed=now.removed)
            return True

    def problems(self) -> tuple[str, ...]:
        return ()

    def _find(self, ip: str) -> tuple[StoredRange, Evidence | None] | None:
        nothing: tuple[StoredRange, Evidence | None] | None = None
        for item, evidence in self._all(ip):
            if evidence is not None:
                return item, evidence
            nothing = nothing or (item, evidence)
        return nothing

    def _all(self, ip: str) -> list[tuple[StoredRange, Evidence | None]]:
        """All answers around the address, narrowest first."""
        address = ip_address(ip)
        number = int(address)
        tables = self._tables[address.version]
        return [found for shift, table in tables.items() if (found := table.get(number >> shift))]


def _add(tables: _Tables, item: StoredRange) -> None:
    for network in item.answer.networks():
        shift = network.max_prefixlen - network.prefixlen
        by_shift = tables[network.version]
        if shift not in by_shift:  # another dictionary: somebody may be going through this one
            by_shift = tables[network.version] = dict(sorted({**by_shift, shift: {}}.items()))
        evidence = registry_evidence(item, str(network)) if item.found else None
        by_shift[shift][int(network.network_address) >> shift] = (item, evidence)


def registry_evidence(item: StoredRange, prefix: str) -> Evidence:
    """Return an answer as evidence about one prefix of its range."""
    answer = item.answer
    return Evidence(
        source=f"rdap:{answer.registry}",
        prefix=prefix,
        organisation=PRIVATE_PERSON if answer.is_person else answer.organisation,
        domain=answer.domain,
        country=answer.country,
        text=answer.text,
        registry=answer.registry,
        netname=answer.netname,
        status=answer.status,
        at=item.at,
    )


def is_fresh(item: StoredRange, now: datetime) -> bool:
    """Say whether an answer needn't be asked for again yet."""
    return now < item.fresh_until
