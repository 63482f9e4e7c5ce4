"""Commands that set Dormouse up and run it."""

from __future__ import annotations

import click

from app import setup, wiring
from app.auth.users import FIRST_USER
from app.migrate import upgrade
from app.serve import Supervisor, check_ports
from core.clock import monotonic
from core.settings import read_settings


@click.command()
def init() -> None:
    """Make the home folder, the secret and the tables. Running it again changes nothing."""
    settings = read_settings()
    settings, password = setup.initialise(settings, lambda text: click.echo(text, err=True))
    click.echo(f"home {settings.home} is ready")
    if password:
        click.echo(f"dashboard login: {FIRST_USER}, password {password} (shown only now)")


@click.command()
@click.option("--demo", is_flag=True, help="On the very first start: load the demo.")
def serve(demo: bool) -> None:
    """Run collector, dashboard and worker together; Ctrl-C drains and stops."""
    settings = read_settings()
    check_ports(settings)
    started = monotonic()
    say = _Progress()
    settings, password = setup.initialise(settings, say)
    if demo:
        setup.load_demo_once(settings, say)
    supervisor = Supervisor(settings, say)
    supervisor.start()
    for line in setup.welcome(settings, password, monotonic() - started):
        click.echo(line)
    supervisor.run()
    click.echo("stopped; nothing is lost")


class _Progress:
    """Prints what is being done, as a line each."""

    def __call__(self, text: str) -> None:
        click.echo(f"  {text}", err=True)


@click.command()
def migrate() -> None:
    """Bring the database's tables up to date; an SQLite database is copied first."""
    settings = read_settings()
    engine = wiring.engine(settings)
    upgrade(engine, lambda text: click.echo(text, err=True))
    click.echo("the tables are up to date")
