"""Commands that say which company a network is, or isn't, and take that back."""

from __future__ import annotations

import sys

import click
import msgspec

from app import corrections, wiring
from app.api.correction_shapes import CorrectionLine, line
from core import clock
from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from core.settings import read_settings
from core.signing import keyed_hash
from enrichment.company import store
from enrichment.company.voices import Scope, Verdict


@click.command()
@click.argument("verdict", type=click.Choice(["wrong", "right"]))
@click.option("--account", required=True, help="The account's id.")
@click.option("--address", default="", help="One address; kept as a keyed hash.")
@click.option("--prefix", default="", help="A network, such as 192.0.2.0/24.")
@click.option("--as", "system", default="", help="A whole AS, such as AS64500.")
@click.option("--visit", default="", help="The network of a visit (its id), as far as it is one firm's.")
@click.option("--by", default=corrections.COMMAND_LINE, help="In whose name (e-mail address); else the operator's.")
def correct(verdict: Verdict, account: str, address: str, prefix: str, system: str, visit: str, by: str) -> None:
    """Say that a network is (right) or isn't (wrong) an account's; past visits follow."""
    named: tuple[tuple[Scope, str], ...] = (
        ("address", address),
        ("prefix", prefix),
        ("as", system),
        ("visit", visit),
    )
    given = [(scope, place) for scope, place in named if place]
    if len(given) != 1:
        raise InputError("say what it is about by one of --address, --prefix, --as, --visit")
    scope, place = given[0]
    settings = read_settings()
    engine = wiring.engine(settings)
    rules, who = wiring.rules(settings, engine), AccountId(account)
    with writing(engine) as connection:
        if scope == "visit":
            spoken = corrections.of_visit(connection, place, verdict, who, by, clock.now(), rules)
            if spoken is None:
                raise InputError(f"there is no visit {place!r}: `dormouse visits --json` shows them")
        else:
            spoken = corrections.of_place(
                connection,
                scope,
                place,
                verdict,
                who,
                by,
                clock.now(),
                hashed=lambda ip: keyed_hash(settings.secret, "address", ip),
                rules=rules,
            )
    click.echo(f"{spoken.said} ({len(spoken.moved)} moved; undo: dormouse corrections undo {spoken.id})")


@click.group("corrections")
def listed() -> None:
    """List what people said of networks, and take it back."""


@listed.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON line each; the format is in docs/corrections.md.")
@click.option("--all", "with_undone", is_flag=True, help="Those that were taken back, too.")
def list_(as_json: bool, with_undone: bool) -> None:
    """List corrections, newest first."""
    with reading(wiring.engine(read_settings())) as connection:
        lines = [line(each) for each in store.listed(connection, standing_only=not with_undone, limit=100_000)]
    for each in lines:
        sys.stdout.write((msgspec.json.encode(each).decode() if as_json else _text(each)) + "\n")


@listed.command()
@click.argument("correction")
def undo(correction: str) -> None:
    """Take CORRECTION (its id) back; past visits are whose they were."""
    settings = read_settings()
    engine = wiring.engine(settings)
    rules = wiring.rules(settings, engine)
    with writing(engine) as connection:
        spoken = corrections.undo(connection, correction, corrections.COMMAND_LINE, clock.now(), rules)
    if spoken is None:
        raise InputError(f"no correction {correction!r} stands: `dormouse corrections list` shows them")
    click.echo(spoken.said)


def _text(each: CorrectionLine) -> str:
    place = each.prefix if each.scope == "prefix" else f"{each.scope} {each.asn or each.visit or each.prefix}"
    undone = f"  undone {each.undone_at}" if each.undone_at else ""
    return f"{each.id}  {each.at}  {each.verdict:5}  {place:22}  {each.account}  by {each.by}{undone}"
