"""The evidence of the learned map in the database: once each, read in part, expired and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import AccountId
from enrichment.network.learned import store
from enrichment.network.learned.observation import Observation, observation

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def seen(account: str, days_ago: float) -> Observation:
    """A sign-in."""
    at = NOW - timedelta(days=days_ago)
    found = observation("s", "2001:db8::7", AccountId(account), "login", at, user="eva")
    assert found is not None
    return found


def test_evidence_is_kept_once_and_ends(any_engine: Engine) -> None:
    """On either database: the same again is nothing new, only what is newer is read, old and unwanted go."""
    found = [seen("A", 1), seen("A", 89), seen("B", 2)]
    later = NOW + timedelta(hours=1)
    with writing(any_engine) as connection:
        assert store.observe(connection, [*found, found[0]], NOW) == 3
        assert store.observe(connection, found, later) == 0
        assert store.observe(connection, [seen("B", 3)], later) == 1
    with reading(any_engine) as connection:
        assert store.stamp(connection) == store.Stamp(newest=later, oldest=found[1].at)
        assert store.observations(connection, later) == [seen("B", 3)]
        assert sorted(store.observations(connection), key=lambda one: one.at)[0] == found[1]
    with writing(any_engine) as connection:
        assert store.expire(connection, NOW - timedelta(days=88)) == 1
        assert store.forget(connection, [AccountId("B")]) == 2
        assert store.count(connection) == 1
