"""`dormouse presets`: rules of dormancy to begin with, and the text of one of them."""

from __future__ import annotations

import click

from core.rule_file import rule_text
from enrichment.dormancy.rules import PRESETS, presets


@click.command()
@click.argument("name", required=False)
def show(name: str | None) -> None:
    """List rules of dormancy to begin with; with a NAME, print that one's text.

    Write `preset = "NAME"` as the first line of your dormancy.toml, and below it only what is to be different.
    """
    known = presets()
    if name is None:
        for key, rules in known.items():
            click.echo(f"{key:26} {rules.title}")
        return
    if name not in known:
        raise click.ClickException(f"there is no preset {name!r}: choose from {', '.join(known)}")
    click.echo(rule_text(PRESETS / f"{name}.toml"), nl=False)
