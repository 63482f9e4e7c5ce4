"""The command that shows what alerts brought."""

from __future__ import annotations

import click

from alerts.wording import date, money
from app import wiring
from app.worth.measure import brought, explained
from core import clock
from core.database import reading
from core.settings import read_settings


@click.command("worth")
def show() -> None:
    """Show who ordered after an alert, and whether the alerts were the cause (against the held-out share)."""
    settings = read_settings()
    policy = wiring.policy(settings)
    with reading(wiring.engine(settings)) as connection:
        found = brought(connection, clock.now(), share=policy.holdout.share, expected=policy.holdout.expected_orders)
    sums = " + ".join(found.recent_sums) or "nothing"
    click.echo(f"Won back in the last 90 days: {sums} by {len(found.recent)} accounts")
    for one in found.worth.won:
        amounts = " + ".join(money(amount, currency) for currency, amount in sorted(one.amounts.items()))
        zone = settings.time_zone
        click.echo(
            f"  {found.names.get(one.account, one.account)}: alert {date(one.alert_at, zone)}, "
            f"order {date(one.ordered_at, zone)}, {amounts or 'amount unknown'}"
        )
    click.echo(f"Due to the alerts? {found.verdict}")
    click.echo(explained(found.worth.compared))
    if found.worth.waiting:
        click.echo(f"{found.worth.waiting} more accounts were alerted or held out less than 90 days ago.")
