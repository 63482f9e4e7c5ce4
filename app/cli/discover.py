"""Commands that find the accounts' networks and decide about what was found."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from sqlalchemy import Engine

from app.cli.progress import Bar
from core import clock
from core.clock import iso
from core.errors import InputError
from core.settings import Settings, read_settings

if TYPE_CHECKING:
    from core.domain import Account
    from enrichment.account.discovery.finder import AccountFinder
    from enrichment.account.discovery.proposals import Proposal, Status

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--dump", "dumps", multiple=True, type=_FILE, help="A registry's dump (RPSL, ARIN's text or XML; .gz).")
@click.option("--prefixes", type=_FILE, help="A table of announced prefixes (prefix TAB asn), for AS names.")
@click.option("--names", type=_FILE, help="The AS names for it (CSV).")
@click.option("--dns", "with_dns", is_flag=True, help="Ask the DNS for the accounts' domains: MX, SPF, A.")
@click.option("--rdap", "with_rdap", is_flag=True, help="Ask registries that offer a search, slowly.")
@click.option("--accounts", "only", multiple=True, metavar="ID", help="Only these accounts, for --dns and --rdap.")
@click.argument("more", nargs=-1, type=_FILE)
def discover(
    dumps: tuple[Path, ...],
    prefixes: Path | None,
    names: Path | None,
    with_dns: bool,
    with_rdap: bool,
    only: tuple[str, ...],
    more: tuple[Path, ...],
) -> None:
    """Find the accounts' own networks: in registry dumps, AS names, RDAP search and the domains' DNS.

    A run that was stopped goes on where it stopped; the same again changes nothing.
    """
    from app import wiring
    from core.database import reading
    from enrichment.account import store as account_store
    from enrichment.account.discovery.finder import AccountFinder

    settings = read_settings()
    engine = wiring.engine(settings)
    with reading(engine) as connection:
        accounts = account_store.accounts(connection)
    if not accounts:
        raise InputError("there are no accounts to look for: import them first (`dormouse import accounts FILE`)")
    finder = AccountFinder(accounts)
    wanted = [account for account in accounts if not only or account.id in only]
    if only and len(wanted) < len(set(only)):
        raise InputError(f"there is no account {', '.join(sorted(set(only) - {each.id for each in wanted}))}")
    if bool(prefixes) != bool(names):
        raise InputError("give both, --prefixes and --names, or neither")
    now = clock.now()
    if paths := (*dumps, *more):
        _from_dumps(engine, paths, finder, now)
    _from_names(engine, settings, prefixes, names, finder, now)
    if with_rdap:
        _from_rdap(engine, settings, wanted, finder, now)
    if with_dns:
        _from_dns(engine, settings, wanted, now)
    _say_counts(engine)


def _from_dumps(engine: Engine, paths: tuple[Path, ...], finder: AccountFinder, now: datetime) -> None:
    from enrichment.account.discovery.run import discover_dumps
    from enrichment.account.discovery.store import DiscoveryStore

    started = clock.monotonic()
    with Bar() as bar:
        report = discover_dumps(paths, finder, DiscoveryStore(engine), bar, now)
    seconds = clock.monotonic() - started
    for name in report.skipped:
        click.echo(f"{name}: read to its end before, with these accounts")
    click.echo(
        f"registries: {report.objects:,} objects in {seconds:.0f} s, {report.owners:,} organisations are accounts', "
        f"{report.new:,} networks proposed, {report.changed:,} changed"
    )


def _from_names(
    engine: Engine, settings: Settings, prefixes: Path | None, names: Path | None, finder: AccountFinder, now: datetime
) -> None:
    from app.wiring import network_files
    from enrichment.account.discovery.store import DiscoveryStore
    from enrichment.account.discovery.systems import discover_systems, systems_of_tables

    files = network_files(settings)
    with Bar() as bar:
        findings = discover_systems(files, finder, bar)
        if prefixes and names:
            findings += systems_of_tables(prefixes, names, finder, bar, now)
    if not files and not prefixes:
        click.echo("AS names: no network database and no --prefixes; run `dormouse networks update` first")
        return
    new, changed = DiscoveryStore(engine).propose(findings, now)
    click.echo(f"AS names and databases: {new:,} networks proposed, {changed:,} changed")


def _from_rdap(
    engine: Engine, settings: Settings, accounts: list[Account], finder: AccountFinder, now: datetime
) -> None:
    from enrichment.account.discovery.rdap_search import discover_rdap
    from enrichment.account.discovery.store import DiscoveryStore
    from enrichment.network.remote.registries import SCRAPED, registry_at, with_urls
    from enrichment.network.remote.transport import Transport

    known = with_urls(settings.rdap_url)
    asked = [registry for registry in known.values() if registry.name not in SCRAPED]
    web = Transport(lambda url: registry_at(url, known))
    with Bar() as bar:
        report = discover_rdap(accounts, finder, asked, web, bar, monotonic=clock.monotonic, sleep=time.sleep)
    new, changed = DiscoveryStore(engine).propose(report.findings, now)
    click.echo(f"RDAP search: {sum(report.calls.values()):,} calls, {new:,} networks proposed, {changed:,} changed")
    for line in report.told:
        click.echo(f"  {line}")


def _from_dns(engine: Engine, settings: Settings, accounts: list[Account], now: datetime) -> None:
    from app.wiring import network_files
    from enrichment.account.discovery.dns_client import DnsClient
    from enrichment.account.discovery.dns_trail import discover_dns
    from enrichment.account.discovery.store import DiscoveryStore
    from enrichment.network.lookup import NetworkLookup
    from enrichment.network.resolvers.mmdb import MmdbResolver

    networks = NetworkLookup((MmdbResolver(network_files(settings)),), monotonic=clock.monotonic)
    store = DiscoveryStore(engine)
    with Bar() as bar:
        findings = discover_dns(accounts, DnsClient(), lambda ip: networks.network(ip).kind, store.of_accounts, bar)
    new, changed = store.propose(findings, now)
    click.echo(f"DNS: {new:,} networks proposed, {changed:,} changed")


def _say_counts(engine: Engine) -> None:
    from core.database import reading
    from enrichment.account.discovery import store

    with reading(engine) as connection:
        counts = store.counts(connection)
    click.echo(
        f"{counts['acting']:,} networks act, {counts['waiting']:,} wait for a second source or for you "
        "(`dormouse networks proposals`, or the page Networks)"
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON line each; the format is in docs/cli.md.")
@click.option(
    "--show", type=click.Choice(["waiting", "acting", "accepted", "rejected", "all"]), default="all", show_default=True
)
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="At most so many.")
def proposals(as_json: bool, show: str, limit: int) -> None:
    """List the networks found for accounts, the surest first: which act, which wait for you, and why."""
    from app import wiring
    from core.database import reading
    from enrichment.account.discovery import store

    with reading(wiring.engine(read_settings())) as connection:
        found = store.proposals(connection, show, limit)
    for proposal in found:
        click.echo(msgspec.json.encode(_as_line(proposal)).decode() if as_json else _as_text(proposal))
    if not found and not as_json:
        click.echo("no networks found: run `dormouse networks discover --dump FILE` first (docs/discover.md)")


def _as_line(found: Proposal) -> dict[str, object]:
    return {
        "id": found.id,
        "account": found.account,
        "prefix": found.prefix,
        "organisation": found.organisation,
        "confidence": found.confidence,
        "status": found.status,
        "acts": found.acts,
        "waits": found.waits or None,
        "evidence": [
            {"source": said.source, "text": said.text, "confidence": said.confidence} for said in found.evidence
        ],
        "first_at": iso(found.first_at),
        "by": found.by or None,
    }


def _as_text(found: Proposal) -> str:
    standing = found.status if found.status != "proposed" else "acts" if found.acts else "waits"
    told = found.waits if standing == "waits" else "; ".join(said.text for said in found.evidence)
    return f"{found.prefix}\t{found.account}\t{found.organisation}\t{found.confidence:.2f}\t{standing}\t{told}"


def _decided(prefix: str, account: str | None, status: Status) -> None:
    from app import wiring
    from app.network_actions import decide
    from core.database import writing
    from enrichment.account.discovery import store

    with writing(wiring.engine(read_settings())) as connection:
        found = store.find(connection, prefix, account)
        if not found:
            raise InputError(f"{prefix} isn't proposed: `dormouse networks proposals` lists what is")
        if len(found) > 1:
            ids = ", ".join(each.account for each in found)
            raise InputError(f"{prefix} is proposed for several accounts ({ids}): say which, with --account")
        done = decide(connection, found[0].id, status, "command line", clock.now())
    click.echo(done.said if done else f"{found[0].prefix} is {status} already")


@click.command()
@click.argument("prefix")
@click.option("--account", default=None, help="The account, where several have this network proposed.")
@click.option("--undo", is_flag=True, help="Take the decision back.")
def accept(prefix: str, account: str | None, undo: bool) -> None:
    """Say that the proposed network PREFIX is the account's."""
    _decided(prefix, account, "proposed" if undo else "accepted")


@click.command()
@click.argument("prefix")
@click.option("--account", default=None, help="The account, where several have this network proposed.")
@click.option("--undo", is_flag=True, help="Take the decision back.")
def reject(prefix: str, account: str | None, undo: bool) -> None:
    """Say that the proposed network PREFIX isn't the account's; it stays so when `discover` finds it again."""
    _decided(prefix, account, "proposed" if undo else "rejected")
