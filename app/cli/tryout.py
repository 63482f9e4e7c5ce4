"""The command that finds dormant customers in somebody's own access log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.progress import Bar
from core import clock
from core.settings import Settings, read_settings

if TYPE_CHECKING:
    from app.tryout.imports import Files

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--accounts", required=True, type=_FILE, help="Your customers (CSV).")
@click.option("--log", "logs", required=True, multiple=True, help="An access log, or a pattern; gzip too.")
@click.argument("more_logs", nargs=-1)
@click.option("--activities", type=_FILE, help="What they bought, when you spoke (CSV).")
@click.option("--contacts", type=_FILE, help="Whom you know there (CSV).")
@click.option("--column", "columns", multiple=True, metavar="[FILE.]FIELD=HEADER", help="Which column holds FIELD.")
@click.option("--site", default="", help="The website; else the log's virtual host.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Where the report goes.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON; all else goes to stderr.")
@click.option("--keep", is_flag=True, help="Keep the workspace.")
def tryout(
    accounts: Path,
    logs: tuple[str, ...],
    more_logs: tuple[str, ...],
    activities: Path | None,
    contacts: Path | None,
    columns: tuple[str, ...],
    site: str,
    report: Path | None,
    as_json: bool,
    keep: bool,
) -> None:
    """Find dormant customers in access logs of yours. Your real database isn't touched, and nothing is sent.

    Everything is worked out from the files and the network databases on this machine, in a workspace that is removed
    at the end; the outcome is one page to forward (report.html in the home folder).
    """
    from app.tryout.imports import Files
    from app.tryout.inputs import column_maps, find_logs

    settings = read_settings()
    files = Files(
        accounts=accounts,
        logs=find_logs((*logs, *more_logs), site),
        activities=activities,
        contacts=contacts,
        columns=column_maps(columns),
    )
    _try_out(settings, files, report or settings.home / "report.html", as_json=as_json, keep=keep)


def _try_out(settings: Settings, files: Files, target: Path, *, as_json: bool, keep: bool) -> None:
    import msgspec

    from app.tryout.inputs import NO_NAME
    from app.tryout.report import write_report
    from app.tryout.run import try_out
    from app.tryout.words import lines_of
    from app.tryout.workspace import workspace

    now, bar = clock.now(), Bar()

    def say(line: str) -> None:
        bar.clear()
        click.echo(line, err=as_json)

    settings, fetched = _with_networks(settings)
    local = "only these files and the network databases on this machine"
    say("no outbound queries beside that download" if fetched else f"no outbound queries: {local}")
    unnamed = " (the log doesn't name it; --site HOST does)" if files.logs.site == NO_NAME else ""
    say(f"website: {files.logs.site}{unnamed}")
    with workspace(settings, keep=keep, now=now) as place:
        with bar:
            found = try_out(place, files, now, say, bar, outbound=int(fetched))
        write_report(found, target)
        for line in lines_of(found):
            say(line)
        say(f"report: {target} ({found.seconds:,.1f} s)")
        if keep:
            say(f"workspace kept: DORMOUSE_HOME={place.home} dormouse serve")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())


def _with_networks(settings: Settings) -> tuple[Settings, bool]:
    """Return the settings with a network database, fetched if there is none and somebody at a terminal agrees."""
    if settings.mmdb_paths or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return settings, False
    click.echo("There is no network database, so visitors' companies can't be told.")
    if not click.confirm("Fetch DB-IP Lite now (one download, about 10 MB, free)?", default=False):
        return settings, False
    from enrichment.network.update import http_fetch, update

    report = update(settings.networks_dir / "dbip-asn-lite.mmdb", http_fetch(), clock.now().date())
    click.echo(f"{report.path.name} of {report.built_at:%Y-%m-%d}; {report.attribution}")
    return read_settings(), True
