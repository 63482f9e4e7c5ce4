"""Commands that ask registries and the DNS without a running worker, and show whom they ask."""

from __future__ import annotations

import time
from datetime import timedelta

import click

from app.cli.progress import Bar
from core import clock
from core.errors import InputError
from core.settings import read_settings

PATIENCE = timedelta(minutes=1)
"""Waits that are part of a budget. A longer one: a registry is out of order, or the day's calls are used up."""


@click.command()
@click.option("--update", is_flag=True, help="Fetch IANA's newest table.")
def registries(update: bool) -> None:
    """Show which registries are asked and how often; --update fetches IANA's table of who gave out which addresses."""
    from app import remote_parts
    from enrichment.network.remote.registries import with_urls
    from enrichment.network.remote.update import fetch_table

    settings = read_settings()
    if update:
        path = settings.networks_dir / remote_parts.OWN_TABLE
        path.parent.mkdir(parents=True, exist_ok=True)
        text, lines = fetch_table()
        path.write_text(text, encoding="utf-8")
        click.echo(f"{path}: {lines} lines; it counts from the next start on")
        return
    for registry in with_urls(settings.rdap_url).values():
        often = f"{registry.per_minute} calls a minute, {registry.per_day:,} a day"
        click.echo(f"{registry.name:12} {often:36} {registry.url}")


@click.command()
@click.option("--limit", type=click.IntRange(1), default=None, help="Ask at most so many times.")
def ask(limit: int | None) -> None:
    """Ask registries and the DNS about the addresses of recent visits, and judge those visits again.

    The worker does this by itself; after `import-log` without a worker, or to see what it does, run this.
    """
    from app import remote_parts, wiring
    from core.database import reading
    from enrichment.network.remote import store

    settings = read_settings()
    if not (settings.rdap or settings.rdns):
        raise InputError(
            "asking is off: it sends visitors' addresses to registries (docs/registries.md); "
            "turn it on with DORMOUSE_RDAP=on, DORMOUSE_RDNS=on"
        )
    engine = wiring.engine(settings)
    work = remote_parts.second_pass(settings, engine, wiring.pipeline(settings, engine))
    if work is None:
        raise InputError("no address is kept (DORMOUSE_RAW_IP_HOURS=0), so nobody can be asked about one")
    asked = answered = unknown = failed = spared = judged = told = 0
    with Bar() as bar:
        while limit is None or asked < limit:
            step = work.step(None if limit is None else limit - asked)
            done = step.round
            asked, answered, unknown = asked + done.asked, answered + done.answered, unknown + done.unknown
            failed, spared = failed + done.failed, spared + done.spared
            judged, told = judged + step.judged_again, told + len(step.alerts)
            with reading(engine) as connection:
                waiting = sum(store.queue_lengths(connection).values())
            bar(f"{asked:,} asked, {waiting:,} waiting", asked, asked + waiting)
            if done.asked or step.looked_at:
                continue
            if not done.held_until or min(done.held_until.values()) > clock.now() + PATIENCE:
                break
            time.sleep(max(0.05, (min(done.held_until.values()) - clock.now()).total_seconds()))
    click.echo(
        f"asked {asked:,}: {answered:,} answered, {unknown:,} unknown to the registry or DNS, {failed:,} in vain; "
        f"{spared:,} spared by another's answer"
    )
    click.echo(f"{judged:,} visits judged again, {told:,} alerts")
    now = clock.now()
    with reading(engine) as connection:
        lengths = store.queue_lengths(connection)
        budgets = store.budgets(connection)
    for lane, length in lengths.items():
        held = remote_parts.held(budgets.get(lane), lane, now)
        click.echo(f"  {lane}: {length:,} still waiting{f', held back: {held}' if held else ''}")
