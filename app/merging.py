"""Merges two accounts that are one customer, shows before what that would change, and takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app import audit
from app import merge_queries as queries
from core.domain import Account, AccountId
from core.errors import InputError
from enrichment.account import store
from enrichment.account.importer.store import joined
from enrichment.account.merge_store import account_of, record_of, redirects
from enrichment.account.touched_queries import forget_weeks, touch

WORDS = {
    "activities": "activities",
    "alerts": "alerts",
    "contacts": "contacts",
    "corrections": "corrections",
    "declared_networks": "declared networks",
    "dormancy_transitions": "changes of state",
    "judgements": "visits",
}
"""Table → what people call its rows."""

_FIELDS = (
    *("name", "country", "industry", "location", "owner_email", "lifecycle", "parent", "registry_number"),
    *("contract", "contract_until", "do_not_contact"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of the master that the merge fills."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a merge would do, or did."""

    master: Account
    merged: Account
    fields: tuple[Change, ...]
    """Gaps of the master that are filled; what it has stays."""
    dropped: tuple[Change, ...]
    """What only the merged account says otherwise: kept for an un-merge, shown no more."""
    domains: tuple[str, ...]
    aliases: tuple[str, ...]
    moves: tuple[tuple[str, int], ...]
    """What moves to the master, and how many."""

    @property
    def lines(self) -> list[str]:
        """The preview as lines to print."""
        master, merged = self.master, self.merged
        lines = [f"master: {master.name} ({master.id}) stays; {merged.name} ({merged.id}) becomes part of it"]
        lines += [f"  {one.field}: {one.after} (was empty)" for one in self.fields]
        lines += [f"  {one.field} stays {one.before}; {one.after} is put aside" for one in self.dropped]
        lines += [f"  new {what}: {', '.join(values)}" for what, values in self._names if values]
        lines += [f"  {number:,} {what} move" for what, number in self.moves]
        return [*lines, f"  the id {merged.id} goes on working and means {master.id}"]

    @property
    def _names(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (("domains", self.domains), ("other names", self.aliases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged:
    """What came of taking a merge back."""

    master: AccountId
    account: Account
    back: int
    """Rows that are the account's again."""
    stay: Mapping[str, int]
    """What came after the merge, and stays with the master: what → how many."""

    @property
    def lines(self) -> list[str]:
        """What to print."""
        lines = [f"{self.account.name} ({self.account.id}) is an account of its own again; {self.back:,} rows are back"]
        stay = ", ".join(f"{number:,} {what}" for what, number in self.stay.items())
        if stay:
            lines.append(f"since the merge came {stay}: they stay with {self.master}, nobody can say whose they are")
        return lines


def preview(connection: Connection, master: AccountId, merged: AccountId) -> Preview:
    """Return what merging `merged` into `master` would do; raises `InputError` where they can't be merged."""
    first, second = _account(connection, master), _account(connection, merged)
    if first.id == second.id:
        raise InputError(f"{master} and {merged} are the same account already")
    after = _together(first, second)
    texts = [(name, _text(first, name), _text(after, name), _text(second, name)) for name in _FIELDS]
    return Preview(
        master=first,
        merged=second,
        fields=tuple(Change(field=name, before=was, after=now) for name, was, now, _ in texts if was != now),
        dropped=tuple(
            Change(field=name, before=was, after=other)
            for name, was, now, other in texts
            if was == now and other and other != was and name != "name" and other not in (first.id, second.id)
        ),
        domains=tuple(domain for domain in after.domains if domain not in first.domains),
        aliases=tuple(alias for alias in after.aliases if alias not in first.aliases),
        moves=_words(queries.counts(connection, second.id)),
    )


def merge(connection: Connection, master: AccountId, merged: AccountId, by: str, now: datetime) -> Preview:
    """Merge `merged` into `master` in the caller's transaction; all can be put back by `unmerge`."""
    told = preview(connection, master, merged)
    first, second = told.master, told.merged
    row = queries.account_row(connection, first.id)
    kept: queries.Json = {
        "master": row,
        "merged": queries.account_row(connection, second.id),
        "domains": list(first.domains),
        "aliases": list(first.aliases),
        "children": queries.adopt(connection, None, second.id, first.id),
    }
    kept["moved"], kept["gone"] = queries.move(connection, second.id, first.id)
    _changed_hands(connection, first.id, second.id)
    after = _together(first, second)
    filled = {name: getattr(after, name) for name in _FIELDS}
    queries.put_account(connection, {**row, **filled})
    queries.put_names(connection, first.id, after.domains, after.aliases)
    queries.remove_account(connection, second.id)
    kept["after"] = queries.account_row(connection, first.id)
    done = queries.Kept(
        id=queries.merge_id(second.id, first.id, now),
        merged=second.id,
        master=first.id,
        at=now,
        kept=kept,
        record=dict(record_of(replace(second, former_ids=()))),
    )
    queries.keep(connection, done, by)
    audit.record(connection, by, "account.merge", f"{second.id} into {first.id}", now)
    return told


def unmerge(connection: Connection, merged: AccountId, by: str, now: datetime) -> Unmerged:
    """Make `merged` an account of its own again, with all that it had; raises `InputError` where that can't be done.

    What came after the merge stays with the master. What imports have said of the merged account since counts.
    """
    kept = queries.standing(connection, merged)
    if kept is None:
        raise InputError(f"{merged} isn't merged into another account: `dormouse accounts duplicates` lists merges")
    above = queries.standing(connection, kept.master)
    if above is not None:
        raise InputError(f"{kept.master} itself was merged into {above.master}: undo that first")
    master = _account(connection, kept.master)
    record = account_of(kept.record)
    _restore_master(connection, kept, master, record)
    was, before = _dict(kept.kept["merged"]), account_of(kept.record)
    row = was if all(_same(was, before, name) for name in _FIELDS) else {**was, **_imported(before, now)}
    queries.put_account(connection, row)
    queries.put_names(connection, kept.merged, record.domains, record.aliases)
    back = queries.move_back(connection, kept)
    _changed_hands(connection, kept.master, kept.merged)
    queries.adopt(connection, _list(kept.kept["children"]), kept.master, kept.merged)
    queries.mark_undone(connection, kept.id, by, now)
    audit.record(connection, by, "account.unmerge", f"{kept.merged} from {kept.master}", now)
    stay = dict(_words(queries.since(connection, kept.master, kept.at)))
    return Unmerged(master=kept.master, account=_account(connection, kept.merged), back=back, stay=stay)


def _changed_hands(connection: Connection, *accounts: AccountId) -> None:
    """Let accounts be judged anew whose activities went to or came from another."""
    forget_weeks(connection, accounts)
    touch(connection, accounts)


def _restore_master(connection: Connection, kept: queries.Kept, master: Account, record: Account) -> None:
    """Give the master the fields, domains and aliases that it had, but for those that somebody changed since."""
    now, before, after = (
        queries.account_row(connection, kept.master),
        _dict(kept.kept["master"]),
        _dict(kept.kept["after"]),
    )
    queries.put_account(connection, {name: before[name] if now[name] == after[name] else now[name] for name in now})
    own_domains, own_aliases = _list(kept.kept["domains"]), _list(kept.kept["aliases"])
    theirs = {*record.domains, *record.aliases, record.name}
    queries.put_names(
        connection,
        kept.master,
        [domain for domain in master.domains if domain in own_domains or domain not in theirs],
        [alias for alias in master.aliases if alias in own_aliases or alias not in theirs],
    )


def _together(first: Account, second: Account) -> Account:
    """Return the master as it is after the merge."""
    if first.parent == second.id:
        first = replace(first, parent=second.parent if second.parent != first.id else None)
    return joined(first, second)


def _account(connection: Connection, account: AccountId) -> Account:
    found = store.account(connection, account) or store.account(connection, redirects(connection).now(account))
    if found is None:
        raise InputError(
            f"there is no account {account!r}: `dormouse accounts tree` and the list of accounts know them"
        )
    return found


def _text(account: Account, name: str) -> str:
    value = getattr(account, name)
    return value.isoformat() if isinstance(value, datetime) else str(value or "")


def _words(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((WORDS.get(table, table.replace("_", " ")), number) for table, number in counts.items())


def _same(row: Mapping[str, object], account: Account, name: str) -> bool:
    return str(row[name] or "") == _text(account, name)


def _imported(account: Account, now: datetime) -> Mapping[str, object]:
    return {**{name: getattr(account, name) for name in _FIELDS}, "imported_at": now.isoformat()}


def _dict(value: object) -> Mapping[str, object]:
    assert isinstance(value, dict)
    return value


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value
