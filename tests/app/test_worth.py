"""What alerts brought, from stored alerts and orders: which alerts count, and what page and command say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alert_signals import full_briefing, numbered
from click.testing import CliRunner
from pages import NOW, dashboard, logged_in
from sqlalchemy import Connection, Engine, update

import alerts.store
from alerts.decide import Context, decide
from alerts.tables import deliveries
from app.cli.main import dormouse
from app.worth.measure import brought
from core.alerting import Alert, Hold
from core.database import writing
from core.domain import Account, AccountId, Activity
from enrichment.account.importer.store import write_accounts, write_activities

DAY = timedelta(days=1)


def _alert(number: int, days_ago: int, **more: object) -> Alert:
    signal = numbered(number)
    made = decide(signal, full_briefing(), Context(), signal.at)
    assert isinstance(made, Alert)
    return replace(made, at=NOW - days_ago * DAY, **more)  # type: ignore[arg-type]


def _order(account: AccountId) -> Activity:
    return Activity(account=account, kind="purchase", at=NOW - 60 * DAY, amount=Decimal("1200.50"), currency="EUR")


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """Five accounts that ordered 60 days ago: told of, found in history, in shadow mode, held out, marked as wrong."""
    made = [
        _alert(1, 100),
        _alert(2, 100, backfill=True),
        _alert(3, 100, hold=Hold.SHADOW),
        _alert(4, 100, hold=Hold.HOLDOUT),
        _alert(5, 100),
    ]
    with writing(any_engine) as connection:
        ids = [AccountId(f"C-{number}") for number in range(1, 6)]
        write_accounts(connection, [Account(id=id, name=f"Account {id} Ltd") for id in ids], NOW)
        write_activities(connection, {f"order {id}": _order(id) for id in ids})
        alerts.store.save(connection, made, ("preview",), NOW - 100 * DAY)
        for alert in made:
            _sent(connection, alert)
        alerts.store.wrong_company(connection, made[4].id, "anna@example.com", NOW)
    return any_engine


def _sent(connection: Connection, alert: Alert) -> None:
    connection.execute(
        update(deliveries)
        .where(deliveries.c.alert == alert.id)
        .values(status="sent", first_sent_at=alert.at, sent_at=alert.at)
    )


def test_only_what_was_told_wins_back(world: Engine) -> None:
    """Alerts from history and shadow mode count for nothing; a wrong one wins nobody back, yet stays on its side."""
    with writing(world) as connection:
        found = brought(connection, NOW, share=0.1, expected=0.1)
    assert [one.account for one in found.worth.won] == ["C-1"]
    assert found.recent_sums == ("€1.2k",)
    assert (found.worth.compared.alerted.accounts, found.worth.compared.alerted.ordered) == (2, 2)
    assert (found.worth.compared.held.accounts, found.worth.compared.held.ordered) == (1, 1)
    assert found.verdict.startswith("not proven: 1 of ~")


def test_the_page_says_it(world: Engine, tmp_path: Path) -> None:
    """The page names who was won back and says that nothing is proven."""
    page = logged_in(dashboard(world, tmp_path)).get("/worth").get_data(as_text=True)
    assert "Account C-1 Ltd" in page
    assert "Account C-5 Ltd" not in page
    assert "not proven: 1 of ~" in page or "not measured" in page


def test_the_command_says_it(world: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says the same in plain lines."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", world.url.render_as_string(hide_password=False))
    said = CliRunner().invoke(dormouse, ["worth"], catch_exceptions=False)
    assert said.exit_code == 0
    assert "Due to the alerts? not " in said.output
