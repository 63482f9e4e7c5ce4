"""Commands about network databases."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import asking
from app.cli import discover as discovery
from app.cli import learned as learning
from app.cli.progress import Bar
from core import clock
from core.domain import AccountId, NetworkKind
from core.errors import InputError
from core.settings import read_settings

_DB_IP = "dbip-asn-lite.mmdb"


@click.group()
def networks() -> None:
    """Build, update and show network databases."""


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@networks.command()
@click.option("--prefixes", type=_FILE, help="A table of announced prefixes (prefix TAB asn).")
@click.option("--names", type=_FILE, help="The AS names for it (CSV).")
@click.option("--owners", type=_FILE, help="Or a table of prefixes and who uses them (CSV, .csv.gz, .parquet).")
@click.option("--column", "columns", multiple=True, metavar="FIELD=NAME", help="Which column of OWNERS is what.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def build(prefixes: Path | None, names: Path | None, owners: Path | None, columns: tuple[str, ...], out: Path) -> None:
    """Make a network database from a table of prefixes and one of AS names, or from one of prefixes and owners."""
    from enrichment.network.build import build as make
    from enrichment.network.build_owners import build_owners

    if bool(owners) == bool(prefixes or names) or bool(prefixes) != bool(names):
        raise InputError("give --prefixes and --names, or --owners")
    said = dict(column.partition("=")[::2] for column in columns)
    with Bar() as bar:
        if owners:
            report = build_owners(owners, out, bar, now=clock.now(), columns=said)
        else:
            assert prefixes is not None
            assert names is not None
            report = make(prefixes, names, out, bar, now=clock.now())
    named = f"organisations ({report.unnamed:,} without a name)" if report.unnamed else "organisations"
    click.echo(
        f"{out}: {report.prefixes:,} prefixes of {report.systems:,} {named}, "
        f"{report.size / 2**20:.1f} MB, {report.dirty:,} lines left out"
    )
    for line in report.dirty_lines:
        click.echo(f"  {line}")


@networks.command("update")
@click.option("--sha256", default="", help="The checksum that the downloaded file must have.")
def update_(sha256: str) -> None:
    """Fetch DB-IP Lite ASN (free, no key, monthly; CC BY 4.0) into the home folder."""
    from enrichment.network.update import http_fetch, update

    settings = read_settings()
    click.echo(f"fetching {_DB_IP} from DB-IP …", err=True)
    report = update(settings.networks_dir / _DB_IP, http_fetch(), clock.now().date(), expected_sha256=sha256 or None)
    click.echo(
        f"{report.path}: {report.size / 2**20:.1f} MB of {report.built_at:%Y-%m-%d}, checksum {report.checksum}; "
        f"{report.attribution}"
    )


@networks.command()
@click.argument("addresses", nargs=-1)
def show(addresses: tuple[str, ...]) -> None:
    """Show the network databases in use and, for each of ADDRESSES, what they say."""
    from enrichment.network.resolvers.mmdb import MmdbResolver

    settings = read_settings()
    resolver = MmdbResolver(settings.mmdb_paths)
    if not settings.mmdb_paths:
        click.echo("no network database: run `dormouse networks update`, or name files in MMDB_PATHS")
    for database in resolver.databases():
        click.echo(
            f"{database.path}  {database.database_type}, built {database.built_at:%Y-%m-%d}, "
            f"{database.node_count:,} nodes, {database.size / 2**20:.1f} MB"
        )
    for problem in resolver.problems():
        click.echo(f"dormouse: {problem}", err=True)
    for address in addresses:
        for evidence in resolver.evidence(address):
            click.echo(f"{address}\t{evidence.prefix}\t{evidence.organisation or evidence.as_name}\t{evidence.source}")


@networks.command()
@click.argument("prefix")
@click.option("--account", default=None, help="The account's id: this network is theirs.")
@click.option("--organisation", default="", help="Who uses it, where it is no account's.")
@click.option("--kind", type=click.Choice([kind.value for kind in NetworkKind]), default=None, help="What it is.")
@click.option("--remove", is_flag=True, help="Take the statement back.")
def declare(prefix: str, account: str | None, organisation: str, kind: str | None, remove: bool) -> None:
    """Say whose network PREFIX is (CIDR or first-last); it counts before every other source."""
    from app import again_queries, wiring
    from core.database import writing
    from enrichment.account.store import account as find_account
    from enrichment.network import store

    owner = AccountId(account) if account else None
    with writing(wiring.engine(read_settings())) as connection:
        if remove:
            gone = store.remove(connection, prefix, owner)
            if gone:
                again_queries.want(connection, prefix, clock.now())
            click.echo(f"{prefix}: {'no longer declared' if gone else 'was not declared'}")
            return
        known = find_account(connection, owner) if owner else None
        if owner and known is None:
            raise InputError(f"there is no account {owner!r}: import it first (`dormouse import accounts FILE`)")
        if not (owner or organisation or kind):
            raise InputError("say whose it is: --account, --organisation or --kind")
        kept = store.declare(
            connection,
            prefix,
            owner,
            organisation or (known.name if known else ""),
            NetworkKind(kind) if kind else None,
            now=clock.now(),
        )
        again_queries.want(connection, kept, clock.now())
    click.echo(f"{kept} is declared")


for _command in (discovery.discover, discovery.proposals, discovery.accept, discovery.reject, learning.learned):
    networks.add_command(_command)
for _command in (asking.ask, asking.registries):
    networks.add_command(_command)
