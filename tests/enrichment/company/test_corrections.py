"""Corrections are kept, undone, and apply to every address inside the prefix."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from enrichment.company.corrections import Rejections
from enrichment.company.store import reject, rejected, undo

NOW = datetime(2026, 11, 22, tzinfo=UTC)
A, B = AccountId("A"), AccountId("B")


def test_rejection_is_in_force_until_undone(engine: Engine) -> None:
    """A correction counts until it is taken back; taking it back twice changes nothing."""
    with writing(engine) as connection:
        first = reject(connection, A, "192.0.2.0/24", "anna@example.com", NOW)
        again = reject(connection, A, "192.0.2.0/24", "anna@example.com", NOW)
        reject(connection, B, "192.0.2.0/24", "bob@example.com", NOW)
        assert first == again
        assert rejected(connection) == {"192.0.2.0/24": frozenset({A, B})}
    with writing(engine) as connection:
        assert (undo(connection, first, NOW), undo(connection, first, NOW)) == (True, False)
    with reading(engine) as connection:
        assert rejected(connection) == {"192.0.2.0/24": frozenset({B})}


def test_second_voice_keeps_a_correction_in_force(engine: Engine) -> None:
    """When two people said it and one takes it back, the other's word still counts."""
    with writing(engine) as connection:
        one = reject(connection, A, "192.0.2.0/24", "anna@example.com", NOW)
        reject(connection, A, "192.0.2.0/24", "bob@example.com", NOW)
        undo(connection, one, NOW)
        assert rejected(connection) == {"192.0.2.0/24": frozenset({A})}


def test_prefix_that_is_none_is_refused(engine: Engine) -> None:
    """A correction without a network could never apply."""
    with writing(engine) as connection, pytest.raises(InputError, match="isn't a network"):
        reject(connection, A, "somewhere", "anna@example.com", NOW)


def test_every_corrected_prefix_around_an_address_counts() -> None:
    """Wide and narrow corrections add up; addresses outside are free."""
    rejections = Rejections(
        {
            "192.0.2.0/24": frozenset({A}),
            "192.0.2.64/28": frozenset({B}),
            "2001:db8::/32": frozenset({B}),
        }
    )
    asked = ["192.0.2.1", "192.0.2.70", "198.51.100.1", "2001:db8::1", "nobody"]
    assert [rejections.of(ip) for ip in asked] == [{A}, {A, B}, set(), {B}, set()]
    assert Rejections({}).of("192.0.2.1") == frozenset()
