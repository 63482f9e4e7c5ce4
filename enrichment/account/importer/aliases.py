"""Imports a file of aliases: former, trade and English names of accounts that are there already."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.database import chunks
from core.domain import Account, AccountId
from enrichment.account import merge_store
from enrichment.account import store as accounts_store
from enrichment.account.domains import registrable
from enrichment.account.importer import store
from enrichment.account.importer.finder import AccountFinder
from enrichment.account.importer.report import ImportReport, Tally
from enrichment.account.importer.sheet import Progress, Said, Sheet, cut, halves, open_sheet, require
from enrichment.account.importer.table import Row
from enrichment.account.normal_form import NormalForm, loose_key, normal_form

_SPLIT_NAMES = re.compile(r"\s*[;|\n]\s*")
_NAMES = ("account_name", "alias_english", "alias", "alias_reading")
LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The aliases that one row gives one account."""

    account: AccountId
    aliases: tuple[str, ...]


def import_aliases(
    database: store.Database,
    path: Path,
    now: datetime,
    mapping: Mapping[str, str] | None = None,
    *,
    progress: Progress | None = None,
    sheet: str = "",
    dry_run: bool = False,
    forget_mapping: bool = False,
) -> ImportReport:
    """Import the aliases in the file `path`; see `Importer`.

    A row says whose names it has by the account's id, its domain, or one of its names as it is written but for
    spelling and legal form: a name that is only close is another company's here. Rows about nobody are counted.
    """
    tally = Tally()
    said = Said(mapping=mapping or {}, sheet=sheet, forget=forget_mapping, dry_run=dry_run)
    opened = open_sheet(database, path, "aliases", now, said, tally)
    require(opened, path, "account", "account_name", "domain")
    require(opened, path, "alias", "alias_english", "alias_reading")
    with store.step(database, writes=False) as connection:
        owners = _Owners(accounts_store.accounts(connection), merge_store.redirects(connection))
    rows = list(opened.rows(tally, halves(progress, 0)))
    twice = _named_twice(opened, rows)
    found = [one for row in rows if (one := _read(opened, row, owners, twice, tally))]

    def write(connection: store.Connection, part: Sequence[Found], count_only: bool) -> store.Written:
        return store.write_aliases(connection, [(one.account, one.aliases) for one in part], dry_run=count_only)

    written = store.in_slices(
        database, list(chunks(found, store.SLICE)), write, dry_run=dry_run, progress=halves(progress, 1)
    )
    return tally.report(
        "rows of aliases",
        opened.columns,
        added=written.added,
        changed=written.changed,
        unchanged=written.unchanged,
        dry_run=dry_run,
    )


class _Owners:
    """Accounts by id, domain and written name."""

    def __init__(self, accounts: Sequence[Account], moved: merge_store.Redirects) -> None:
        self._by_id = AccountFinder(accounts, moved)
        self._by_domain: dict[str, set[AccountId]] = defaultdict(set)
        self._by_key: dict[str, dict[AccountId, NormalForm]] = defaultdict(dict)
        for account in accounts:
            for domain in filter(None, map(registrable, account.domains)):
                self._by_domain[domain].add(account.id)
            for name in (account.name, *account.aliases):
                form = normal_form(name)
                if form.key:
                    self._by_key[loose_key(form)].setdefault(account.id, form)

    def of(self, account_id: str, domain: str, names: Sequence[str]) -> set[AccountId]:
        """Return the accounts that a row can mean: by the first of id, domain and names that says anything."""
        if account_id:
            found = self._by_id.find(account_id, "", "")
            return {self._by_id.now(found)} if found else set()
        if domain:
            return self._by_domain.get(registrable(domain) or "", set())
        for name in names:
            form = normal_form(name)
            known = self._by_key.get(loose_key(form), {}) if form.key else {}
            same_form = {account for account, other in known.items() if other.forms == form.forms}
            if known:
                return same_form if len(same_form) == 1 else set(known)
        return set()


def _named_twice(sheet: Sheet, rows: Sequence[Row]) -> frozenset[str]:
    """Return the keys of names that several rows of a list of companies have: two firms, or one said twice."""
    others: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        english = loose_key(normal_form(sheet.cell(row, "alias_english")))
        if english:
            others[_whole_key(sheet.cell(row, "account_name"))].add(english)
    return frozenset(key for key, names in others.items() if len(names) > 1)


def _whole_key(name: str) -> str:
    form = normal_form(name)
    return f"{form.key}|{' '.join(sorted(form.forms))}"


def _read(sheet: Sheet, row: Row, owners: _Owners, twice: frozenset[str], tally: Tally) -> Found | None:
    account_id, domain = sheet.cell(row, "account"), sheet.cell(row, "domain")
    names = [text for field in _NAMES[:2] if (text := sheet.cell(row, field))]
    found = owners.of(account_id, domain, names)
    if not found:
        said = account_id or domain or (names[0] if names else "")
        tally.skip(row.line, "no account of yours", "nothing to do if it is no customer", said)
        return None
    named_only = not (account_id or domain)
    if len(found) > 1 or (named_only and names and _whole_key(names[0]) in twice):
        tally.skip(row.line, "several accounts or companies of that name", "give the account's id", names[0])
        return None
    texts = [text for field in _NAMES for text in _SPLIT_NAMES.split(sheet.cell(row, field))]
    aliases = tuple(dict.fromkeys(short for text in texts if (short := cut(text, LONGEST)) and normal_form(short).key))
    if not aliases:
        tally.skip(row.line, "no alias", "fill in the other name")
        return None
    return Found(account=next(iter(found)), aliases=aliases)
