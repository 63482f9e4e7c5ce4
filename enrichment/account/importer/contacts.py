"""Imports a file of contacts: the people we know at each account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.database import chunks
from core.domain import Contact
from core.ids import derived
from enrichment.account import merge_store
from enrichment.account import store as accounts_store
from enrichment.account.importer import store
from enrichment.account.importer.finder import AccountFinder
from enrichment.account.importer.report import ImportReport, Tally
from enrichment.account.importer.sheet import Progress, Said, Sheet, cut, halves, open_sheet, require
from enrichment.account.importer.table import Row

_EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+$")


def import_contacts(
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
    """Import the contacts in the file `path`; see `Importer`.

    Rows about unknown accounts are left out and named. Without a column of ids a contact is known by its e-mail
    address, else by its name. Raises `InputError` where the file can't be used.
    """
    tally = Tally()
    said = Said(mapping=mapping or {}, sheet=sheet, forget=forget_mapping, dry_run=dry_run)
    opened = open_sheet(database, path, "contacts", now, said, tally)
    require(opened, path, "account", "account_name", "email")
    require(opened, path, "person", "last_name", "email")
    with store.step(database, writes=False) as connection:
        finder = AccountFinder(accounts_store.accounts(connection), merge_store.redirects(connection))
    found: dict[str, Contact] = {}
    for row in opened.rows(tally, halves(progress, 0)):
        contact = _read(opened, row, finder, tally)
        if contact is None:
            continue
        if contact.id in found:
            tally.merged += 1
        found[contact.id] = replace(contact, account=finder.now(contact.account))

    def write(connection: store.Connection, part: Sequence[str], count_only: bool) -> store.Written:
        return store.write_contacts(connection, {key: found[key] for key in part}, dry_run=count_only)

    parts = list(chunks(list(found), store.SLICE))
    written = store.in_slices(database, parts, write, dry_run=dry_run, progress=halves(progress, 1))
    return tally.report(
        "contacts",
        opened.columns,
        added=written.added,
        changed=written.changed,
        unchanged=written.unchanged,
        dry_run=dry_run,
    )


def _read(sheet: Sheet, row: Row, finder: AccountFinder, tally: Tally) -> Contact | None:
    given, company = sheet.cell(row, "account"), sheet.cell(row, "account_name")
    email = sheet.cell(row, "email").removeprefix("mailto:")
    if email and (not _EMAIL.match(email) or len(email) > 254):
        tally.partly(row.line, "the e-mail address can't be read", "write it like name@example.com")
        email = ""
    account = finder.find(given, company, "" if given or company else email)
    if account is None:
        tally.skip(row.line, "unknown account", "import this account first, or correct its id", given or company)
        return None
    full = " ".join(filter(None, (sheet.cell(row, "first_name"), sheet.cell(row, "last_name"))))
    name = cut(sheet.cell(row, "person") or full or email.partition("@")[0], 200)
    if not name:
        tally.skip(row.line, "no name", "fill in the name or the e-mail address")
        return None
    return Contact(
        id=cut(sheet.cell(row, "contact_id"), 100) or derived("contact", account, email.casefold() or name),
        account=account,
        name=name,
        role=cut(sheet.cell(row, "role"), 200),
        email=email,
        phone=cut(sheet.cell(row, "phone"), 60),
        prefers=cut(sheet.cell(row, "prefers"), 40),
        has_left=sheet.flag(row, "left", tally),
        do_not_contact=sheet.flag(row, "do_not_contact", tally),
        last_spoke_at=sheet.date(row, "last_spoke"),
    )
