"""Starting over: everything tried by hand is gone, everything else stays."""

from __future__ import annotations

from demo_shop import Shop
from sqlalchemy import func, select

from app import actions
from app.demo.queries_restart import start_over
from app.demo.queries_watch import seen_since
from app.schema import metadata
from core.database import reading, writing

KEEPS = {"audit", "facts", "salts", "sites", "corrections"}


def counts(shop: Shop) -> dict[str, int]:
    """How many rows each table has; tables that keep their rows are left out."""
    with reading(shop.engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in KEEPS
        }


def states(shop: Shop) -> dict[str, str]:
    """Where each account stands."""
    table = metadata.tables["account_states"]
    with reading(shop.engine) as connection:
        return {row.account: row.state for row in connection.execute(select(table.c.account, table.c.state))}


def again(shop: Shop) -> int:
    """Start over; return how many visits went."""
    with writing(shop.engine) as connection:
        return start_over(connection, shop.loaded, "admin@localhost", shop.now())


def told(shop: Shop) -> list[str]:
    """The alerts' ids."""
    with reading(shop.engine) as connection:
        return [seen.told.id for seen in seen_since(connection, shop.loaded) if seen.told]


def test_everything_tried_is_gone_and_the_alert_comes_again(any_shop: Shop) -> None:
    """After an alert, a claim, silences and a new start, the database is as it was and the hero alerts again."""
    shop = any_shop
    before, stood = counts(shop), states(shop)
    for key in ("hartmann", "careers", "crawler", "home-line", "two-firms", "active"):
        shop.visit(key)
    with writing(shop.engine) as connection:
        actions.claim(connection, told(shop)[0], "admin@localhost", shop.now())
    assert states(shop) != stood
    assert again(shop) == 6
    after = counts(shop)
    assert {name: n for name, n in after.items() if name != "hit_counts"} == {
        name: n for name, n in before.items() if name != "hit_counts"
    }
    hit_counts = metadata.tables["hit_counts"]
    with reading(shop.engine) as connection:
        assert connection.execute(select(func.sum(hit_counts.c.n))).scalar_one() == 0
    assert states(shop) == stood
    shop.visit("hartmann")
    assert len(told(shop)) == 1


def test_wrong_company_is_forgotten_too(shop: Shop) -> None:
    """A network that was said to be another company's means the account again after a new start."""
    shop.visit("hartmann")
    with writing(shop.engine) as connection:
        actions.wrong_company(connection, told(shop)[0], "admin@localhost", shop.now())
    again(shop)
    corrections = metadata.tables["corrections"]
    with reading(shop.engine) as connection:
        assert connection.execute(select(func.count()).select_from(corrections)).scalar_one() == 0


def test_a_visit_that_goes_on_after_wrong_company_can_be_taken_back(shop: Shop) -> None:
    """Somebody presses Wrong company while the page is still read; Undo gives the visit back all the same."""
    shop.visit("hartmann")
    alert = told(shop)[0]
    with writing(shop.engine) as connection:
        actions.wrong_company(connection, alert, "admin@localhost", shop.now())
    shop.pipeline = shop.fresh_pipeline()
    shop.read_on(60)
    with writing(shop.engine) as connection:
        assert seen_since(connection, shop.loaded)[0].drop == "company_rejected"
        actions.undo(connection, alert, "admin@localhost", shop.now())
    with reading(shop.engine) as connection:
        newest = seen_since(connection, shop.loaded)[0]
    assert (newest.drop, newest.name) == ("", "Hartmann Pumpen GmbH")
