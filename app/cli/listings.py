"""Commands that list what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import click
import msgspec

from app import wiring
from app.listing_queries import AlertLine, VisitLine, alert_lines, visit_lines
from core.database import reading
from core.settings import read_settings

Line = TypeVar("Line", VisitLine, AlertLine)

_json = click.option("--json", "as_json", is_flag=True, help="One JSON line each; the format is in docs/cli.md.")
_site = click.option("--site", default=None, help="Only this website.")
_account = click.option("--account", default=None, help="Only this account.")


@click.command()
@_json
@_site
@_account
@click.option("--limit", type=int, default=None, help="At most so many, newest first.")
def visits(as_json: bool, site: str | None, account: str | None, limit: int | None) -> None:
    """List visits, dropped ones too, newest first."""
    with reading(wiring.engine(read_settings())) as connection:
        lines = visit_lines(connection, site, account, limit)
        _print(lines, as_json, _visit_text)


@click.command()
@_json
@_account
@click.option("--limit", type=int, default=None, help="At most so many, newest first.")
def alerts(as_json: bool, account: str | None, limit: int | None) -> None:
    """List alerts and where they stand, newest first."""
    with reading(wiring.engine(read_settings())) as connection:
        lines = alert_lines(connection, account, limit)
        _print(lines, as_json, _alert_text)


def _print(lines: Iterable[Line], as_json: bool, text: Callable[[Line], str]) -> None:
    out = click.get_binary_stream("stdout")
    encode = msgspec.json.Encoder().encode
    for line in lines:
        out.write((encode(line) if as_json else text(line).encode()) + b"\n")
    out.flush()


def _visit_text(line: VisitLine) -> str:
    who = line.account or line.organisation or line.kind or "–"
    return f"{line.started_at}  {line.prefix or '–':20}  {len(line.pages)} pages  {who}  {line.drop or ''}".rstrip()


def _alert_text(line: AlertLine) -> str:
    state = "backfill" if line.backfill else ", ".join(f"{d.channel} {d.status}" for d in line.deliveries) or "–"
    return f"{line.at}  {line.account:16}  {line.score:5.0f}  {state}"
