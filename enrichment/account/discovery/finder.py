"""Says which account a registered name is; made for millions of names of which few are anybody's (pure)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from core.domain import Account, AccountId, AccountMatch
from enrichment.account.domains import is_carrier, label, registrable, shared_by
from enrichment.account.match import AccountIndex
from enrichment.account.normal_form import normal_form
from enrichment.account.weigh import PLAIN_WORD
from enrichment.account.words import ADMIN, PLACES, SOFT, TRADES
from enrichment.network.owners import cleaned, is_placeholder, is_private, looks_like_person
from enrichment.network.word_counts import frequency

RULES_VERSION = "1"
"""Goes into the digest of work done: other rules than before read every file again."""

_TOKENS = re.compile(rb"[a-z0-9]+")
_LATIN_RUN = re.compile(r"[A-Za-z0-9]{2,}")
_WIDE_TOKENS = re.compile(r"[^\W_]+")
_WEAK = SOFT | PLACES | ADMIN | TRADES
NO_COUNTRY = ("EU", "AP", "ZZ", "XX")
"""What registries write where a range is in no one country."""

_SOME_NAME = "xyzzy"
_READS_KANA = "JP"
_REMEMBERED = 50_000


class AccountFinder:
    """The accounts, behind a sieve that lets pass only names with a word of theirs.

    The sieve costs a few microseconds; what it lets pass is judged by `AccountIndex.owner` like any network's owner,
    once for each name.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._index = AccountIndex(accounts)
        self._words: set[str] = set()
        self._reads_kana = False
        digest = hashlib.sha256(RULES_VERSION.encode())
        for account in sorted(accounts, key=lambda account: account.id):
            names = (account.name, *account.aliases)
            digest.update(repr((account.id, names, account.domains, account.country)).encode())
            for name in names:
                self._words.update(_leads(name))
                self._reads_kana |= normal_form(name).cjk
            self._words.update(label(known) for domain in account.domains if (known := registrable(domain)))
        self._sieve = frozenset(word.encode() for word in self._words if word.isascii())
        self.fingerprint = digest.hexdigest()[:32]
        self.match = lru_cache(maxsize=_REMEMBERED)(self._match)

    def __len__(self) -> int:
        return len(self._index)

    def get(self, account_id: str) -> Account | None:
        """Return the account of this id."""
        return self._index.get(AccountId(account_id))

    def may_be_in(self, text: bytes, country: str = "") -> bool:
        """Say whether a name in `text` may be an account's; False is certain but for odd spellings."""
        if country == _READS_KANA and self._reads_kana:
            return True
        lowered = text.lower()
        tokens = _TOKENS.findall(lowered)
        if not self._sieve.isdisjoint(tokens):
            return True
        if any(one + two in self._sieve for one, two in pairwise(tokens)):
            return True
        if text.isascii():
            return False
        wide = _wide_tokens(text.decode("utf-8", "replace"))
        return not self._words.isdisjoint(wide) or any(one + two in self._words for one, two in pairwise(wide))

    def _match(self, name: str, domain: str = "", country: str = "") -> AccountMatch | None:
        """Return the account that a network owner called `name` is, several that it may be, or None.

        Persons and placeholders are nobody's; accounts that are carriers are never found by their networks.
        """
        name = cleaned(name)
        if not name or is_placeholder(name) or is_private(name) or looks_like_person(name):
            return None
        own = registrable(domain) if domain else None
        stated = country if len(country) == 2 and country not in NO_COUNTRY else None
        found = self._index.owner(name, own if own and shared_by(own) is None else None, stated)
        if found is None:
            return None
        if any(is_carrier(known) for candidate in found.candidates for known in candidate.domains):
            return None
        return found


def _leads(name: str) -> Iterable[str]:
    """Return what a registered name must have to be taken for the account: a rare word, else two words in a row."""
    form = normal_form(name)
    if form.cjk:
        runs = (*_wide_tokens(name), *(run.lower() for run in _LATIN_RUN.findall(form.text)))
        return {form.key, *(run for run in runs if len(run) > 1 and _is_telling(run))}
    tokens = _wide_tokens(name)
    rare = {word for word in (*form.words, *tokens) if _is_telling(word) and frequency(word) < PLAIN_WORD}
    if rare or len(tokens) < 2:
        return {*(rare or tokens), form.key}
    pairs = (one + two for words in (tokens, form.words) for one, two in pairwise(words))
    return {*pairs, form.key}


def _is_telling(word: str) -> bool:
    """Say whether a word is more than a legal form, a place or a trade, in any spelling (`technologies`, `co`)."""
    words = normal_form(f"{_SOME_NAME} {word}").words
    return len(word) > 1 and len(words) > 1 and not any(each in _WEAK for each in words)


def _wide_tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return _WIDE_TOKENS.findall(plain)
