"""Whether two company names mean the same customer: would an alert for one be right for the other? (pure)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.domain import Reason
from enrichment.account.legal_forms import NAMESAKES
from enrichment.account.normal_form import NormalForm, normal_form
from enrichment.account.words import PLACES, SOFT, UNITS, frequency

SAME = 0.8
"""The score from which two names are taken for the same customer."""

HOLDING_APART = frozenset({"gmbh", "ag", "bv", "nv", "sa", "nordic", "kabushiki"})
"""Families of legal form where a holding is a firm beside its firms; elsewhere it is often just the listed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameVerdict:
    """Whether two names mean the same customer, how sure (0 to 1, the same from 0.8) and why."""

    same: bool
    score: float
    why: tuple[Reason, ...]


def compare(a: str, b: str) -> NameVerdict:
    """Return whether an alert for the company written `a` would be right for the one written `b`."""
    return _compare(normal_form(a), normal_form(b))


@lru_cache(maxsize=65536)
def _compare(a: NormalForm, b: NormalForm) -> NameVerdict:
    if not a.key or not b.key:
        return _verdict(0.0, "One of the two has no readable name.")
    if a.key == b.key:
        return _same_words(a, b)
    if a.cjk or b.cjk:
        return _compare_cjk(a, b)
    if sorted(a.words) == sorted(b.words):
        return _verdict(0.93, "The same words in another order.")
    return _compare_words(a, b)


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
    rest_a, rest_b = a.words[len(shared) :], b.words[len(shared) :]
    if not shared:
        return _verdict(0.1, "The names begin with different words.")
    core = [word for word in shared if word not in SOFT and word not in UNITS and word not in PLACES]
    name = " ".join(shared)
    if not core:
        return _verdict(0.2, f"Only “{name}” is shared, and that is no name.")
    extra_a, extra_b = _extras(rest_a), _extras(rest_b)
    if ("holdings" in rest_a) != ("holdings" in rest_b) and (a.forms | b.forms) & HOLDING_APART:
        return _verdict(0.6, f"“{name}” is shared, but a holding is usually another company than its firms.")
    if not extra_a and not extra_b:
        return _verdict(0.9, f"“{name}” is shared; what one has more is only form.")
    if extra_a and extra_b:
        return _verdict(0.3, f"“{name}” is shared, but {_quoted(extra_a)} and {_quoted(extra_b)} tell them apart.")
    extra = extra_a or extra_b
    rare = len(core) > 1 or frequency(core[0]) == 0
    if all(word in PLACES for word in extra) and (rare or frequency(core[0]) < 20):
        return _verdict(0.86, f"“{name}” is shared; {_quoted(extra)} is a place where a firm may have a unit.")
    if all(word in PLACES or word in UNITS for word in extra) and rare and len(extra) <= 2:
        return _verdict(0.82, f"“{name}” is shared and rare; {_quoted(extra)} names a unit.")
    return _verdict(0.4, f"“{name}” is shared, but {_quoted(extra)} may make it another company.")


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
