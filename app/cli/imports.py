"""Commands that bring data in: accounts and what they did, access logs, a test page view."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from app import wiring
from app.cli.progress import Bar
from core import clock, ids
from core.errors import UnavailableError
from core.settings import read_settings
from enrichment.account.importer.headers import What
from enrichment.account.importer.registry import IMPORTERS

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _file_options(command: click.Command) -> click.Command:
    """Give a command the options that every kind of file has."""
    command.params += [
        click.Option(
            ["--column", "columns"],
            multiple=True,
            metavar="FIELD=HEADER",
            help="Which column holds FIELD; else it is guessed. Remembered for files with the same columns.",
        ),
        click.Option(["--sheet"], default="", help="The sheet of a workbook; else the largest."),
        click.Option(["--dry-run"], is_flag=True, help="Write nothing; say what would be added, changed, left out."),
        click.Option(["--forget-mapping"], is_flag=True, help="Forget what was said of such files' columns before."),
    ]
    return command


@click.group(name="import")
def import_() -> None:
    """Import accounts, activities, contacts or aliases from a CSV file or a workbook (.xlsx); again is harmless."""


def _import(what: What, file: Path, columns: tuple[str, ...], sheet: str, dry_run: bool, forget_mapping: bool) -> None:
    mapping = dict(_pair(text) for text in columns)
    with Bar() as bar:
        report = IMPORTERS[what](
            wiring.engine(read_settings()),
            file,
            clock.now(),
            mapping or None,
            progress=lambda done, total: bar(file.name, done, total),
            sheet=sheet,
            dry_run=dry_run,
            forget_mapping=forget_mapping,
        )
    click.echo(report.text)


def _pair(text: str) -> tuple[str, str]:
    field, equals, header = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r}: give FIELD=HEADER, such as name=Company")
    return field.strip(), header.strip()


@_file_options
@import_.command()
@click.argument("file", type=_FILE)
def accounts(file: Path, columns: tuple[str, ...], sheet: str, dry_run: bool, forget_mapping: bool) -> None:
    """Import accounts from FILE."""
    _import("accounts", file, columns, sheet, dry_run, forget_mapping)


@_file_options
@import_.command()
@click.argument("file", type=_FILE)
def activities(file: Path, columns: tuple[str, ...], sheet: str, dry_run: bool, forget_mapping: bool) -> None:
    """Import activities (purchases, contacts, logins, replies, reasons of dormancy) from FILE."""
    _import("activities", file, columns, sheet, dry_run, forget_mapping)


@_file_options
@import_.command()
@click.argument("file", type=_FILE)
def contacts(file: Path, columns: tuple[str, ...], sheet: str, dry_run: bool, forget_mapping: bool) -> None:
    """Import contacts from FILE."""
    _import("contacts", file, columns, sheet, dry_run, forget_mapping)


@_file_options
@import_.command()
@click.argument("file", type=_FILE)
def aliases(file: Path, columns: tuple[str, ...], sheet: str, dry_run: bool, forget_mapping: bool) -> None:
    """Import other names of accounts (former, trade and English names) from FILE.

    Each row names an account by its id, domain or name. The list of EDINET codes of Japan's FSA can be given as it is.
    """
    _import("aliases", file, columns, sheet, dry_run, forget_mapping)


@click.command("import-log")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--site", required=True, help="The website that the logs are of; add it first with `site add`.")
def import_log(files: tuple[Path, ...], site: str) -> None:
    """Put access logs (common or combined format; gzip too) through the line. Again is harmless.

    Returns when every line is judged from local sources and written. Visits older than an hour never send alerts.
    """
    from app.log_import import import_logs

    settings = read_settings()
    engine = wiring.engine(settings)
    started = clock.monotonic()
    with Bar() as bar:
        report = import_logs(engine, wiring.pipeline(settings, engine), files, site, clock.now(), bar)
    seconds = max(clock.monotonic() - started, 1e-9)
    click.echo(
        f"{report.lines:,} lines in {seconds:.1f} s ({report.lines / seconds:,.0f} a second), {report.new_hits:,} new"
    )
    for outcome, count in report.outcomes.most_common():
        click.echo(f"  {count:>9,}  {outcome}")
    click.echo(
        f"{len(report.visits):,} visits touched, {len(report.recognised):,} accounts recognised, "
        f"{report.alerts:,} alerts from history (shown, never sent)"
    )


@click.command("send-pageview")
@click.option("--site", required=True, help="The website.")
@click.option("--path", default="/", help="The page.")
@click.option("--engaged", default=0, help="Seconds that it was read.")
@click.option("--user-agent", default="Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
@click.option("--forwarded-for", default="", help="Sent as X-Forwarded-For; believed only from trusted proxies.")
def send_pageview(site: str, path: str, engaged: int, user_agent: str, forwarded_for: str) -> None:
    """Send one page view to the running collector, and say what it answered."""
    import urllib3

    settings = read_settings()
    name = ids.derived("test", ids.random_token())
    body = {"i": name, "s": site, "u": f"https://{site}{path}", "t": "", "r": "", "e": engaged * 1000}
    headers = {"Content-Type": "text/plain", "User-Agent": user_agent}
    if forwarded_for:
        headers["X-Forwarded-For"] = forwarded_for
    url = f"{settings.collector_url}/b"
    try:
        answer = urllib3.request("POST", url, body=json.dumps(body), headers=headers, timeout=5.0, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise UnavailableError(f"no answer at {url}: start it with `dormouse serve`") from error
    ignored = answer.headers.get("Dormouse-Ignored")
    click.echo(
        f"{answer.status} {'ignored: ' + ignored if ignored else answer.data.decode(errors='replace') or 'kept'}"
    )
    if answer.status != 204:
        sys.exit(1)
