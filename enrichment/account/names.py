"""Whether two company names mean the same customer: would an alert for one be right for the other? (pure)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from core.domain import Reason
from enrichment.account.legal_forms import NAMESAKES
from enrichment.account.normal_form import NormalForm, loose_key, normal_form
from enrichment.account.sounds import sound_alike
from enrichment.account.words import (
    ADMIN,
    BANKS,
    BODIES,
    FORMAL,
    NAMESAKE_TRADES,
    PLACES,
    PREPOSITIONS,
    SOFT,
    TRADES,
    frequency,
)

SAME = 0.8
"""The score from which two names are taken for the same customer."""

APART = frozenset({"gmbh", "ag", "bv", "nv", "sa", "nordic", "kabushiki"})
"""Families of legal form in whose countries each line of business, and the holding, tends to be a firm of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameVerdict:
    """Whether two names mean the same customer, how sure (0 to 1, the same from 0.8) and why."""

    same: bool
    score: float
    why: tuple[Reason, ...]


def compare(a: str, b: str) -> NameVerdict:
    """Return whether an alert for the company written `a` would be right for the one written `b`."""
    return compare_forms(normal_form(a), normal_form(b))


@lru_cache(maxsize=65536)
def compare_forms(a: NormalForm, b: NormalForm) -> NameVerdict:
    if not a.key or not b.key:
        return _verdict(0.0, "One of the two has no readable name.")
    if a.key == b.key:
        return _same_words(a, b)
    if a.cjk or b.cjk:
        return _compare_cjk(a, b)
    if len(a.key) > SHORT_NAME and loose_key(a) == loose_key(b):
        return _same_words(a, b)
    if _bag(a) == _bag(b):
        return _verdict(0.93, "The same words in another order.")
    if a.key.startswith(b.key) or b.key.startswith(a.key):
        longer, shorter = (a.key, b.key) if len(a.key) > len(b.key) else (b.key, a.key)
        if _GLUED.sub("", longer) == shorter:
            return _verdict(0.9, "The same name, with the legal form written on to it.")
    return _initialled(a, b) or _compare_words(a, b)


_GLUED = re.compile(r"(?<=.{5})(?:gmbh|ag|ltd|inc|llc|corp|bv|nv|spa|srl|sas|plc)$")


SHORT_NAME = 4


def _initialled(a: NormalForm, b: NormalForm) -> NameVerdict | None:
    """Return a verdict where a short word of one is the initials of words of the other; None where none is."""
    for short, long in ((a, b), (b, a)):
        telling = [word for word in long.words if word not in PREPOSITIONS]
        letters = "".join(word[0] for word in telling)
        for place, word in enumerate(short.words):
            if not SHORTEST_INITIALS <= len(word) <= LONGEST_INITIALS or word not in letters or not word.isalpha():
                continue
            size, start = len(word), letters.index(word)
            rest = sorted(short.words[:place] + short.words[place + 1 :])
            if (
                rest
                and rest == sorted(telling[:start] + telling[start + size :])
                and max(map(len, rest)) > SHORT_NAME - 1
            ):
                return _verdict(0.85, f"“{word.upper()}” stands for the other's first letters; the rest is the same.")
            if size == len(telling) and not rest:
                known = 0.82 if size >= SURE_INITIALS else INITIALS_ALONE
                return _verdict(known, f"“{word.upper()}” is made of the other's first letters.")
            if size == len(telling) > 2 and place == 0:
                return _verdict(INITIALS_ALONE, f"“{word.upper()}” is made of the other's first letters.")
    return None


SHORTEST_INITIALS = 2
LONGEST_INITIALS = 6
SURE_INITIALS = 5
"""First letters from which on nothing else is needed: no other name has them by chance."""
INITIALS_ALONE = 0.65
"""The score of fewer first letters: the same only if something else agrees (see `match`)."""


def _bag(form: NormalForm) -> list[str]:
    return sorted(word for word in form.words if word not in PREPOSITIONS) or list(form.words)


def _same_words(a: NormalForm, b: NormalForm) -> NameVerdict:
    pair = _conflict(a, b)
    if pair:
        return _verdict(0.55, f"The same words, but legal forms of two different companies ({pair}).")
    return _verdict(0.97, "The same name but for spelling and legal form.")


def _conflict(a: NormalForm, b: NormalForm) -> str:
    """Return the two families of legal form that rarely belong to one company, as text; empty if none."""
    if a.forms & b.forms:
        return ""
    for left in a.forms:
        for right in b.forms:
            if frozenset({left, right}) in NAMESAKES:
                return f"{left} and {right}"
    return ""


_CJK_TAILS = ("ホールディングス", "ホールディング", "グループ", "hd", "holdings", "group")


def _compare_cjk(a: NormalForm, b: NormalForm) -> NameVerdict:
    alike = sound_alike(a, b)
    if alike and _conflict(a, b):
        return _verdict(0.5, "They sound alike, but have legal forms of two different companies.")
    if alike == "spelling":
        return _verdict(0.9, "One is how the other is read.")
    if alike == "sound":
        return _verdict(0.82, "One sounds like the other written in the other script.")
    if a.cjk and b.cjk and _without_tail(a.key) == _without_tail(b.key) and len(_without_tail(a.key)) > 1:
        return _verdict(0.7, "The same name, but one of the two is its group or holding company.")
    return _verdict(0.1, "The names differ.")


def _without_tail(key: str) -> str:
    for tail in _CJK_TAILS:
        if key.endswith(tail) and len(key) > len(tail) + 1:
            return _without_tail(key[: -len(tail)])
    return key


def _compare_words(a: NormalForm, b: NormalForm) -> NameVerdict:
    shared = _common_prefix(a.words, b.words)
    if not shared:
        return _one_letter_apart(a, b)
    name = " ".join(shared)
    strength = _strength(shared)
    if strength is Strength.NONE:
        return _verdict(0.2, f"Only “{name}” is shared, and that is no name.")
    initials = "".join(word[0] for word in shared)
    rest_a, rest_b = (tuple(word for word in form.words[len(shared) :] if word != initials) for form in (a, b))
    if ("holdings" in rest_a) != ("holdings" in rest_b) and (a.forms | b.forms) & APART:
        return _verdict(0.6, f"“{name}” is shared, but a holding is usually another company than its firms.")
    extra_a, extra_b = _extras(rest_a), _extras(rest_b)
    if {*extra_a, *extra_b} and all(rest and set(rest) <= BANKS | FORMAL for rest in (rest_a, rest_b)):
        return _verdict(0.82, f"“{name}” is shared; a bank and the company that holds it are one customer.")
    if not extra_a and not extra_b:
        if strength is Strength.WEAK and not {*rest_a, *rest_b} <= FORMAL:
            return _verdict(0.6, f"“{name}” is shared, but too many firms are called so.")
        return _verdict(0.9, f"“{name}” is shared; what one has more is only form.")
    told = " and ".join(_quoted(extra) for extra in (extra_a, extra_b) if extra)
    places_a, places_b = ({word for word in extra if word in PLACES} for extra in (extra_a, extra_b))
    if places_a and places_b and not places_a & places_b:
        return _verdict(0.5, f"“{name}” is shared, but {told} are units in different places.")
    kinds = {_kind(word) for word in (*extra_a, *extra_b)}
    enough = strength >= Strength.FAIR or len(_extras(shared)) > 1
    if kinds == {Kind.PLACE} and not (extra_a and extra_b) and enough:
        return _verdict(0.86, f"“{name}” is shared; {told} is a place where a firm may have a unit.")
    if kinds <= {Kind.PLACE, Kind.ADMIN} and strength is Strength.STRONG:
        return _verdict(0.83, f"“{name}” is shared and rare; {told} names a unit of the firm.")
    if kinds <= {Kind.PLACE, Kind.ADMIN, Kind.TRADE} and strength is Strength.STRONG and not (extra_a and extra_b):
        plain = {*extra_a, *extra_b} & NAMESAKE_TRADES
        if (len(shared) > 1 or (not plain and len(name) > SHORT_NAME)) and not (a.forms | b.forms) & APART:
            return _verdict(0.81, f"“{name}” is shared; {told} names a branch of its business.")
        return _verdict(0.7, f"“{name}” is shared and rare, but {told} may be the trade of a sister firm.")
    if _is_firms_own(shared) and not (extra_a and extra_b) and _is_unit((*extra_a, *extra_b)):
        return _verdict(0.81, f"“{name}” is shared and says enough; {told} names a part of the firm.")
    return _verdict(0.4, f"“{name}” is shared, but {told} may make it another company.")


def beside(a: NormalForm, b: NormalForm) -> tuple[bool, tuple[str, ...], tuple[str, ...]] | None:
    """Return what two names that begin alike have beside that: whether the shared words are rare, and both rests.

    None where they don't begin alike, or the shared words say too little.
    """
    shared = _common_prefix(a.words, b.words)
    if a.cjk or b.cjk or not shared or _conflict(a, b):
        return None
    strength = _strength(shared)
    if strength < Strength.FAIR:
        return None
    return strength is Strength.STRONG, _extras(a.words[len(shared) :]), _extras(b.words[len(shared) :])


def _is_firms_own(shared: tuple[str, ...]) -> bool:
    """Say whether the shared words are two or more that no other firm is likely to bear together."""
    core = {word for word in shared if word not in SOFT and _kind(word) is not Kind.TRADE and len(word) > 2}
    return len(core) > 1 and min(map(frequency, core)) <= USUAL and max(map(len, core)) > LONG_ENOUGH


LONG_ENOUGH = 5


def _is_unit(extra: tuple[str, ...]) -> bool:
    """Say whether further words may name a part of a firm: few usual ones, no proper name and no body of its own."""
    other = [word for word in extra if _kind(word) is Kind.OTHER]
    return len(other) < MANY_WORDS and all(
        frequency(word) >= UNUSUAL and word not in BODIES and not word.isdigit() for word in other
    )


MANY_WORDS = 3


class Strength(IntEnum):
    """How much a shared beginning of two names says."""

    NONE = 0
    WEAK = 1
    FAIR = 2
    STRONG = 3


class Kind(IntEnum):
    """What a further word of a name is about."""

    PLACE = 0
    ADMIN = 1
    TRADE = 2
    OTHER = 3


def _kind(word: str) -> Kind:
    if word in PLACES:
        return Kind.PLACE
    if word in ADMIN:
        return Kind.ADMIN
    return Kind.TRADE if word in TRADES else Kind.OTHER


def _strength(shared: tuple[str, ...]) -> Strength:
    """Return how telling the shared words are: by their number, and by how many owners of networks use the rarest."""
    telling = [word for word in shared if word not in SOFT]
    core = [word for word in telling if _kind(word) is Kind.OTHER]
    if not core:
        return Strength.NONE
    if max(map(len, core)) < 3:
        return Strength.WEAK
    rarest = min(map(frequency, core))
    if len(telling) > 1:
        return Strength.STRONG if rarest <= USUAL else Strength.WEAK
    return Strength.STRONG if rarest == 0 else Strength.FAIR if rarest <= UNUSUAL else Strength.WEAK


UNUSUAL = 20
"""A word that no more network owners than this have in their names is one that firms choose for themselves."""
USUAL = 60
"""The same for a word beside another telling one."""


def _one_letter_apart(a: NormalForm, b: NormalForm) -> NameVerdict:
    if len(a.words) == len(b.words) and not _conflict(a, b):
        apart = [(left, right) for left, right in zip(a.words, b.words, strict=True) if left != right]
        if len(apart) == 1 and all(len(word) >= LONG_WORD and word.isalpha() for word in apart[0]):
            left, right = apart[0]
            if Levenshtein.distance(left, right, score_cutoff=1) == 1:
                return _verdict(0.81, f"“{left}” and “{right}” differ by one letter.")
    return _verdict(0.1, "The names begin with different words.")


LONG_WORD = 9
"""Letters from which on a word that differs by one letter is rather a slip than another word."""


def _common_prefix(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    size = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        size += 1
    return a[:size]


def _extras(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in SOFT)


def _quoted(words: tuple[str, ...]) -> str:
    return f"“{' '.join(words)}”"


def _verdict(score: float, why: str) -> NameVerdict:
    return NameVerdict(same=score >= SAME, score=score, why=(Reason(text=why, points=score, code="name"),))
