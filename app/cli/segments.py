"""Commands about saved segments: list, show, count, members, check."""

from __future__ import annotations

import csv
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import wiring
from core import clock
from core.database import has_no_database, reading
from core.errors import InputError
from core.rule_file import rule_text
from core.settings import read_settings

if TYPE_CHECKING:
    from enrichment.segments.definitions import Segment, SegmentFile

WEEK = timedelta(days=7)


@click.group()
def segments() -> None:
    """Show saved segments: accounts that have something in common. Change them with `dormouse rules`."""


@segments.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(as_json: bool) -> None:
    """List the segments: members as kept, who came and went in 7 days."""
    from enrichment.segments import store

    settings = read_settings()
    engine = wiring.engine(settings)
    with reading(engine) as connection:
        figures = store.figures(connection, clock.now() - WEEK)
        looked = store.evaluations(connection)
    for one in wiring.segments(settings, engine).segment:
        found = figures.get(one.name, store.Figures())
        if as_json:
            seen = looked[one.name].at.isoformat() if one.name in looked else None
            row = {"name": one.name, "description": one.description, "members": found.members, "looked_at": seen}
            click.echo(json.dumps({**row, "entered": found.entered, "left": found.left}, ensure_ascii=False))
            continue
        moved = f"+{found.entered} -{found.left} in 7 days" if one.name in looked else "not looked at yet"
        click.echo(f"{found.members:8,}  {moved:24}  {one.name}")


@segments.command()
@click.argument("name")
def show(name: str) -> None:
    """Show the definition of NAME in words, and who came and went last."""
    from enrichment.segments import store
    from enrichment.segments.words import definition_lines

    settings = read_settings()
    engine = wiring.engine(settings)
    one = _named(wiring.segments(settings, engine), name)
    click.echo(one.name)
    if one.description:
        click.echo(one.description)
    for how, what in definition_lines(one):
        click.echo(f"  {how:16} {what}")
    with reading(engine) as connection:
        found = store.log(connection, one.name, 10)
    for change in found:
        why = " (the definition was changed)" if change.by_definition else ""
        click.echo(f"  {change.at:%Y-%m-%d %H:%M}  {'+' if change.entered else '-'} {change.account}{why}")


@segments.command()
@click.argument("name", required=False)
def count(name: str | None) -> None:
    """Count the accounts that fit right now, of NAME or of all segments, whatever was kept."""
    from enrichment.segments import store

    settings = read_settings()
    engine = wiring.engine(settings)
    file = wiring.segments(settings, engine)
    for one in file.segment if name is None else (_named(file, name),):
        with reading(engine) as connection:
            click.echo(f"{store.count(connection, one, clock.now()):8,}  {one.name}")


@segments.command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@click.option("--csv", "as_csv", is_flag=True, help="All of them as CSV: id, name, since.")
def members(name: str, limit: int, as_csv: bool) -> None:
    """List the members of NAME as kept, the newest first."""
    from enrichment.segments import store

    settings = read_settings()
    engine = wiring.engine(settings)
    one = _named(wiring.segments(settings, engine), name)
    with reading(engine) as connection:
        found = list(store.members(connection, one.name, None if as_csv else limit))
    if as_csv:
        rows = csv.writer(sys.stdout, lineterminator="\n")
        rows.writerow(("id", "name", "since"))
        rows.writerows((_plain(key), _plain(called), since.isoformat()) for key, called, since in found)
        return
    for key, called, since in found:
        click.echo(f"{since:%Y-%m-%d %H:%M}  {key:16} {called}")


@segments.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Name all mistakes of the segments in PATH at once; count who would be in each. Changes nothing."""
    from app.rulebook.files import mistakes, rule_file
    from enrichment.segments import store
    from enrichment.segments.definitions import read_segments

    file, text = rule_file("segments"), rule_text(path)
    wrong = mistakes(file, text)
    for one in wrong:
        click.echo(f"{path}{f', line {one.line}' if one.line else ''}: {one.text}", err=True)
    if wrong:
        click.echo(f"{len(wrong)} {'mistake' if len(wrong) == 1 else 'mistakes'}", err=True)
        sys.exit(1)
    click.echo(f"{path}: no mistakes")
    settings = read_settings()
    if has_no_database(settings.database_url):
        return
    with reading(wiring.engine(settings)) as connection:
        for segment in read_segments(text, str(path)).segment:
            click.echo(f"{store.count(connection, segment, clock.now()):8,}  {segment.name}")


def _plain(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _named(file: SegmentFile, name: str) -> Segment:
    """Return the segment called so. Raises InputError."""
    from enrichment.segments.definitions import defined

    found = defined(file, name)
    if found is None:
        known = ", ".join(one.name for one in file.segment) or "there are none"
        raise InputError(f"there is no segment called {name!r}: {known}")
    return found
