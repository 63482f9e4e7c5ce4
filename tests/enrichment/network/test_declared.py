"""Declared networks: the longest prefix counts, two accounts on one prefix are both told."""

from __future__ import annotations

from core.domain import AccountId, NetworkKind
from enrichment.network.resolvers.declared import DeclaredNetwork, DeclaredResolver

A, B = AccountId("A"), AccountId("B")


def test_longest_prefix_wins() -> None:
    """Of overlapping statements the narrower counts, in both versions of IP."""
    resolver = DeclaredResolver(
        [
            DeclaredNetwork(prefix="192.0.2.0/24", account=A, organisation="Alpha"),
            DeclaredNetwork(prefix="192.0.2.64/28", account=B, organisation="Beta"),
            DeclaredNetwork(prefix="2001:db8::/32", account=A),
            DeclaredNetwork(prefix="2001:db8:7::/48", account=B),
        ]
    )
    asked = ["192.0.2.1", "192.0.2.70", "2001:db8::1", "2001:db8:7::1"]
    found = [(item.prefix, item.accounts) for ip in asked for item in resolver.evidence(ip)]
    assert found == [
        ("192.0.2.0/24", (A,)),
        ("192.0.2.64/28", (B,)),
        ("2001:db8::/32", (A,)),
        ("2001:db8:7::/48", (B,)),
    ]


def test_two_accounts_on_one_prefix_are_both_told() -> None:
    """A shared network names every account, and no single organisation."""
    resolver = DeclaredResolver(
        [
            DeclaredNetwork(prefix="192.0.2.0/24", account=B, organisation="Beta"),
            DeclaredNetwork(prefix="192.0.2.0/24", account=A, organisation="Alpha"),
        ]
    )
    (evidence,) = resolver.evidence("192.0.2.9")
    assert (evidence.accounts, evidence.organisation) == ((A, B), None)


def test_operators_own_statement_sets_the_kind() -> None:
    """A statement without account says what a network is, and counts before an account's."""
    resolver = DeclaredResolver(
        [
            DeclaredNetwork(prefix="192.0.2.0/24", account=A, kind=NetworkKind.BUSINESS),
            DeclaredNetwork(prefix="192.0.2.0/24", kind=NetworkKind.VPN),
        ]
    )
    assert [item.kind for item in resolver.evidence("192.0.2.9")] == [NetworkKind.VPN]


def test_address_outside_has_no_evidence() -> None:
    """Nothing is said about addresses outside every declared prefix, nor by an empty table."""
    resolver = DeclaredResolver([DeclaredNetwork(prefix="192.0.2.0/24", account=A)])
    assert resolver.evidence("198.51.100.1") == resolver.evidence("2001:db8::1") == ()
    assert DeclaredResolver([]).evidence("192.0.2.1") == ()


def test_bad_prefix_is_a_problem_not_a_crash() -> None:
    """A row that isn't a network is named among the problems; the others work."""
    resolver = DeclaredResolver(
        [DeclaredNetwork(prefix="192.0.2.0/99", account=A), DeclaredNetwork(prefix="192.0.2.0/24", account=B)]
    )
    assert [item.accounts for item in resolver.evidence("192.0.2.1")] == [(B,)]
    assert len(resolver.problems()) == 1
    assert "192.0.2.0/99" in resolver.problems()[0]
