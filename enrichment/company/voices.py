"""Weighs what several people said of one network: in force for all, for one of them, or contested (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.domain import AccountId

Verdict = Literal["wrong", "right"]
Scope = Literal["address", "prefix", "as", "visit"]

VOICES = 2
"""So many different people make a word count for everybody; an admin's counts alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody said: this address, network, AS or visit is, or is not, that account's."""

    id: str
    verdict: Verdict
    scope: Scope
    account: AccountId
    by: str
    at: datetime
    for_all: bool
    """Whether it was an admin's."""
    prefix: str = ""
    """Scope `prefix`: the network; scope `address`: the network around it, to show."""
    address_hash: str = ""
    asn: int | None = None
    visit: str = ""
    on_behalf_of: str = ""
    """Whose word a program says that it passes on; information only."""

    @property
    def voice(self) -> str:
        """Whose voice it is: an address is spelled in several ways, by a CRM and at a login."""
        return self.by.strip().lower()

    @property
    def key(self) -> str:
        """What it is about, as one text: words with the same key are about the same."""
        about = {"prefix": self.prefix, "address": self.address_hash, "as": str(self.asn), "visit": self.visit}
        return f"{self.scope}:{about[self.scope]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A correction with what became of it."""

    word: Word
    sources: tuple[str, ...]
    """The sources whose word it judged."""
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What follows from all the words about one key."""

    right: AccountId | None = None
    """The account that it is, for everybody."""
    rejected: frozenset[AccountId] = frozenset()
    """The accounts that it is not, for everybody."""
    contested: frozenset[AccountId] = frozenset()
    """The accounts about which people say different things: nobody is told, the review queue asks."""
    alone: Mapping[str, frozenset[AccountId]] = field(default_factory=dict)
    """Person → the accounts that it is not for this person alone, until a second one says so."""
    by: str = ""
    """Who said last what is right."""
    at: datetime | None = None


NOTHING = Decided()


def decide(words: Iterable[Word]) -> Decided:
    """Return what follows from the words about one key.

    Of each person only the newest word on an account counts, and only the newest account said to be right. An admin's
    word settles what was said before it; what others say after it may contest it again. Where some say right and some
    wrong, or two accounts are each said to be right, it is contested.
    """
    standing = _newest(words)
    last_admin = max((word.at for word in standing if word.for_all), default=None)
    if last_admin is not None:
        settled = {word.account for word in standing if word.for_all}
        has_right = any(word.for_all and word.verdict == "right" for word in standing)
        standing = [
            word
            for word in standing
            if word.for_all
            or word.at > last_admin
            or (word.account not in settled and not (has_right and word.verdict == "right"))
        ]
    right, wrong = _voices(standing, "right"), _voices(standing, "wrong")
    contested = set(right) & set(wrong)
    if len(set(right) - set(wrong)) > 1 or (contested and len(right) > 1):
        contested |= set(right)
    chosen = next((account for account, said in right.items() if account not in contested and _counts(said)), None)
    said_last = max((word for word in right.get(chosen, ())), key=lambda word: word.at) if chosen else None
    open_words = [word for said in wrong.values() for word in said if word.account not in contested]
    alone: dict[str, frozenset[AccountId]] = {}
    for word in open_words:
        if not _counts(wrong[word.account]):
            person = word.voice
            alone[person] = alone.get(person, frozenset()) | {word.account}
    return Decided(
        right=chosen,
        rejected=frozenset(account for account, said in wrong.items() if account not in contested and _counts(said)),
        contested=frozenset(contested),
        alone=alone,
        by=said_last.by if said_last else "",
        at=said_last.at if said_last else None,
    )


def _newest(words: Iterable[Word]) -> list[Word]:
    """Each person's newest word on each account, and of those that say "right" only the newest."""
    ordered = sorted(words, key=lambda word: (word.at, word.id))
    of_account = {(word.voice, word.account): word for word in ordered}
    newest = [word for word in ordered if of_account[word.voice, word.account] is word]
    last_right = {word.voice: word.id for word in newest if _is_right(word)}
    return [word for word in of_account.values() if not _is_right(word) or last_right[word.voice] == word.id]


def _is_right(word: Word) -> bool:
    return word.verdict == "right"


def _voices(words: Iterable[Word], verdict: Verdict) -> dict[AccountId, list[Word]]:
    found: dict[AccountId, list[Word]] = {}
    for word in words:
        if word.verdict == verdict:
            found.setdefault(word.account, []).append(word)
    return found


def _counts(words: Iterable[Word]) -> bool:
    said = list(words)
    return any(word.for_all for word in said) or len({word.voice for word in said}) >= VOICES
