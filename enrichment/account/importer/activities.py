"""Imports a file of activities: what accounts bought, when they were spoken to, and why they went silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import cast

from core.domain import AccountId, Activity, ActivityKind
from core.ids import derived
from enrichment.account import merge_store
from enrichment.account import store as accounts_store
from enrichment.account.importer import store
from enrichment.account.importer.finder import AccountFinder
from enrichment.account.importer.headers import KINDS
from enrichment.account.importer.report import ImportReport, Tally
from enrichment.account.importer.sheet import Progress, Said, Sheet, cut, halves, open_sheet, require
from enrichment.account.importer.table import Row
from enrichment.account.importer.values import currency_in
from enrichment.account.left_because import reason_of
from enrichment.account.plain_words import normalise

LARGEST_AMOUNT = Decimal(10) ** 15


def import_activities(
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
    """Import the activities in the file `path`; see `Importer`.

    A file without a kind but with amounts is a list of purchases. Rows about unknown accounts are left out and
    named; so are returns and credits, which aren't purchases. Raises `InputError` where the file can't be used.
    """
    tally = Tally()
    said = Said(mapping=mapping or {}, sheet=sheet, forget=forget_mapping, dry_run=dry_run)
    opened = open_sheet(database, path, "activities", now, said, tally)
    require(opened, path, "account", "account_name", "domain")
    require(opened, path, "at")
    require(opened, path, "kind", "amount", "product")
    if opened.columns.position("kind") is None:
        tally.warnings.append("there is no column for the kind of activity: every row was taken as a purchase")
    with store.step(database, writes=False) as connection:
        finder = AccountFinder(accounts_store.accounts(connection), merge_store.redirects(connection))
    found: dict[str, Activity] = {}
    unknown: Counter[str] = Counter()
    for row in opened.rows(tally, halves(progress, 0)):
        account = _account(opened, row, finder, tally, unknown)
        activity = _read(opened, row, account, tally) if account else None
        if activity is None:
            continue
        key = _key(activity, opened.cell(row, "reference"))
        activity = replace(activity, account=finder.now(activity.account))
        if key in found:
            tally.merged += 1
        found[key] = activity
    if unknown:
        names = ", ".join(name for name, _ in unknown.most_common(5))
        tally.warnings.append(f"{len(unknown)} account(s) of this file aren't known, import them first: {names}")

    def write(connection: store.Connection, part: Mapping[str, Activity], count_only: bool) -> store.Written:
        return store.write_activities(connection, part, dry_run=count_only)

    parts = list(_slices(found))
    written = store.in_slices(database, parts, write, dry_run=dry_run, progress=halves(progress, 1))
    return tally.report(
        "activities",
        opened.columns,
        added=written.added,
        changed=written.changed,
        unchanged=written.unchanged,
        dry_run=dry_run,
    )


def _slices(found: Mapping[str, Activity]) -> Iterator[Mapping[str, Activity]]:
    """Give the activities in parts, those of one account together: they are compared with each other."""
    part: dict[str, Activity] = {}
    ordered = sorted(found.items(), key=lambda item: item[1].account)
    for _, of_account in groupby(ordered, key=lambda item: item[1].account):
        part.update(of_account)
        if len(part) >= store.SLICE:
            yield part
            part = {}
    if part:
        yield part


def _account(sheet: Sheet, row: Row, finder: AccountFinder, tally: Tally, unknown: Counter[str]) -> AccountId | None:
    given, name = sheet.cell(row, "account"), sheet.cell(row, "account_name")
    account = finder.find(given, name, sheet.cell(row, "domain"))
    if account is None:
        unknown[given or name or "(empty)"] += 1
        tally.skip(row.line, "unknown account", "import this account first, or correct its id", given or name)
    return account


def _read(sheet: Sheet, row: Row, account: AccountId, tally: Tally) -> Activity | None:
    kind = _kind(sheet, row, tally)
    if kind is None:
        return None
    at = sheet.date(row, "at")
    if at is None:
        tally.skip(row.line, "no date of the past", "write it like 2026-03-31", sheet.cell(row, "at"))
        return None
    text = sheet.cell(row, "amount")
    amount = sheet.amount(row, "amount")
    if text and (amount is None or abs(amount) >= LARGEST_AMOUNT):
        tally.partly(row.line, "the amount can't be read", "write it like 1234.56", text)
        amount = None
    if kind == "purchase" and amount is not None and amount < 0:
        tally.skip(row.line, "a return or credit", "nothing: it is no purchase", text)
        return None
    currency, note = sheet.cell(row, "currency"), sheet.cell(row, "note")
    is_reason = kind == "dormancy_reason"
    return Activity(
        account=account,
        kind=kind,
        at=at,
        product=cut(sheet.cell(row, "product"), 300),
        amount=None if amount is None else Decimal(store.hundredths(amount) or 0).scaleb(-2),
        currency=(currency_in(currency) or (currency if currency else currency_in(text))).upper()[:3],
        note=note or (cut(sheet.cell(row, "product"), 300) if is_reason else ""),
        reason=reason_of(f"{note} {sheet.cell(row, 'product')}".strip()) if is_reason else "",
        source="import" if is_reason else "",
    )


def _kind(sheet: Sheet, row: Row, tally: Tally) -> ActivityKind | None:
    if sheet.columns.position("kind") is None:
        return "purchase"
    text = sheet.cell(row, "kind")
    kind = KINDS.get(normalise(text))
    if kind == "return":
        tally.skip(row.line, "a return or credit", "nothing: it is no purchase", text)
        return None
    if kind is None:
        tally.skip(
            row.line,
            "unknown kind of activity",
            "use purchase, contact, login, reply, usage, email_open, email_click, event, ticket or dormancy_reason",
            text or "(empty)",
        )
        return None
    return cast(ActivityKind, kind)


def _key(activity: Activity, reference: str) -> str:
    """Return the id: the reference of the other system where it has one, else all that tells activities apart."""
    if reference:
        return derived("activity", activity.account, activity.kind, reference, activity.product)
    return derived(
        "activity",
        activity.account,
        activity.kind,
        activity.at.isoformat(),
        activity.product,
        activity.amount,
        activity.note if activity.kind != "purchase" else "",
    )
