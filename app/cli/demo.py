"""Commands about the demo."""

from __future__ import annotations

import click

from app import wiring
from app.demo import load as loading
from core.settings import read_settings


@click.group()
def demo() -> None:
    """Load or remove the demo."""


@demo.command()
def load() -> None:
    """Load the demo: 40 fictional accounts and 90 days of visits, marked as demo."""
    settings = read_settings()
    loading.load_demo(settings, wiring.engine(settings), click.echo)


@demo.command()
def remove() -> None:
    """Remove everything of the demo."""
    settings = read_settings()
    removed = loading.remove_demo(settings, wiring.engine(settings))
    click.echo(f"the demo is removed ({removed} accounts)")
