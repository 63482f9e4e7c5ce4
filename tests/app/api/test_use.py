"""Use of the product: shown with words, folded by day, and never what ends dormancy by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pages import NOW, dashboard, logged_in
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import Account, AccountId, Activity
from enrichment.account import store
from enrichment.account.activity_queries import MOST
from enrichment.account.event_store import add_activities
from enrichment.account.importer.store import write_accounts
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.rules import load_rules, read_rules

HARTMANN = Account(id=AccountId("C-1"), name="Hartmann GmbH")


def did(kind: str, days_ago: float, note: str = "Report Exported") -> Activity:
    """Something Hartmann did."""
    return Activity(account=HARTMANN.id, kind=kind, at=NOW - timedelta(days=days_ago), note=note)  # type: ignore[arg-type]


def keep(engine: Engine, *found: Activity) -> None:
    """Keep what Hartmann did."""
    with writing(engine) as connection:
        write_accounts(connection, [HARTMANN], NOW)
        add_activities(connection, {f"a{n}": one for n, one in enumerate(found)})


def test_the_timeline_tells_of_use_once_a_day(engine: Engine, tmp_path: Path) -> None:
    """Many events of a day are one line with their number; the order between them isn't crowded out."""
    used = [did("usage", 1 + n / 10_000) for n in range(400)]
    keep(engine, did("purchase", 2, ""), did("usage", 3, "Signed Up"), *used)
    client = logged_in(dashboard(engine, tmp_path))
    page = client.get("/accounts/C-1").get_data(as_text=True)
    assert "<b>Use of the product</b>" in page
    assert "Report Exported, 400 times" in page
    events = client.get("/accounts/C-1.json").get_json()["events"]
    assert [one["type"] for one in events] == ["usage", "purchase", "usage"]


def test_use_and_sign_ins_end_no_dormancy() -> None:
    """By the built-in rule purchases alone count."""
    found = [did("purchase", 400, ""), did("usage", 1), did("login", 1)]
    assert judge_dormancy(HARTMANN, found, load_rules(), NOW).dormant is True


@pytest.mark.parametrize(("used", "dormant"), [((1.0,), False), ((120.0,), True), ((), True)])
def test_use_counts_where_a_rule_names_it(used: tuple[float, ...], dormant: bool) -> None:
    """A criterion of use counts, and only for accounts that ever used the product."""
    rules = read_rules("[criteria]\npurchase = 365\nusage = 90\n")
    judged = judge_dormancy(HARTMANN, [did("purchase", 400, ""), *(did("usage", days) for days in used)], rules, NOW)
    assert judged.dormant is dormant
    said = " ".join(reason.text for reason in judged.why)
    assert ("use of the product" in said) is bool(used)


def test_a_flood_of_use_is_not_read_whole(any_engine: Engine) -> None:
    """Judging an account reads its newest uses, and everything else that it did."""
    keep(any_engine, did("purchase", 900, ""), *(did("usage", 1 + n / 100) for n in range(700)))
    with reading(any_engine) as connection:
        found = store.activities_of(connection, [HARTMANN.id])[HARTMANN.id]
    assert [one.kind for one in found] == ["purchase"] + ["usage"] * MOST["usage"]
    assert found[-1].at == NOW - timedelta(days=1)
