"""Commands that run one role alone; light to import, because a server process does nothing else."""

from __future__ import annotations

import click

from app import lifeline
from app.serve_wsgi import serve_wsgi
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
    from app import wiring
    from app.migrate import is_current

    set_up(settings.log_level, "worker")
    engine = wiring.engine(settings)
    if not is_current(engine):
        raise UnavailableError("the database's tables are not up to date: run `dormouse migrate`")
    wiring.worker(settings, engine).run()
