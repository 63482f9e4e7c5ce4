"""Imports a file of contacts: the people we know at each account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from core.domain import Contact
from core.ids import derived
from enrichment.account import store as accounts_store
from enrichment.account.importer import store
from enrichment.account.importer.finder import AccountFinder
from enrichment.account.importer.report import ImportReport, Tally
from enrichment.account.importer.sheet import Progress, Sheet, cut, open_sheet, require
from enrichment.account.importer.table import Row
from enrichment.account.importer.values import parse_flag

_EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+$")


def import_contacts(
    connection: store.Connection,
    path: Path,
    now: datetime,
    mapping: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import the contacts in the file `path`; the same file again changes nothing.

    Rows about unknown accounts are left out and named. Without a column of ids a contact is known by its e-mail
    address, else by its name. Raises `InputError` where the file can't be used.
    """
    tally = Tally()
    sheet = open_sheet(path, "contacts", now, mapping, tally)
    require(sheet, path, "account", "account_name", "email")
    require(sheet, path, "person", "last_name", "email")
    finder = AccountFinder(accounts_store.accounts(connection))
    found: dict[str, Contact] = {}
    for row in sheet.rows(tally, progress):
        contact = _read(sheet, row, finder, tally)
        if contact is None:
            continue
        if contact.id in found:
            tally.merged += 1
        found[contact.id] = contact
    written = store.write_contacts(connection, found)
    return tally.report(
        "contacts", sheet.columns, added=written.added, changed=written.changed, unchanged=written.unchanged
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
    left = parse_flag(sheet.cell(row, "left"))
    if left is None:
        tally.partly(row.line, 'the column "left" says neither yes nor no', "write yes or no", sheet.cell(row, "left"))
    return Contact(
        id=cut(sheet.cell(row, "contact_id"), 100) or derived("contact", account, email.casefold() or name),
        account=account,
        name=name,
        role=cut(sheet.cell(row, "role"), 200),
        email=email,
        phone=cut(sheet.cell(row, "phone"), 60),
        prefers=cut(sheet.cell(row, "prefers"), 40),
        has_left=bool(left),
    )
