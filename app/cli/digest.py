"""The command that shows what somebody's digest would say now."""

from __future__ import annotations

import click

from alerts.notices.notice import as_text
from app import wiring
from app.digests.chore import text_for
from core import clock
from core.settings import read_settings


@click.command("digest")
@click.argument("email")
def show(email: str) -> None:
    """Show what the digest of EMAIL would say now. Nothing is sent, and nothing counts as told."""
    settings = read_settings()
    engine = wiring.engine(settings)
    text = text_for(engine, wiring.office(settings, engine), email, clock.now())
    click.echo(as_text(text) if text else "Nothing to call, to judge, slipping or promised: no digest would be sent.")
