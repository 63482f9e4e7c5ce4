"""Evidence from host names that the DNS gave before; asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from threading import Lock

from core.domain import Evidence
from enrichment.network.remote.store import Changes, StoredHost


class RdnsResolver:
    """Finds an address's host name in memory, by the keyed hash of the address: about 300 bytes each."""

    name = "rdns"

    def __init__(
        self,
        changes: Callable[[], Changes],
        since: Callable[[int], Sequence[StoredHost]],
        hashed: Callable[[str], str],
    ) -> None:
        """`hashed` returns the keyed hash of an address, as it is stored."""
        self._changes = changes
        self._since = since
        self._hashed = hashed
        self._known = Changes()
        self._hosts: dict[str, StoredHost] = {}
        self._refreshing = Lock()
        self.refresh()

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return the address's host name; its domain only where the name leads back to the address."""
        found = self.answer(ip)
        if found is None or found.host is None:
            return ()
        address = ip_address(ip)
        return (
            Evidence(
                source="rdns",
                prefix=f"{ip}/{address.max_prefixlen}",
                domain=found.domain if found.confirmed else None,
                host=found.host,
                confirmed=found.confirmed,
                at=found.at,
            ),
        )

    def answer(self, ip: str) -> StoredHost | None:
        """Return what is stored of the address, "no name" included."""
        return self._hosts.get(self._hashed(ip)) if self._hosts else None

    def refresh(self) -> bool:
        """Take up host names that have come since, and begin anew when some were removed.

        Other threads go on finding what was there.
        """
        with self._refreshing:
            now = self._changes()
            if now == self._known:
                return False
            is_anew = now.removed != self._known.removed
            hosts: dict[str, StoredHost] = {} if is_anew else self._hosts
            seq = 0 if is_anew else self._known.seq
            for item in self._since(seq):
                hosts[item.address_hash] = item
                seq = max(seq, item.seq)
            self._hosts, self._known = hosts, Changes(seq=max(seq, now.seq), removed=now.removed)
            return True

    def problems(self) -> tuple[str, ...]:
        return ()
