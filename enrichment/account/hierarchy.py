"""Groups of accounts: who is above whom, circles, and the nearest owner above (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain import Account, AccountId, AccountMatch, Reason

DEEPEST = 50
"""Levels of a group; more is a circle that nobody noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One account in the picture of a group."""

    account: Account
    depth: int
    """0 at the top."""


class Hierarchy:
    """All accounts with who is above whom; a parent that isn't known counts as none."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._accounts = {account.id: account for account in accounts}
        self._below: dict[AccountId, list[AccountId]] = defaultdict(list)
        for account in self._accounts.values():
            if account.parent is not None and account.parent in self._accounts and account.parent != account.id:
                self._below[account.parent].append(account.id)

    def above(self, account: AccountId) -> tuple[Account, ...]:
        """Return the accounts above one, the nearest first."""
        found: list[Account] = []
        seen = {account}
        here = self._accounts.get(account)
        while here is not None and here.parent is not None and here.parent not in seen and len(found) < DEEPEST:
            seen.add(here.parent)
            here = self._accounts.get(here.parent)
            if here is not None:
                found.append(here)
        return tuple(found)

    def below(self, account: AccountId) -> tuple[Node, ...]:
        """Return an account and all below it, each right after the one above it; siblings by name."""
        found: list[Node] = []
        waiting = [(account, 0)]
        seen: set[AccountId] = set()
        while waiting:
            here, depth = waiting.pop()
            if here in seen or here not in self._accounts or depth > DEEPEST:
                continue
            seen.add(here)
            found.append(Node(account=self._accounts[here], depth=depth))
            names = sorted(self._below.get(here, ()), key=lambda key: (self._accounts[key].name.casefold(), key))
            waiting.extend((each, depth + 1) for each in reversed(names))
        return tuple(found)

    def tops(self) -> tuple[Account, ...]:
        """Return the accounts at the top of a group of two or more, by name."""
        found = [self._accounts[key] for key in self._below if not self.above(key)]
        return tuple(sorted(found, key=lambda account: (account.name.casefold(), account.id)))

    def with_owner(self, account: Account) -> Account:
        """Return `account` with the owner of the nearest account above that has one, where it has none itself."""
        if account.owner_email:
            return account
        for above in self.above(account.id):
            if above.owner_email:
                return replace(account, owner_email=above.owner_email, owner_via=above.name)
        return account


def with_owners(accounts: Sequence[Account]) -> list[Account]:
    """Return the accounts, those without an owner with that of the nearest account above."""
    tree = Hierarchy(accounts)
    return [tree.with_owner(account) if account.parent is not None else account for account in accounts]


def tell_owner(match: AccountMatch | None) -> AccountMatch | None:
    """Return the match with a sentence that says whose the owner is, where it isn't the account's own."""
    if match is None or match.account is None or not match.account.owner_via:
        return match
    text = f"{match.account.name} has no owner of its own: {match.account.owner_via}, above it, lends its own."
    return replace(match, why=(*match.why, Reason(text=text, code="match:owner")))


def leaf(accounts: Sequence[Account]) -> Account | None:
    """Return the one account that is below all the others, if they stand in one line."""
    tree = Hierarchy(accounts)
    for account in accounts:
        if len(tree.above(account.id)) == len(accounts) - 1:
            return account
    return None


def circles(parents: Mapping[AccountId, AccountId]) -> tuple[tuple[AccountId, ...], ...]:
    """Return each circle among `parents` (account → the one above it), every account in it once."""
    found: list[tuple[AccountId, ...]] = []
    settled: set[AccountId] = set()
    for start in sorted(parents):
        path: list[AccountId] = []
        place: dict[AccountId, int] = {}
        here: AccountId | None = start
        while here is not None and here not in settled and here not in place:
            place[here] = len(path)
            path.append(here)
            here = parents.get(here)
        if here is not None and here in place:
            found.append(tuple(path[place[here] :]))
        settled.update(path)
    return tuple(found)
