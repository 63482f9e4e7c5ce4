"""Commands about websites."""

from __future__ import annotations

import click

from app import wiring
from app.snippet import snippet_tag
from core import clock
from core.database import reading, writing
from core.errors import InputError
from core.settings import read_settings
from tracker.site_store import add_site, list_sites, new_identify_secret, site_id


@click.group()
def site() -> None:
    """Add and list websites; print the snippet."""


@site.command()
@click.argument("host")
def add(host: str) -> None:
    """Add the website HOST (such as example.com) and print the snippet to embed."""
    settings = read_settings()
    with writing(wiring.engine(settings)) as connection:
        is_new = add_site(connection, host, clock.now())
    click.echo(f"{site_id(host)} is {'added' if is_new else 'known already'}; embed this before </head>:")
    click.echo(snippet_tag(settings, site_id(host)))


@site.command("list")
def list_() -> None:
    """List the websites and when their snippet was last seen."""
    with reading(wiring.engine(read_settings())) as connection:
        for known in list_sites(connection):
            seen = clock.iso(known.snippet_seen_at) if known.snippet_seen_at else "snippet not seen yet"
            click.echo("\t".join((known.id, seen, *(("demo",) if known.is_demo else ()))))


@site.command("identify-secret")
@click.argument("host")
@click.option("--rotate", is_flag=True, help="Make a new one; what was signed with the old one counts no more.")
def identify_secret(host: str, rotate: bool) -> None:
    """Print the secret with which the backend of HOST signs identify calls; the first time it is made."""
    with writing(wiring.engine(read_settings())) as connection:
        found = {known.id: known.identify_secret for known in list_sites(connection)}
        secret = "" if rotate else found.get(site_id(host), "")
        click.echo(secret or new_identify_secret(connection, site_id(host)))


@site.command()
@click.argument("host")
def snippet(host: str) -> None:
    """Print the snippet of the website HOST."""
    settings = read_settings()
    with reading(wiring.engine(settings)) as connection:
        if site_id(host) not in {known.id for known in list_sites(connection)}:
            raise InputError(f"there is no site {site_id(host)}: add it with `dormouse site add {site_id(host)}`")
    click.echo(snippet_tag(settings, site_id(host)))
