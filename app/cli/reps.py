"""Commands about the people who get alerts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click
import msgspec

from alerts.reps import store
from alerts.reps.entering import FIELDS, address, changed, shown
from alerts.reps.rep import RepEntry
from app import audit, rep_queries, wiring
from core import clock
from core.database import reading, writing
from core.errors import InputError
from core.settings import read_settings
from enrichment.account.importer.table import read_table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NAMES = {
    **{field: field for field in FIELDS},
    **dict.fromkeys(("email", "e_mail", "mail", "address"), "email"),
    **dict.fromkeys(("time_zone", "timezone", "tz"), "zone"),
    **dict.fromkeys(("cap", "max", "max_a_day", "limit"), "most_a_day"),
    **dict.fromkeys(("working_days", "weekdays"), "days"),
    **dict.fromkeys(("working_hours",), "hours"),
    **dict.fromkeys(("has_left", "gone", "inactive"), "left"),
    **dict.fromkeys(("away_to", "back_after"), "away_until"),
}
"""Columns of a file, as people name them."""

BY = "command line"

LOOK_BACK = timedelta(days=90)
"""Whom Slack couldn't find is seen from the alerts of this span."""


@click.group()
def reps() -> None:
    """Enter who gets alerts: hours, time zone, deputy, team; list owners whom nobody entered."""


@reps.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON line each.")
def list_(as_json: bool) -> None:
    """List the reps, and the owners of accounts who can't be told or weren't entered."""
    with reading(wiring.engine(read_settings())) as connection:
        entries, owners = store.entries(connection), rep_queries.owners(connection)
        strangers = rep_queries.not_on_slack(connection, clock.now() - LOOK_BACK)
    for entry in entries:
        said = {"email": entry.email, **shown(entry)}
        if as_json:
            click.echo(msgspec.json.encode(said).decode())
            continue
        click.echo(
            "\t".join((entry.email, *(f"{name}={text}" for name, text in said.items() if text and name != "email")))
        )
    several = (
        ("not entered, told as the policy says", owners.unknown),
        ("left: their accounts go to the fallback", owners.gone),
        ("no usable address: their accounts go to the fallback", owners.unusable),
    )
    for what, found in several:
        for owner in found:
            click.echo(f"{owner.email}: {owner.accounts} accounts; {what}", err=True)
    for email in strangers:
        click.echo(f"{email}: not found on Slack; their last alert went to the fallback channel", err=True)
    if owners.without:
        click.echo(f"{owners.without} accounts have no owner: they go to the fallback", err=True)


@reps.command("set")
@click.argument("email")
@click.argument("said", nargs=-1)
def set_(email: str, said: tuple[str, ...]) -> None:
    """Say something of a rep, such as: anna@example.com zone=Europe/Berlin hours=08:30-17:00 deputy=jo@example.com

    An empty value (hours=) goes back to the policy's.
    """
    given: dict[str, str] = {}
    for each in said:
        name, equals, text = each.partition("=")
        if not equals:
            raise InputError(f"{each!r}: give NAME=VALUE with one of {', '.join(FIELDS)}")
        given[name.strip()] = text
    with writing(wiring.engine(read_settings())) as connection:
        key = address(email)
        entry = changed(store.entry(connection, key) or RepEntry(email=key), given)
        store.save(connection, entry, clock.now())
        audit.record(connection, BY, "rep.set", key, clock.now())
    click.echo("\t".join((key, *(f"{name}={text}" for name, text in shown(entry).items() if text))))


@reps.command("import")
@click.argument("file", type=_FILE)
@click.option("--check", is_flag=True, help="Only say what is wrong.")
def import_(file: Path, check: bool) -> None:
    """Enter reps from a CSV or XLSX file: email, name, zone, hours, deputy, team, manager, away_from, away_until …

    A column that isn't there changes nothing; an empty cell goes back to the policy's. With a mistake,
    nothing is entered.
    """
    table = read_table(file)
    fields = [_field(header) for header in table.headers]
    if "email" not in fields:
        raise InputError(f"which column of {file.name} holds the e-mail addresses? It has {', '.join(table.headers)}")
    made: dict[str, RepEntry] = {}
    mistakes: list[str] = []
    with writing(wiring.engine(read_settings())) as connection:
        for row in table.rows:
            said = {field: cell for field, cell in zip(fields, row.cells, strict=False) if field}
            try:
                key = address(said.pop("email", ""))
                made[key] = changed(made.get(key) or store.entry(connection, key) or RepEntry(email=key), said)
            except InputError as error:
                mistakes += [f"line {row.line}: {line}" for line in str(error).splitlines()]
        if mistakes:
            raise InputError(
                "\n".join((*mistakes[:50], "nothing was entered: correct these lines and import it again"))
            )
        for entry in () if check else made.values():
            store.save(connection, entry, clock.now())
        if made and not check:
            audit.record(connection, BY, "rep.import", file.name, clock.now())
    unused = [header for header, field in zip(table.headers, fields, strict=True) if field is None]
    if unused:
        click.echo(f"not used: the columns {', '.join(unused)}", err=True)
    click.echo(f"{len(made)} reps {'could be entered' if check else 'entered'}")


@reps.command()
@click.argument("email")
def remove(email: str) -> None:
    """Forget what was said of a rep; they are told as the policy says. For who has left, say left=yes instead."""
    with writing(wiring.engine(read_settings())) as connection:
        if not store.remove(connection, email):
            raise InputError(f"nobody entered {email}: `dormouse reps list` names everybody")
        audit.record(connection, BY, "rep.remove", email, clock.now())
    click.echo(f"{email} is as the policy says")


def _field(header: str) -> str | None:
    name = header.strip().lower().replace(" ", "_").replace("-", "_")
    return _NAMES.get(name)
