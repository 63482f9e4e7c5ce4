"""Declared networks are kept, overwritten and removed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import AccountId, NetworkKind
from core.errors import InputError
from enrichment.network.resolvers.declared import DeclaredNetwork
from enrichment.network.store import declare, declared, remove, remove_demo

NOW = datetime(2026, 11, 22, tzinfo=UTC)
A = AccountId("A")


def test_declared_network_comes_back_as_stated(engine: Engine) -> None:
    """The prefix is kept in its plain form; the same statement again overwrites."""
    with writing(engine) as connection:
        declare(connection, "192.0.2.9/24", A, "Alpha", NetworkKind.BUSINESS, now=NOW)
        declare(connection, "192.0.2.0-192.0.2.255", A, "Alpha GmbH", now=NOW)
        declare(connection, "2001:db8::/48", None, "", NetworkKind.VPN, now=NOW)
    with reading(engine) as connection:
        assert declared(connection) == (
            DeclaredNetwork(prefix="192.0.2.0/24", account=A, organisation="Alpha GmbH"),
            DeclaredNetwork(prefix="2001:db8::/48", kind=NetworkKind.VPN),
        )


def test_two_accounts_may_declare_one_network(engine: Engine) -> None:
    """Each account's statement is its own; removing one leaves the other."""
    with writing(engine) as connection:
        declare(connection, "192.0.2.0/24", A, now=NOW)
        declare(connection, "192.0.2.0/24", AccountId("B"), now=NOW)
        assert remove(connection, "192.0.2.0/24", A) is True
        assert remove(connection, "192.0.2.0/24", A) is False
        assert [row.account for row in declared(connection)] == ["B"]


@pytest.mark.parametrize("text", ["office", "192.0.2.0/33", "0.0.0.0/0", "2001::/8"])
def test_what_cannot_be_a_network_is_refused(engine: Engine, text: str) -> None:
    """Nonsense and half the internet are refused with an example of what to give."""
    with writing(engine) as connection, pytest.raises(InputError, match="network"):
        declare(connection, text, A, now=NOW)


def test_demo_statements_are_removed_together(engine: Engine) -> None:
    """The demo leaves without a trace; what the operator declared stays."""
    with writing(engine) as connection:
        declare(connection, "192.0.2.0/24", A, now=NOW, is_demo=True)
        declare(connection, "198.51.100.0/24", A, now=NOW)
        assert remove_demo(connection) == 1
        assert [row.prefix for row in declared(connection)] == ["198.51.100.0/24"]
