"""Settles who is above whom once a whole file is read, so that the order of its rows doesn't matter (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.domain import Account, AccountId
from enrichment.account.domains import registrable
from enrichment.account.hierarchy import circles
from enrichment.account.importer.report import Tally
from enrichment.account.normal_form import normal_form


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a file says of the account above one of its accounts."""

    line: int
    account: AccountId
    parent: str
    """An id, else a name or domain."""


def settle(
    stated: Iterable[Stated],
    known: Iterable[Account],
    new: Iterable[Account],
    meant: Callable[[AccountId], AccountId],
    tally: Tally,
) -> Mapping[AccountId, AccountId]:
    """Return the parent of each account whose file's word can be followed; `meant` leads on from merged accounts.

    A parent that nobody knows is kept by its id and named: the link holds once it is imported. Links that make a circle
    are left out, all of the file's that are part of it, and their rows are named.
    """
    known, new = tuple(known), tuple(new)
    find = _Finder((*known, *new))
    links: dict[AccountId, tuple[AccountId, int]] = {}
    unknown: list[str] = []
    for one in stated:
        account = meant(one.account)
        parent = find(one.parent)
        if parent is None:
            unknown.append(one.parent)
            advice = "import that account too: the link is kept by its id and holds once it is there"
            tally.partly(one.line, "unknown parent", advice, one.parent)
            parent = AccountId(one.parent[:100])
        if meant(parent) != account:
            links[account] = (meant(parent), one.line)
        elif parent == one.account:
            tally.partly(one.line, "the account is its own parent", "name the account above it", one.parent)
    if unknown:
        names = ", ".join(dict.fromkeys(unknown[:5]))
        tally.warnings.append(f"{len(set(unknown))} parent(s) aren't known yet, their accounts wait for them: {names}")
    _drop_circles(links, {a.id: a.parent for a in known if a.parent}, tally)
    return {account: parent for account, (parent, _) in links.items()}


def _drop_circles(
    links: dict[AccountId, tuple[AccountId, int]], before: Mapping[AccountId, AccountId], tally: Tally
) -> None:
    while True:
        all_links = {**before, **{account: parent for account, (parent, _) in links.items()}}
        found = [circle for circle in circles(all_links) if any(account in links for account in circle)]
        if not found:
            return
        for circle in found:
            path = " → ".join((*circle, circle[0]))
            for account in circle:
                if account in links:
                    _, line = links.pop(account)
                    tally.partly(line, "its parents make a circle", "correct who is above whom", path)


class _Finder:
    """Finds the account that a cell means: by id, else by domain or name where only one can be meant."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self._accounts = accounts
        self._ids = {account.id: account.id for account in accounts}
        self._loose = _unique((account.id.casefold().lstrip("0"), account.id) for account in accounts)
        self._names: dict[str, AccountId | None] | None = None

    def __call__(self, text: str) -> AccountId | None:
        exact = self._ids.get(AccountId(text))
        if exact is not None:
            return exact
        loose = self._loose.get(text.casefold().lstrip("0"))
        if loose is not None:
            return loose
        if self._names is None:
            names = ((normal_form(name).key, a.id) for a in self._accounts for name in (a.name, *a.aliases))
            domains = ((f"@{domain}", a.id) for a in self._accounts for domain in a.domains)
            self._names = _unique((*names, *domains))
        return self._names.get(normal_form(text).key) or self._names.get(f"@{registrable(text) or ''}")


def _unique(pairs: Iterable[tuple[str, AccountId]]) -> dict[str, AccountId | None]:
    found: dict[str, AccountId | None] = {}
    for key, account in pairs:
        found[key] = account if found.get(key, account) == account else None
    return found
