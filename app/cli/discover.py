"""Commands that find the accounts' networks and decide about what was found."""

from __future__ import annotations

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
from core.settings import read_settings

if TYPE_CHECKING:
    from enrichment.account.discovery.finder import AccountFinder
    from enrichment.account.discovery.proposals import Proposal, Status

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--dump", "dumps", multiple=True, type=_FILE, help="A registry's dump (RPSL, ARIN's text or XML; .gz).")
@click.argument("more", nargs=-1, type=_FILE)
def discover(dumps: tuple[Path, ...], more: tuple[Path, ...]) -> None:
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
    now = clock.now()
    if paths := (*dumps, *more):
        _from_dumps(engine, paths, finder, now)
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
    click.echo(done.said if done else f"{prefix}: gone meanwhile")


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
