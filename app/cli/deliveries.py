"""The command `deliveries`: what was given up, what may be there twice, what waits; try again, and the log."""

from __future__ import annotations

from typing import cast, get_args

import click
import msgspec

from alerts.channels.registry import channel_names
from alerts.deliveries import log_store as log
from alerts.deliveries.store import retry_dead
from app import delivery_queries as queries
from app import wiring
from app.delivery_queries import Show
from core import clock
from core.clock import iso
from core.database import reading, writing
from core.domain import DeliveryId
from core.errors import InputError
from core.settings import read_settings


@click.group()
def deliveries() -> None:
    """See how messages fared, and send again what was given up."""


@deliveries.command("list")
@click.option("--show", type=click.Choice(get_args(Show)), default="dead", help="Which; default: those given up.")
@click.option("--channel", default=None, help="Only of this channel.")
@click.option("--limit", type=click.IntRange(min=0), default=100, help="At most so many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line each; the format is in docs/cli.md.")
def list_(show: str, channel: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, and say which channels are paused or held back, and why."""
    settings = read_settings()
    with reading(wiring.engine(settings)) as connection:
        rows = queries.list_deliveries(connection, cast("Show", show), channel=channel, limit=limit)
        paused = log.pauses(connection)
        held = queries.held_back(connection)
        lost = queries.orphans(connection, (*channel_names(settings), "preview"))
    for row in rows:
        if as_json:
            click.echo(msgspec.json.encode(row).decode())
        else:
            mark = "possibly twice" if row.possibly_twice else row.status
            click.echo(f"{row.id}  {row.channel:16}  {mark:14}  {row.title}  {row.error}".rstrip())
    for pause in paused:
        until = f"until {iso(pause.until)}" if pause.until else f"until `dormouse deliveries resume {pause.channel}`"
        click.echo(f"{pause.channel} is paused since {iso(pause.since)}, {until}: {pause.why}", err=True)
    for name, count, why in held:
        click.echo(f"{name}: {count} held back: {why}", err=True)
    for name, count in lost:
        click.echo(f"{name}: {count} wait for a channel that is in no setting any more", err=True)


@deliveries.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that were given up.")
@click.option("--channel", default=None, help="With --all: only of this channel.")
def retry(ids: tuple[str, ...], every: bool, channel: str | None) -> None:
    """Send again what was given up: by the ids that `deliveries list` prints, or --all."""
    if every == bool(ids):
        raise InputError("give the ids that `dormouse deliveries list` prints, or --all")
    with writing(wiring.engine(read_settings())) as connection:
        chosen = queries.dead_ids(connection, channel) if every else tuple(map(DeliveryId, ids))
        done = [id for id in chosen if retry_dead(connection, id, clock.now())]
    click.echo(f"{len(done)} will be sent again within a second of a running worker")
    for id in set(chosen) - set(done):
        click.echo(f"{id} wasn't given up, or doesn't exist", err=True)


@deliveries.command("log")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="One JSON line each; the format is in docs/cli.md.")
def log_(id: str, as_json: bool) -> None:
    """Show each try of a delivery, or of an alert's or notice's deliveries, oldest first."""
    with reading(wiring.engine(read_settings())) as connection:
        found = queries.of_message(connection, id)
    if not found:
        raise InputError(f"there is no delivery, alert or notice {id}")
    for delivery, channel, lines in found:
        if not as_json:
            click.echo(f"{channel}  {delivery}")
        for line in lines:
            if as_json:
                click.echo(msgspec.json.encode({"delivery": delivery, **msgspec.to_builtins(line)}).decode())
            else:
                click.echo(f"  {line.n:3}  {line.at}  {line.outcome:7}  {line.error}".rstrip())


@deliveries.command()
@click.argument("channel")
def resume(channel: str) -> None:
    """Let a paused channel go on at once, with all that waited there."""
    with writing(wiring.engine(read_settings())) as connection:
        was_paused = log.resume(connection, channel, clock.now())
    click.echo(f"{channel} goes on" if was_paused else f"{channel} wasn't paused; what waited there is tried now")
