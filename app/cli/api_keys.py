"""Commands about the API's keys."""

from __future__ import annotations

from datetime import timedelta

import click

from app import wiring
from app.api import keys, store
from core import clock
from core.database import reading, writing
from core.settings import read_settings


@click.group("api-key")
def api_key() -> None:
    """Make, list and revoke the keys of programs that use the API; see what became of the events they sent."""


@api_key.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, default=("events",), show_default=True, type=click.Choice(keys.SCOPES)
)
def add(name: str, scopes: tuple[str, ...]) -> None:
    """Make a key called NAME and print it, this once; only its hash is kept."""
    with writing(wiring.engine(read_settings())) as connection:
        key, text = keys.add(connection, name, scopes, clock.now())
    click.echo(f"{key.name}: good for {', '.join(key.scopes)}. It is shown only now:", err=True)
    click.echo(text)


@api_key.command("list")
def list_() -> None:
    """List the keys: prefix, name, scopes, made, last used, revoked."""
    with reading(wiring.engine(read_settings())) as connection:
        for key in store.all_keys(connection):
            used = f"used {clock.iso(key.last_used_at)}" if key.last_used_at else "never used"
            ended = (f"revoked {clock.iso(key.revoked_at)}",) if key.revoked_at else ()
            made = f"made {clock.iso(key.created_at)}"
            click.echo("\t".join((f"{key.prefix}…", key.name, " ".join(key.scopes), made, used, *ended)))


@api_key.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End the key with this NAME or prefix, at once."""
    with writing(wiring.engine(read_settings())) as connection:
        key = keys.revoke(connection, name, clock.now())
    click.echo(f"{key.name} ({key.prefix}…) is revoked")


@api_key.command()
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 730))
def events(days: int) -> None:
    """Say how many events came in during the last days, and why some were not taken."""
    with reading(wiring.engine(read_settings())) as connection:
        found = store.counts(connection, (clock.now() - timedelta(days=days)).date())
    for outcome, number in sorted(found.items(), key=lambda item: -item[1]):
        click.echo(f"{outcome}\t{number}")
    if not found:
        click.echo("no events came in: docs/api.md says how to send them", err=True)
