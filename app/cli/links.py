"""Commands that make signed links for customers."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from app import links, wiring
from core import clock
from core.database import reading
from core.domain import Account
from core.errors import InputError
from core.settings import read_settings
from enrichment.account.importer.table import read_table
from tracker.identity import LINK_DAYS

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ID_COLUMNS = ("account", "account_id", "id", "customer", "customer_id")
_SHOWN = 10


@click.command()
@click.option("--account", default=None, help="The account's id, as imported.")
@click.option("--accounts", "file", type=_FILE, help="A CSV file with a column `account`; a mailing's CSV comes out.")
@click.option("--url", required=True, help="The page of your website that the link opens.")
@click.option("--days", type=int, default=LINK_DAYS, show_default=True, help="For how many days the link works.")
@click.option("--qr", type=click.Path(dir_okay=False, path_type=Path), help="Write the QR code to this SVG file.")
@click.option("--column", default=None, help="Which column of the CSV file holds the account ids.")
def link(account: str | None, file: Path | None, url: str, days: int, qr: Path | None, column: str | None) -> None:
    """Make a signed link: whoever comes by it is known to come from that customer."""
    if (account is None) == (file is None):
        raise InputError("give --account ID for one link, or --accounts FILE for many")
    if qr is not None and file is not None:
        raise InputError("--qr is for one link: give --account ID")
    settings = read_settings()
    with reading(wiring.engine(settings)) as connection:
        make = links.maker(connection, settings, url, clock.now(), days)
        find = links.finder(connection)
    if account is not None:
        made = make.link(find(account).id)
        if qr is not None:
            _write(qr, links.qr_svg(made.url))
        click.echo(made.url)
    elif file is not None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        for row in _mailing(file, make, find, column):
            writer.writerow(row)


def _mailing(
    file: Path, make: links.LinkMaker, find: Callable[[str], Account], column: str | None
) -> Iterator[tuple[str, ...]]:
    """The file's rows with a link each; raises InputError, before the first row, naming every account not known."""
    table = read_table(file)
    at = _position(table.headers, column, file)
    unknown: dict[str, int] = {}
    made: list[tuple[str, ...]] = []
    for row in table.rows:
        account = row.cells[at]
        if not account:
            unknown.setdefault("(empty)", row.line)
            continue
        try:
            made.append((*row.cells, make.link(find(account).id).url))
        except InputError:
            unknown.setdefault(account, row.line)
    if unknown:
        shown = ", ".join(f"{account} (line {line})" for account, line in list(unknown.items())[:_SHOWN])
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        raise InputError(f"no link was made: these accounts of {file.name} aren't among yours: {shown}{more}")
    yield (*table.headers, "link")
    yield from made


def _position(headers: Sequence[str], column: str | None, file: Path) -> int:
    wanted = (column,) if column else _ID_COLUMNS
    for name in wanted:
        for position, header in enumerate(headers):
            if header.strip().casefold().replace(" ", "_") == name.strip().casefold().replace(" ", "_"):
                return position
    raise InputError(
        f"which column of {file.name} holds your account ids? It has {', '.join(headers)}: name it with --column"
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{str(path)!r} can't be written: {error.strerror}") from None
