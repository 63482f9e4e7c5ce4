"""Imports a file of accounts: one row per customer, however dirty."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path

from core.database import chunks
from core.domain import Account, AccountId, Activity
from enrichment.account import merge_store
from enrichment.account import store as accounts_store
from enrichment.account.domains import registrable, shared_by
from enrichment.account.importer import store
from enrichment.account.importer.merged import Found, fold_merged
from enrichment.account.importer.parents import Stated, settle
from enrichment.account.importer.report import ImportReport, Tally
from enrichment.account.importer.sheet import Progress, Said, Sheet, cut, halves, open_sheet, require
from enrichment.account.importer.table import Row
from enrichment.account.importer.values import currency_in
from enrichment.account.names import compare
from enrichment.account.normal_form import normal_form

_SPLIT = re.compile(r"[;,|\s]+")
_SPLIT_NAMES = re.compile(r"\s*[;|\n]\s*")
WIDEST_NETWORK = {4: 12, 6: 24}
"""The shortest prefix that one customer may declare; anything wider is a typing mistake."""


def import_accounts(
    database: store.Database,
    path: Path,
    now: datetime,
    mapping: Mapping[str, str] | None = None,
    *,
    is_demo: bool = False,
    progress: Progress | None = None,
    sheet: str = "",
    dry_run: bool = False,
    forget_mapping: bool = False,
) -> ImportReport:
    """Import the accounts in the file `path`; see `Importer`.

    An empty cell leaves what is known of an account. Without a column of ids the id is the row's own domain, else
    its name. A "last order" column also makes a purchase. The row of an account that was merged into another fills the
    gaps of that one.
    """
    tally = Tally()
    said = Said(mapping=mapping or {}, sheet=sheet, forget=forget_mapping, dry_run=dry_run)
    opened = open_sheet(database, path, "accounts", now, said, tally)
    require(opened, path, "name", "domain")
    found = _read_all(opened, tally, halves(progress, 0), is_demo=is_demo)
    _warn_of_namesakes([one.account for one in found.values()], tally)
    with store.step(database, writes=False) as connection:
        moved = merge_store.redirects(connection)
        folded, records = fold_merged(connection, found, moved, tally)
        _settle_parents(connection, found, folded, moved, tally)

    def write(connection: store.Connection, part: Sequence[Found], count_only: bool) -> store.Written:
        written = store.write_accounts(connection, [one.account for one in part], now, dry_run=count_only)
        networks = {one.account.id: one.networks for one in part}
        purchases = [purchase for one in part for purchase in one.purchases]
        return replace(
            written,
            networks=store.declare_networks(connection, networks, now, is_demo, dry_run=count_only),
            purchases=store.write_last_orders(connection, purchases, dry_run=count_only),
        )

    parts = list(chunks(list(folded.values()), store.SLICE))
    written = store.in_slices(database, parts, write, dry_run=dry_run, progress=halves(progress, 1))
    if records and not dry_run:
        with store.step(database, writes=True) as connection:
            for merge, record in records.items():
                merge_store.keep_record(connection, merge, record)
    return tally.report(
        "accounts",
        opened.columns,
        added=written.added,
        changed=written.changed,
        unchanged=written.unchanged,
        purchases_added=written.purchases,
        dry_run=dry_run,
    )


def _read_all(sheet: Sheet, tally: Tally, progress: Progress, *, is_demo: bool) -> dict[AccountId, Found]:
    found: dict[AccountId, Found] = {}
    ids = _Ids(sheet)
    for row in sheet.rows(tally, progress):
        one = _read(sheet, row, ids, tally, is_demo=is_demo)
        if one is None:
            continue
        known = found.get(one.account.id)
        if known is None:
            found[one.account.id] = one
        else:
            tally.merged += 1
            known.account = store.joined(known.account, one.account)
            known.parent = known.parent or one.parent
            known.networks |= one.networks
            known.purchases += one.purchases
    return found


def _settle_parents(
    connection: store.Connection,
    found: Mapping[AccountId, Found],
    folded: Mapping[AccountId, Found],
    moved: merge_store.Redirects,
    tally: Tally,
) -> None:
    """Give the accounts to be written the parents that the file names."""
    stated = [Stated(line=one.line, account=account, parent=one.parent) for account, one in found.items() if one.parent]
    if not stated:
        return
    merged = [merge.record for merge in moved.merges]
    known = [*accounts_store.accounts(connection), *merged]
    parents = settle(stated, known, [one.account for one in found.values()], moved.now, tally)
    for account, parent in parents.items():
        if account in folded:
            folded[account].account = replace(folded[account].account, parent=parent)


_NOBODY = frozenset({"-", "–", "none", "n/a", "null", "keine", "0", "なし"})


class _Ids:
    """Derives ids for a file without a column of ids."""

    def __init__(self, sheet: Sheet) -> None:
        self._names: dict[str, set[str]] = defaultdict(set)
        for row in sheet.table.rows:
            for domain in _domains(sheet.cell(row, "domain"))[:1]:
                self._names[domain].add(normal_form(sheet.cell(row, "name")).key)
        self._by_key: dict[str, list[str]] = defaultdict(list)

    def derive(self, name: str, domains: tuple[str, ...]) -> AccountId:
        """Return the domain if only one name in the file has it, else the name's normal form."""
        if domains and len(self._names[domains[0]]) <= 1:
            return AccountId(domains[0])
        form = normal_form(name)
        slug = "-".join(form.words)
        known = self._by_key[slug]
        if all(compare(name, other).same for other in known):
            known.append(name)
            return AccountId(slug[:100])
        return AccountId(cut(name.casefold(), 100).replace(" ", "-"))


def _read(sheet: Sheet, row: Row, ids: _Ids, tally: Tally, *, is_demo: bool) -> Found | None:
    listed = _domains(sheet.cell(row, "domain"))
    domains = tuple(domain for domain in listed if shared_by(domain) is None or sheet.cell(row, "id"))
    name = cut(sheet.cell(row, "name"), 300) or (domains[0] if domains else "")
    if not name or not normal_form(name).key:
        tally.skip(row.line, "no company name", "fill in the name or the domain")
        return None
    given = sheet.cell(row, "id")
    if len(given) > 100:
        tally.skip(row.line, "the account id is longer than 100 characters", "use the id of your CRM", given)
        return None
    if sheet.cell(row, "domain") and not listed:
        tally.partly(row.line, "the domain can't be read", "write it like example.com", sheet.cell(row, "domain"))
    account_id = AccountId(given) if given else ids.derive(name, tuple(d for d in domains if shared_by(d) is None))
    account = Account(
        id=account_id,
        name=name,
        domains=domains,
        aliases=tuple(cut(alias, 300) for alias in _SPLIT_NAMES.split(sheet.cell(row, "aliases")) if alias),
        country=cut(sheet.cell(row, "country"), 100),
        industry=cut(sheet.cell(row, "industry"), 200),
        location=cut(sheet.cell(row, "location"), 300),
        owner_email=_owner(sheet, row, tally),
        lifecycle=cut(sheet.cell(row, "lifecycle"), 100),
        registry_number=cut(sheet.cell(row, "registry_number"), 60),
        contract=cut(sheet.cell(row, "contract"), 100),
        contract_until=_contract_until(sheet, row, tally),
        do_not_contact=sheet.flag(row, "do_not_contact", tally),
        is_demo=is_demo,
    )
    parent = cut(sheet.cell(row, "parent"), 300)
    return Found(
        account=account,
        line=row.line,
        parent="" if parent.casefold() in _NOBODY else parent,
        networks=_networks(sheet, row, tally),
        purchases=_last_order(sheet, row, account_id, tally),
    )


def _domains(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(registrable, filter(None, _SPLIT.split(cell))))))


def _owner(sheet: Sheet, row: Row, tally: Tally) -> str:
    owner = sheet.cell(row, "owner_email").removeprefix("mailto:").strip().casefold()
    if owner and ("@" not in owner or " " in owner or len(owner) > 254):
        tally.partly(
            row.line, "the owner is no e-mail address", "give the owner's e-mail address so that we can tell them"
        )
        return ""
    return owner


def _networks(sheet: Sheet, row: Row, tally: Tally) -> set[str]:
    networks = set()
    for text in filter(None, _SPLIT.split(sheet.cell(row, "networks"))):
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            tally.partly(row.line, "a network can't be read", "write it like 192.0.2.0/24")
            continue
        if network.prefixlen < WIDEST_NETWORK[network.version]:
            tally.partly(row.line, "a network is too wide for one customer", "give the customer's own range")
            continue
        networks.add(str(network))
    return networks


def _contract_until(sheet: Sheet, row: Row, tally: Tally) -> datetime | None:
    cell = sheet.cell(row, "contract_until")
    until = sheet.day(row, "contract_until")
    if cell and until is None and cell.casefold() not in _NOBODY:
        tally.partly(row.line, "the end of the contract is no date", "write it like 2027-03-31", cell)
    return until


def _last_order(sheet: Sheet, row: Row, account_id: AccountId, tally: Tally) -> list[Activity]:
    cell = sheet.cell(row, "last_order")
    if not cell or cell.casefold() in ("-", "n/a", "never", "none", "nie", "null", "0"):
        return []
    at = sheet.date(row, "last_order")
    if at is None:
        tally.partly(row.line, "the last order is no date of the past", "write it like 2026-03-31", cell)
        return []
    amount = sheet.amount(row, "last_amount")
    currency = sheet.cell(row, "currency") or currency_in(sheet.cell(row, "last_amount"))
    return [
        Activity(
            account=account_id,
            kind="purchase",
            at=at,
            amount=amount if amount is not None and amount >= Decimal(0) else None,
            currency=currency.upper()[:3],
            note=store.LAST_ORDER,
        )
    ]


def _warn_of_namesakes(accounts: Sequence[Account], tally: Tally) -> None:
    """Say which accounts can't be told apart by name: a visit of theirs is only ever a question."""
    by_key: dict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        by_key[normal_form(account.name).key].append(account)
    alike = [same for same in by_key.values() if len(same) > 1]
    if alike:
        examples = "; ".join(f"{same[0].name} ({', '.join(account.id for account in same[:3])})" for same in alike[:3])
        tally.warnings.append(
            f"{len(alike)} name(s) belong to several accounts, "
            f"so a visit can't be given to one of them by name: {examples}"
        )
