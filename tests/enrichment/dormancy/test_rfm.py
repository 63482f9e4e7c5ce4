"""What accounts are worth: fifths that don't depend on order, and the year before the silence."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import Account, AccountId, Activity
from core.ids import derived
from enrichment.account.importer.store import write_accounts, write_activities
from enrichment.dormancy.rfm import OrderFacts, Rfm, rfm
from enrichment.dormancy.value_queries import order_facts, save_values, values_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def facts(day: int, orders: int, total: int) -> OrderFacts:
    return OrderFacts(last_at=NOW - timedelta(days=day), orders=orders, total_hundredths=total, year_hundredths=0)


def test_ten_accounts_make_five_pairs() -> None:
    """The made fixture: the newest, most frequent and dearest two are 5, the oldest two 1."""
    found = rfm({AccountId(str(n)): facts(day=n, orders=10 - n, total=n) for n in range(10)})
    assert [found[AccountId(str(n))].text for n in range(10)] == [
        *("551", "551", "442", "442", "333", "333", "224", "224", "115", "115"),
    ]


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=40), st.randoms())
def test_equal_values_score_alike_in_any_order(rows: list[tuple[int, int, int]], chance: object) -> None:
    """Scores are a function of the values alone; more is never less."""
    known = {AccountId(str(n)): facts(*row) for n, row in enumerate(rows)}
    shuffled = list(known.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    scores = rfm(known)
    assert rfm(dict(shuffled)) == scores
    for one, its in known.items():
        for other, theirs in known.items():
            if its.total_hundredths <= theirs.total_hundredths:
                assert scores[one].monetary <= scores[other].monetary


def test_what_an_account_was_worth_before_its_silence(any_engine: Engine) -> None:
    """Lifetime and the year up to the last order, in the currency used most; credit notes lower both."""
    rows = [(900, 100, "EUR"), (500, 50, "EUR"), (400, 70, "EUR"), (400, -20, "EUR"), (450, 9, "USD")]
    did = {
        derived("t", n): Activity(
            account=AccountId("C-1"), kind="purchase", at=NOW - timedelta(days=day), amount=Decimal(much), currency=unit
        )
        for n, (day, much, unit) in enumerate(rows)
    }
    with writing(any_engine) as connection:
        write_accounts(connection, [Account(id=AccountId("C-1"), name="x")], NOW)
        write_activities(connection, did)
        assert save_values(connection, order_facts(connection), NOW) == 1
    with reading(any_engine) as connection:
        worth = values_of(connection, [AccountId("C-1"), AccountId("C-2")])[AccountId("C-1")]
    assert (worth.lifetime, worth.last_year, worth.currency, worth.orders) == (Decimal(200), Decimal(100), "EUR", 4)
    assert worth.rfm == Rfm(recency=1, frequency=1, monetary=1)


@pytest.mark.real_data
def test_fifths_of_trade_customers_are_fifths(shared_data: Path) -> None:
    """On the public orders of a wholesaler each class of recency and value holds a fifth, to one percent."""
    orders: dict[AccountId, list[tuple[datetime, int]]] = {}
    with (shared_data / "purchases" / "online_retail_orders_train.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at = datetime.fromisoformat(row["order_time"]).replace(tzinfo=UTC)
            orders.setdefault(AccountId(row["customer_id"]), []).append((at, round(float(row["amount"]) * 100)))
    known = {
        account: OrderFacts(
            last_at=max(at for at, _ in of),
            orders=len({at.date() for at, _ in of}),
            total_hundredths=sum(much for _, much in of),
            year_hundredths=0,
        )
        for account, of in orders.items()
    }
    scores = rfm(known)
    for name in ("recency", "monetary"):
        shares = [sum(getattr(one, name) == n for one in scores.values()) / len(scores) for n in range(1, 6)]
        assert all(abs(share - 0.2) < 0.01 for share in shares), (name, shares)
