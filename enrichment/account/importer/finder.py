"""Finds the account that a row of activities or contacts is about, by id, else by domain or name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.domain import Account, AccountId
from enrichment.account.match import AccountIndex
from enrichment.account.merge_store import Redirects


class AccountFinder:
    """All accounts, asked once per row of a file.

    Accounts that were merged are found as if they weren't, so that what a file says of them keeps its ids; `now` leads
    on to the account that stands.
    """

    def __init__(self, accounts: Sequence[Account], moved: Redirects) -> None:
        accounts = _as_before(accounts, moved)
        self.now = moved.now
        self._ids = {account.id: account.id for account in accounts}
        self._loose: dict[str, AccountId | None] = {}
        for account in accounts:
            key = _loose(account.id)
            self._loose[key] = None if key in self._loose else account.id
        self._accounts = accounts
        self._index: AccountIndex | None = None
        self._asked: dict[tuple[str, str], AccountId | None] = {}

    def find(self, account_id: str, name: str, domain: str) -> AccountId | None:
        """Return the account of this id; without one, that of the domain or name if only one can be meant.

        Spreadsheets drop leading zeros and change case, so an id may also differ in those where that is clear.
        """
        if account_id:
            return self._ids.get(AccountId(account_id)) or self._loose.get(_loose(account_id))
        if not name and not domain:
            return None
        question = (name, domain)
        if question not in self._asked:
            self._index = self._index or AccountIndex(self._accounts)
            match = self._index.owner(name, domain or None)
            self._asked[question] = match.account.id if match and match.account else None
        return self._asked[question]


def _as_before(accounts: Sequence[Account], moved: Redirects) -> Sequence[Account]:
    """Return the accounts as they were before any was merged."""
    if not moved:
        return accounts
    into = moved.into()
    found: list[Account] = []
    for account in accounts:
        merges = into.get(account.id, ())
        domains = {domain for merge in merges for domain in merge.added_domains}
        aliases = {alias for merge in merges for alias in merge.added_aliases}
        own = replace(
            account,
            former_ids=(),
            domains=tuple(domain for domain in account.domains if domain not in domains),
            aliases=tuple(alias for alias in account.aliases if alias not in aliases),
        )
        found += [own, *(merge.record for merge in merges)]
    return found


def _loose(account_id: str) -> str:
    return account_id.strip().casefold().lstrip("0").removesuffix(".0")
