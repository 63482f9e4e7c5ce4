"""Commands about the rhythm of the accounts' orders: learn it, see which thresholds it asks for, accept one."""

from __future__ import annotations

import click
import msgspec

from app import outlook, thresholds, wiring
from core import clock
from core.errors import InputError
from core.settings import read_settings

BY = "command line"


@click.group()
def dormancy() -> None:
    """Learn from the imported orders; see and accept the thresholds that they ask for."""


@dormancy.command()
def fit() -> None:
    """Learn from the orders of all imported accounts how likely it is that no order comes; done weekly, too."""
    rows = outlook.fit_imported(wiring.engine(read_settings()), clock.now())
    if rows:
        click.echo(f"Learnt from {rows:,} moments of the past; alerts and states use it from now on.")
    else:
        click.echo("Too few orders to learn from: the built-in prior goes on answering.")


@dormancy.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON line each.")
def propose(as_json: bool) -> None:
    """List thresholds by product, industry, lifecycle, contract and segment that differ from the rules."""
    settings = read_settings()
    found = thresholds.proposed(settings, wiring.engine(settings), clock.now())
    for one in found:
        if as_json:
            click.echo(msgspec.json.encode(one).decode())
        else:
            click.echo(f"{one.name} ({one.trait})\n  {one.sentence}")
    if not found and not as_json:
        click.echo("No group of accounts has a rhythm that asks for another threshold.")


@dormancy.command()
@click.argument("name")
@click.option("--trait", help="Where several groups have this name: product, industry, lifecycle, contract, segment.")
def accept(name: str, trait: str | None) -> None:
    """Make the threshold proposed for the group NAME a rule, as a new version of dormancy.toml."""
    settings = read_settings()
    engine = wiring.engine(settings)
    now = clock.now()
    listed = thresholds.proposed(settings, engine, now)
    found = [one for one in listed if one.name == name and trait in (None, one.trait)]
    if not found:
        raise InputError(f"nothing is proposed for {name!r}: `dormouse dormancy propose` lists what is")
    if len(found) > 1:
        raise InputError(f"{name!r} is proposed for {', '.join(one.trait for one in found)}: say which with --trait")
    kept = thresholds.accept(settings, engine, found[0], BY, now)
    click.echo(f"dormancy.toml version {kept.number}:\n\n{thresholds.toml(found[0])}")
