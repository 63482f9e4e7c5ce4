"""Commands about accounts: which are one customer twice, merging them, and who is above whom."""

from __future__ import annotations

import json

import click

from app import wiring
from core import clock
from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from core.settings import read_settings

BY = "command line"
"""Who did it, in the audit."""


@click.group()
def accounts() -> None:
    """Find accounts that are one customer twice, merge them, show groups."""


@accounts.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line (docs/accounts.md).")
@click.option("--limit", default=50, show_default=True, help="Pairs at most; 0 means all.")
def duplicates(as_json: bool, limit: int) -> None:
    """List pairs of accounts that may be one customer, the surest first. Nothing is merged."""
    from app import duplicate_pairs

    with reading(wiring.engine(read_settings())) as connection:
        pairs = duplicate_pairs.of(connection)
        merges = duplicate_pairs.merges(connection)
    shown = pairs[:limit] if limit else pairs
    for pair in shown:
        if as_json:
            click.echo(json.dumps(duplicate_pairs.as_json(pair), ensure_ascii=False))
            continue
        a, b = pair.master, pair.other
        click.echo(f"{pair.kind:<9}{pair.confidence:.2f}  {a.name} ({a.id}) = {b.name} ({b.id})?")
        for reason in pair.why:
            click.echo(f"                 {reason.text}")
        click.echo(f"                 dormouse accounts merge {a.id} {b.id} --dry-run")
    if as_json:
        return
    left_out = f", {len(pairs) - len(shown):,} more with --limit 0" if len(pairs) > len(shown) else ""
    click.echo(f"{len(pairs):,} pair(s) may be one customer{left_out}")
    for merge in merges:
        click.echo(f"merged: {merge.record.name} ({merge.merged}) into {merge.master}, {merge.at:%Y-%m-%d}, {merge.by}")


@accounts.command()
@click.argument("master")
@click.argument("other")
@click.option("--dry-run", is_flag=True, help="Only show what would move.")
def merge(master: str, other: str, dry_run: bool) -> None:
    """Make the account OTHER part of the account MASTER; `accounts unmerge OTHER` takes it back."""
    from app import merging

    engine = wiring.engine(read_settings())
    if dry_run:
        with reading(engine) as connection:
            told = merging.preview(connection, AccountId(master), AccountId(other))
    else:
        with writing(engine) as connection:
            told = merging.merge(connection, AccountId(master), AccountId(other), BY, clock.now())
    for line in told.lines:
        click.echo(line)
    click.echo(
        "dry run: nothing was written" if dry_run else f"merged; undo: dormouse accounts unmerge {told.merged.id}"
    )


@accounts.command()
@click.argument("account")
def unmerge(account: str) -> None:
    """Make ACCOUNT, which was merged into another, an account of its own again."""
    from app import merging

    with writing(wiring.engine(read_settings())) as connection:
        done = merging.unmerge(connection, AccountId(account), BY, clock.now())
    for line in done.lines:
        click.echo(line)


@accounts.command()
@click.argument("account", required=False)
def tree(account: str | None) -> None:
    """Show who is above whom: the group of ACCOUNT, else all groups."""
    from enrichment.account import merge_store, store
    from enrichment.account.hierarchy import Hierarchy

    with reading(wiring.engine(read_settings())) as connection:
        known = store.accounts(connection)
        moved = merge_store.redirects(connection)
    hierarchy = Hierarchy(known)
    tops = hierarchy.tops()
    asked = moved.now(AccountId(account)) if account else None
    if asked is not None:
        if not hierarchy.below(asked):
            raise InputError(f"there is no account {account!r}: the list of accounts knows those there are")
        above = hierarchy.above(asked)
        tops = (above[-1],) if above else (hierarchy.below(asked)[0].account,)
    for top in tops:
        for node in hierarchy.below(top.id):
            one = hierarchy.with_owner(node.account)
            via = f", by way of {one.owner_via}" if one.owner_via else ""
            owner = f"  {one.owner_email}{via}" if one.owner_email else ""
            mark = " <" if node.account.id == asked else ""
            click.echo(f"{'  ' * node.depth}{one.name} ({one.id}){owner}{mark}")
    if not tops:
        click.echo("no account has one above it: import a column `parent`")
    ids = {one.id for one in known}
    for one in known:
        if one.parent is not None and one.parent not in ids:
            click.echo(f"waiting: {one.name} ({one.id}) is below {one.parent}, which isn't known yet")
