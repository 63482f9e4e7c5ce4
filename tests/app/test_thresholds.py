"""From imported orders to a fitted model and to thresholds that a person accepts."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from app import outlook, thresholds
from app.rulebook.live import LiveRules, read_once
from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from core.settings import read_settings
from enrichment.account import store as account_store
from enrichment.dormancy.thresholds import thresholds_for
from enrichment.tables import accounts, activities

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLANT = "Plant [heavy]"


def import_orders(engine: Engine, number: int = 80) -> None:
    """Half of the accounts are in consumables and order about every 25 days; the others every 300."""
    rng = random.Random(4)
    named, orders = [], []
    for index in range(number):
        industry, gap = ("Consumables", 25) if index % 2 == 0 else (PLANT, 300)
        named.append({"id": f"A{index}", "name": f"Example {index} Ltd", "industry": industry, "imported_at": NOW})
        at = NOW - timedelta(days=rng.uniform(1200, 1500))
        while at < NOW and rng.random() > 0.01:
            orders.append(
                {
                    "id": f"o{len(orders)}",
                    "account": f"A{index}",
                    "kind": "purchase",
                    "at": at,
                    "amount_hundredths": 5000,
                }
            )
            at += timedelta(days=rng.gammavariate(6, gap / 6) + 1)
    with writing(engine) as connection:
        connection.execute(insert(accounts), named)
        connection.execute(insert(activities), orders)


def test_what_is_learnt_is_kept_and_taken_up(engine: Engine) -> None:
    """The weekly chore learns from the imported orders; running processes judge by it within a look."""
    live = LiveRules(engine, None)
    assert live.rules().learnt is None
    import_orders(engine)
    rows = outlook.fit_imported(engine, NOW)
    with reading(engine) as connection:
        kept = outlook.fitted(connection)
    assert kept is not None
    assert (kept.rows, kept.window) == (rows, 90)
    assert LiveRules(engine, None).rules().learnt == kept


def test_too_few_orders_leave_the_prior(engine: Engine) -> None:
    """A handful of accounts teaches nothing, and what was learnt before from others is forgotten."""
    import_orders(engine, 4)
    assert outlook.fit_imported(engine, NOW) == 0
    with reading(engine) as connection:
        assert outlook.fitted(connection) is None


def test_a_proposal_becomes_a_rule_when_accepted(engine: Engine, tmp_path: Path) -> None:
    """Each group's own gaps propose its threshold; accepting one adds it to the rules, and only there it counts."""
    import_orders(engine)
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path)})
    found = {one.name: one for one in thresholds.proposed(settings, engine, NOW)}
    quick = found["Consumables"]
    assert (quick.trait, quick.now_days, quick.of_accounts) == ("industry", 365, 40)
    assert 30 <= quick.days <= 60
    assert quick.sentence.startswith(f"Dormant at {quick.days} days (now 365): 95% of their gaps are shorter")

    kept = thresholds.accept(settings, engine, quick, "test", NOW)

    rules = read_once(engine, None).dormancy
    with reading(engine) as connection:
        known = {one.id: one for one in account_store.accounts(connection)}
    assert (kept.source, kept.by) == ("proposal", "test")
    both = (known[AccountId("A0")], known[AccountId("A1")])
    limits = [thresholds_for(one, frozenset(), rules).days("purchase") for one in both]
    assert limits == [quick.days, 365]
    assert "Consumables" not in [one.name for one in thresholds.proposed(settings, engine, NOW)]
    with pytest.raises(InputError, match="already"):
        thresholds.accept(settings, engine, quick, "test", NOW)


def test_a_name_with_signs_of_patterns_means_itself(engine: Engine, tmp_path: Path) -> None:
    """Stars and brackets in a group's name are written so that they stand for themselves."""
    import_orders(engine)
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path)})
    found = {one.name: one for one in thresholds.proposed(settings, engine, NOW)}
    assert 'industry = "Plant [[]heavy]"' in thresholds.toml(found[PLANT])
