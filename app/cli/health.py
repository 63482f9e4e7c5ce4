"""Commands that say whether all is well, and what to do where it isn't."""

from __future__ import annotations

import sys

import click

from core.errors import SettingsError
from core.settings import read_settings, shown


@click.command()
def check() -> None:
    """Check the settings and the rule files; name all mistakes at once. Changes nothing."""
    from app import wiring

    mistakes: list[str] = []
    try:
        settings = read_settings()
        for name, value in shown(settings).items():
            click.echo(f"{name}={value}")
        wiring.rules(settings)
        wiring.policy(settings)
    except SettingsError as error:
        mistakes.extend(error.mistakes)
    except Exception as error:
        mistakes.append(str(error))
    for mistake in mistakes:
        click.echo(f"dormouse: {mistake}", err=True)
    if mistakes:
        sys.exit(1)
    click.echo("the settings are sound")


@click.command()
def doctor() -> None:
    """See what is reachable and what is missing, and what to do. Changes nothing; asks only what is configured."""
    from app.doctor import examine

    worst = 0
    for finding in examine(read_settings()):
        click.echo(f"{finding.mark} {finding.what}: {finding.found}")
        if finding.to_do:
            click.echo(f"      → {finding.to_do}")
        worst = max(worst, finding.severity)
    sys.exit(1 if worst > 1 else 0)
