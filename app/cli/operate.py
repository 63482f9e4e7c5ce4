"""Commands that set Dormouse up and run it."""

from __future__ import annotations

import time

import click

from app import lifeline, setup, wiring
from app.auth.users import FIRST_USER
from app.migrate import is_current, upgrade
from app.serve import Supervisor, check_ports, serve_wsgi
from core.errors import UnavailableError
from core.log import set_up
from core.settings import Settings, read_settings

_supervised = click.option("--supervised", is_flag=True, hidden=True, help="End when standard input closes.")


def _ready_settings(supervised: bool) -> Settings:
    if supervised:
        lifeline.end_with_stdin()
    settings = read_settings()
    if not settings.secret:
        raise UnavailableError(f"there is no secret in {settings.home}: run `dormouse init` first")
    return settings


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
    started = time.monotonic()
    say = _Progress()
    settings, password = setup.initialise(settings, say)
    if demo:
        setup.load_demo_once(settings, say)
    supervisor = Supervisor(settings, say)
    supervisor.start()
    for line in setup.welcome(settings, password, time.monotonic() - started):
        click.echo(line)
    supervisor.run()
    click.echo("stopped; nothing is lost")


class _Progress:
    """Prints what is being done, as a line each."""

    def __call__(self, text: str) -> None:
        click.echo(f"  {text}", err=True)


@click.command()
@_supervised
def web(supervised: bool) -> None:
    """Run the dashboard alone."""
    settings = _ready_settings(supervised)
    serve_wsgi("app.entry:dashboard", settings, settings.port, threads=8)


@click.command()
@_supervised
def collector(supervised: bool) -> None:
    """Run the collector alone: the only part that must be reachable from the internet."""
    settings = _ready_settings(supervised)
    # fsync acknowledges in groups: the more threads wait together, the fewer syncs
    serve_wsgi("app.entry:collector", settings, settings.collector_port, threads=1 if settings.ack == "write" else 32)


@click.command()
@_supervised
def worker(supervised: bool) -> None:
    """Run the worker alone: judges visits, delivers alerts, removes what has expired."""
    settings = _ready_settings(supervised)
    set_up(settings.log_level, "worker")
    engine = wiring.engine(settings)
    if not is_current(engine):
        raise UnavailableError("the database's tables are not up to date: run `dormouse migrate`")
    wiring.worker(settings, engine).run()


@click.command()
def migrate() -> None:
    """Bring the database's tables up to date; an SQLite database is copied first."""
    settings = read_settings()
    engine = wiring.engine(settings)
    upgrade(engine, lambda text: click.echo(text, err=True))
    click.echo("the tables are up to date")
