"""The command that shows how far visits come."""

from __future__ import annotations

from datetime import timedelta

import click
import msgspec

from app import wiring
from app.dashboard.coverage import Coverage, coverage
from core import clock
from core.database import reading
from core.settings import read_settings


@click.command("coverage")
@click.option("--json", "as_json", is_flag=True, help="As JSON; the format is in docs/coverage.md.")
@click.option("--site", default="", help="Only this website.")
@click.option("--days", type=click.IntRange(min=1, max=36_500), default=30, help="How far back, today included.")
def show(as_json: bool, site: str, days: int) -> None:
    """Show how far visits come: hits, people, companies, named, customers, dormant; each loss with its reason."""
    since = clock.now() - timedelta(days=days - 1)
    with reading(wiring.engine(read_settings())) as connection:
        found = coverage(connection, since, site)
    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode() if as_json else _text(found))


def _text(found: Coverage) -> str:
    lines = [f"{found.site or 'all websites'} since {found.since[:10]} (UTC)"]
    for step in found.steps:
        unit = "hits" if step.unit == "hits" else ""
        lines.append(f"{step.after:>12,}  {step.words}  ({step.share:.1%} of {step.before:,} {unit}".rstrip() + ")")
        lines += [f"{-loss.count:>12,}    {loss.share:>6.1%}  {loss.words}" for loss in step.losses]
    return "\n".join(lines)
