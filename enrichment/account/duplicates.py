"""Finds accounts that are likely one customer twice, each pair with its reasons; it never merges any (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from core.domain import Account, AccountId, Reason
from enrichment.account.domains import label, registrable, shared_by
from enrichment.account.match import is_plain
from enrichment.account.names import SAME, compare
from enrichment.account.normal_form import NormalForm, loose_key, normal_form
from enrichment.account.words import ADMIN, PLACES, SOFT, TRADES

Class = Literal["sure", "likely", "possible"]

LARGEST_BLOCK = 30
"""Accounts that share a clue; what more of them share says nothing about any two."""
LIKELY = 0.75
SURE = 0.95
POSSIBLE = 0.5
_EXACT = 0.95
"""From this score on two names are the same but for spelling and legal form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two accounts that may be one customer."""

    a: Account
    b: Account
    confidence: float
    why: tuple[Reason, ...]

    @property
    def kind(self) -> Class:
        """How sure it is."""
        return "sure" if self.confidence >= SURE else "likely" if self.confidence >= LIKELY else "possible"


class _Card:
    """An account with all that is compared, made ready once."""

    __slots__ = ("account", "city", "country", "domains", "forms", "labels", "names", "number")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.names = tuple(dict.fromkeys((account.name, *account.aliases)))
        self.forms = tuple(form for form in map(normal_form, self.names) if form.key)
        known = (registrable(domain) for domain in account.domains)
        self.domains = frozenset(domain for domain in known if domain and shared_by(domain) is None)
        self.labels = frozenset(map(label, self.domains))
        self.number = re.sub(r"[\W_]+", "", account.registry_number).upper()
        self.country = account.country.strip().casefold()
        self.city = normal_form(account.location.split(",")[0]).key if account.location else ""


def find_duplicates(accounts: Sequence[Account]) -> tuple[Pair, ...]:
    """Return the pairs that may be one customer, the surest first.

    Only accounts that share a clue are compared: a registry number, a domain, the name's normal form, a rare word of
    it, or its letters but for one. Accounts one of which is above the other are a group, not duplicates.
    """
    cards = [_Card(account) for account in accounts]
    seen: set[tuple[int, int]] = set()
    found: list[Pair] = []
    for block in _blocks(cards):
        for left, right in combinations(block, 2):
            key = (left, right) if left < right else (right, left)
            if key in seen:
                continue
            seen.add(key)
            pair = _judged(cards[key[0]], cards[key[1]])
            if pair is not None:
                found.append(pair)
    return tuple(sorted(found, key=lambda pair: (-pair.confidence, pair.a.name.casefold(), pair.a.id, pair.b.id)))


def _blocks(cards: Sequence[_Card]) -> Iterator[tuple[int, ...]]:
    by_clue: dict[str, set[int]] = defaultdict(set)
    for place, card in enumerate(cards):
        for clue in _clues(card):
            by_clue[clue].add(place)
    for block in by_clue.values():
        if 1 < len(block) <= LARGEST_BLOCK:
            yield tuple(sorted(block))


def _clues(card: _Card) -> Iterator[str]:
    if card.number:
        yield f"#{card.number}"
    for domain in card.domains:
        yield f"@{domain}"
    for name in card.labels:
        if len(name) > 4:
            yield f"={name}"
    for form in card.forms:
        yield f"={loose_key(form)}"
        if form.cjk:
            continue
        for word in form.words:
            if len(word) > 2 and not (word in SOFT or word in PLACES or word in ADMIN or word in TRADES):
                yield f"~{word}"
        yield from _halves("".join(form.words))


def _halves(key: str) -> Iterator[str]:
    """Give both halves of a name: a letter that is wrong, missing or too many leaves one of them as it is."""
    if len(key) >= 8:
        middle = len(key) // 2
        yield f"<{key[:middle]}"
        yield f">{key[-middle:]}"
        yield f"<{key[: middle + 1]}"
        yield f">{key[-middle - 1 :]}"


def _judged(a: _Card, b: _Card) -> Pair | None:
    if a.account.parent == b.account.id or b.account.parent == a.account.id:
        return None
    if a.number and b.number and a.number != b.number:
        return None
    score, why = _named(a, b)
    shared = sorted(a.domains & b.domains)
    if a.number and a.number == b.number:
        why = [Reason(text=f"Both have the number {a.account.registry_number}.", code="number"), *why]
        return _pair(a, b, 0.99 if score >= POSSIBLE or shared else 0.9, why)
    if shared:
        return _at_one_domain(a, b, score, [Reason(text=f"Both use the domain {shared[0]}.", code="domain"), *why])
    return _by_name(a, b, score, why) if score >= SAME else None


def _at_one_domain(a: _Card, b: _Card, score: float, why: list[Reason]) -> Pair | None:
    """Judge two accounts with one domain: of one name they are one customer, else sisters more often than not."""
    if score < SAME:
        return _pair(a, b, 0.55, [*why, Reason(text="Their names differ: they may be sister firms.", code="sisters")])
    doubts = _doubts(a, b)
    if score >= _EXACT and not doubts:
        return _pair(a, b, 0.98, why)
    return _pair(a, b, 0.75 if doubts else 0.92, [*why, *doubts])


def _by_name(a: _Card, b: _Card, score: float, why: list[Reason]) -> Pair | None:
    """Judge two accounts by their names: namesakes are many, so it takes more than a name to be sure."""
    doubts = _doubts(a, b)
    told = [*why, *doubts]
    plain = any(map(is_plain, (*a.forms[:1], *b.forms[:1])))
    if a.domains and b.domains:
        alike = bool(a.labels & b.labels)
        text = "Their domains differ only in the ending." if alike else "Their domains differ."
        told.append(Reason(text=text, code="domain:label" if alike else "domain:other"))
        if alike and not doubts and score >= _EXACT and a.country and a.country == b.country:
            return _pair(a, b, 0.93, told)
        return _pair(a, b, 0.85 if alike and not doubts else 0.6, told)
    if doubts or plain:
        return _pair(a, b, 0.6, told)
    in_one_place = bool(a.city) and a.city == b.city
    same_country = bool(a.country) and a.country == b.country
    if in_one_place and same_country and score >= _EXACT:
        return _pair(a, b, 0.96, [*told, Reason(text=f"Both are in {a.account.location}.", code="place")])
    return _pair(a, b, 0.85 if same_country or in_one_place or score >= _EXACT else 0.75, told)


def _doubts(a: _Card, b: _Card) -> list[Reason]:
    doubts = []
    if a.country and b.country and a.country != b.country:
        doubts.append(Reason(text=f"They are in {a.account.country} and {b.account.country}.", code="country"))
    elif a.city and b.city and a.city != b.city:
        doubts.append(Reason(text=f"They are in {a.account.location} and {b.account.location}.", code="place"))
    return doubts


def _named(a: _Card, b: _Card) -> tuple[float, list[Reason]]:
    """Return how alike the two are called, by the best of their names, and why."""
    best, text = 0.0, ""
    why: tuple[Reason, ...] = ()
    for left in a.names:
        for right in b.names:
            verdict = compare(left, right)
            score = verdict.score
            if score < SAME and _is_slip(normal_form(left), normal_form(right)):
                score = SAME
            if score > best:
                best, text, why = score, f"“{left}” and “{right}” are called alike.", verdict.why
    if best < SAME:
        return best, []
    return best, [Reason(text=text, code="name"), *(why if best > SAME else ())]


def _is_slip(a: NormalForm, b: NormalForm) -> bool:
    """Tell whether two longer names differ in one letter only, or in two that changed places: somebody mistyped."""
    left, right = "".join(a.words), "".join(b.words)
    if a.cjk or b.cjk or min(len(left), len(right)) < 8 or left[0] != right[0]:
        return False
    if any(char.isdigit() for char in left + right) or abs(len(left) - len(right)) > 1:
        return False
    if len(left) == len(right):
        places = [place for place in range(len(left)) if left[place] != right[place]]
        if len(places) == 2 and places[1] == places[0] + 1:
            return left[places[0]] == right[places[1]] and left[places[1]] == right[places[0]]
        return len(places) == 1
    long, short = (left, right) if len(left) > len(right) else (right, left)
    place = next((place for place, char in enumerate(short) if char != long[place]), len(short))
    return long[place + 1 :] == short[place:]


def _pair(a: _Card, b: _Card, confidence: float, why: Iterable[Reason]) -> Pair:
    return Pair(a=a.account, b=b.account, confidence=confidence, why=tuple(why))


def better(a: Account, b: Account, weight: dict[AccountId, int]) -> tuple[Account, Account]:
    """Return (master, other): the one with more behind it, else with more filled in, else of the lower id."""

    def rank(account: Account) -> tuple[int, int, str]:
        filled = (account.owner_email, account.country, account.industry, account.location, account.registry_number)
        return (-weight.get(account.id, 0), -sum(map(bool, (*filled, *account.domains))), account.id)

    first, second = sorted((a, b), key=rank)
    return first, second
