"""Lets what a file says of accounts that were merged into others count for those others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.domain import Account, AccountId, Activity
from enrichment.account import merge_store
from enrichment.account import store as accounts_store
from enrichment.account.importer import store
from enrichment.account.importer.report import Tally


@dataclass(slots=True)
class Found:
    """What the file says about one account."""

    account: Account
    line: int
    parent: str = ""
    networks: set[str] = field(default_factory=set)
    purchases: list[Activity] = field(default_factory=list)


def fold_merged(
    connection: store.Connection, found: Mapping[AccountId, Found], moved: merge_store.Redirects, tally: Tally
) -> tuple[dict[AccountId, Found], Mapping[str, Account]]:
    """Return what is to be written of each account that stands, and new records (merge → account) of merged ones.

    What a file says of a merged account fills the gaps of the one that it was merged into, also where the file no
    longer has it: a merge isn't lost by an import, and an import never makes the duplicate anew.
    """
    if not moved:
        return dict(found), {}
    folded = {account: one for account, one in found.items() if moved.now(account) == account}
    records: dict[str, Account] = {}
    for master, merges in moved.into().items():
        rows = [found[merge.merged] for merge in merges if merge.merged in found]
        own, before = folded.get(master), accounts_store.account(connection, master)
        base = _base(own, before)
        if base is None or not (own or rows):
            continue
        tally.merged += len(rows) if own is not None else len(rows) - 1
        target = own or Found(account=base, line=rows[0].line)
        for merge in merges:
            record = merge.record
            if (row := found.get(merge.merged)) is not None:
                record = store.updated(record, row.account)
                target.networks |= row.networks
                target.purchases += [replace(purchase, account=master) for purchase in row.purchases]
            if record != merge.record:
                records[merge.id] = record
            base = store.joined(base, record)
        target.account = base
        folded[master] = target
    return folded, records


def _base(own: Found | None, before: Account | None) -> Account | None:
    """Return an account that others were merged into as it is without what they add now."""
    if before is None:
        return own.account if own else None
    before = replace(before, former_ids=())
    return store.updated(before, own.account) if own else before
