"""Commands that list what happened."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click
import msgspec

from app import wiring
from app.cli.precision import demote, precision, restore
from app.listing_queries import AlertLine, VisitLine, alert_lines, visit_lines
from core.database import reading
from core.settings import read_settings

_json = click.option("--json", "as_json", is_flag=True, help="One JSON line each; the format is in docs/cli.md.")
_site = click.option("--site", default=None, help="Only this website.")
_account = click.option("--account", default=None, help="Only this account.")


@click.command()
@_json
@_site
@_account
@click.option("--limit", type=click.IntRange(min=0), default=None, help="At most so many, newest first.")
def visits(as_json: bool, site: str | None, account: str | None, limit: int | None) -> None:
    """List visits, dropped ones too, newest first."""
    settings = read_settings()
    points = {"alert_point": settings.alert_point, "digest_point": settings.digest_point}
    with reading(wiring.engine(settings)) as connection:
        lines = visit_lines(connection, site, account, limit, **points)
        _print(((line, _visit_text(line)) for line in lines), as_json)


@click.group(invoke_without_command=True)
@_json
@_account
@click.option("--limit", type=click.IntRange(min=0), default=None, help="At most so many, newest first.")
@click.pass_context
def alerts(ctx: click.Context, as_json: bool, account: str | None, limit: int | None) -> None:
    """List alerts and where they stand, newest first; with a command: how often their rules were right."""
    if ctx.invoked_subcommand is not None:
        return
    with reading(wiring.engine(read_settings())) as connection:
        lines = alert_lines(connection, account, limit)
        _print(((line, _alert_text(line)) for line in lines), as_json)


alerts.add_command(precision)
alerts.add_command(demote)
alerts.add_command(restore)


def _print(lines: Iterable[tuple[msgspec.Struct, str]], as_json: bool) -> None:
    out = sys.stdout.buffer
    encode = msgspec.json.Encoder().encode
    for line, text in lines:
        out.write((encode(line) if as_json else text.encode()) + b"\n")
    out.flush()


def _visit_text(line: VisitLine) -> str:
    who = line.account or line.organisation or line.kind or "–"
    return f"{line.started_at}  {line.prefix or '–':20}  {len(line.pages)} pages  {who}  {line.drop or ''}".rstrip()


def _alert_text(line: AlertLine) -> str:
    sent = ", ".join(f"{d.channel} {d.status}" for d in line.deliveries)
    state = "backfill" if line.backfill else sent or (f"held: {line.hold}" if line.hold else "–")
    return f"{line.at}  {line.account:16}  {line.score:5.0f}  {state}"
