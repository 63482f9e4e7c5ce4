"""Answers in memory: while they are read anew, the line goes on with those that were there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from enrichment.network.remote.answers import RegistryAnswer
from enrichment.network.remote.store import Changes, StoredHost, StoredRange
from enrichment.network.resolvers.rdns import RdnsResolver
from enrichment.network.resolvers.registry import RegistryResolver

NOW = datetime(2026, 11, 22, tzinfo=UTC)
IP = "192.0.2.10"


def test_a_registrys_word_is_never_missing_while_answers_are_read_anew() -> None:
    """Some answers expired, so all are read again: in between the customer is known, not its carrier alone."""
    answer = RegistryAnswer(registry="ripencc", first="192.0.2.8", last="192.0.2.15", organisation="Hartmann GmbH")
    row = StoredRange(answer=answer, found=True, at=NOW, fresh_until=NOW + timedelta(days=1), seq=1)
    changes, meanwhile = [Changes(seq=1)], []

    def since(seq: int) -> Sequence[StoredRange]:
        meanwhile.append(len(resolver.evidence(IP)) if resolver else -1)
        return [row] if seq < 1 else []

    resolver: RegistryResolver | None = None
    resolver = RegistryResolver(lambda: changes[-1], since)
    changes.append(Changes(seq=1, removed=1))
    assert resolver.refresh()
    assert (meanwhile, len(resolver.evidence(IP))) == ([-1, 1], 1)


def test_a_host_name_is_never_missing_while_names_are_read_anew() -> None:
    """The same for the DNS."""
    row = StoredHost(
        address_hash=f"hash of {IP}",
        host="vpn.example",
        confirmed=True,
        domain="vpn.example",
        at=NOW,
        fresh_until=NOW + timedelta(days=1),
        seq=1,
    )
    changes, meanwhile = [Changes(seq=1)], []

    def since(seq: int) -> Sequence[StoredHost]:
        meanwhile.append(len(resolver.evidence(IP)) if resolver else -1)
        return [row] if seq < 1 else []

    resolver: RdnsResolver | None = None
    resolver = RdnsResolver(lambda: changes[-1], since, lambda ip: f"hash of {ip}")
    changes.append(Changes(seq=1, removed=1))
    assert resolver.refresh()
    assert (meanwhile, len(resolver.evidence(IP))) == ([-1, 1], 1)
