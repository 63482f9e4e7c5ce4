"""Whether a domain is likely to be the named organisation's own, read letter by letter as people abbreviate (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from core.domain import Reason
from enrichment.network.word_counts import NAMES, frequency
from enrichment.network.words import LEGAL_FORM, plain


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


LETTER = 4.0
"""Bits that a letter is worth which the domain and the name share in order."""
INSIDE = 1.4
"""The same for a letter from further inside a word: `ntst` for Netsmart."""
LEFT_OVER = 2.2
"""Bits lost for each letter of the domain that nothing in the name explains."""
PASSED_OVER = 2.5
"""Bits lost for each telling word of the name that the domain leaves out before its end."""
CUT = 4.0
"""Bits lost for cutting a word short."""
INITIAL = 0.3
"""Bits lost for taking a word's first letter alone."""
ADDED = 3.0
"""Bits lost at most for what stands before or after whole words: `niagarawater`."""

CENTRE = 9.5
WIDTH = 1.5
"""Bits at which fitting and not fitting are equally likely, and how fast that changes."""

FITS = 0.5
"""The score from which a domain is taken for the name's own."""

_FILLERS = _set(
    """
    the my get go web www net online group grp inc corp co llc ltd gmbh ag bv nv sa srl spa oy ab as kk usa us uk int
    intl international global hq home info tech it digital services service solutions systems company team mail city
    town ville stadt gemeente and cloud hotel hotels law cpa cpas eu de fr nl jp in app io
    """
)
"""Words that firms put beside their name in a domain."""
_FILLER_COST = 1.0
AFTER_CUT = 3.0
"""Bits lost for such a word after one that is cut short, where it is rather part of another word."""
_SMALL = _set("of the and de du des der die das la le les el los y e und et di da do dos van von for in on at")
_PUBLIC = _set("com net org co or ne go gov edu ac ad info biz int mil")


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainVerdict:
    """Whether a domain goes with a name, how sure (0 to 1, it does from 0.5) and why."""

    fits: bool
    score: float
    why: tuple[Reason, ...]


@lru_cache(maxsize=65536)
def judge_domain(name: str, domain: str) -> DomainVerdict:
    """Return whether `domain` is likely to be that of the organisation called `name`, not of its carrier."""
    labels = _labels(domain)
    words = _words(name)
    if not labels or not words:
        return _verdict(0.0, "There is no name or no domain to compare.")
    bits, shared = max(_agreement(label, words) for label in _readings(labels))
    score = 1 / (1 + math.exp((CENTRE - bits) / WIDTH))
    if score >= FITS:
        return _verdict(score, f"The domain {domain} reads like “{' '.join(shared)}” in “{name.strip()}”.")
    return _verdict(score, f"The domain {domain} doesn't read like “{name.strip()}”.")


def _verdict(score: float, text: str) -> DomainVerdict:
    return DomainVerdict(fits=score >= FITS, score=round(score, 4), why=(Reason(text=text, code="domain:name"),))


def _labels(domain: str) -> list[str]:
    host = domain.strip().lower().removeprefix("www.").strip(".")
    return [plain(label).replace(" ", "") for label in host.split(".") if label]


def _readings(labels: list[str]) -> list[str]:
    """Return what may be the name in a domain: each label, and the first one run on into the ending (`duo.works`)."""
    found = [labels[0], *(label for label in labels[1:-1] if label not in _PUBLIC)]
    if len(labels) > 1 and labels[-1] not in _PUBLIC:
        found.append(labels[0] + labels[-1])
    return found


def _words(name: str) -> list[str]:
    return plain(name).split()


@lru_cache(maxsize=65536)
def _worth(word: str) -> float:
    """Return the bits that a whole word is worth: less where many organisations have it in their names."""
    return min(LETTER * len(word), math.log2(NAMES / (frequency(word) + 1)))


def _agreement(label: str, words: list[str]) -> tuple[float, tuple[str, ...]]:
    """Return the bits of the best way to read `label` out of `words` in order, and the words used."""
    best: list[dict[tuple[int, bool], _Way]] = [{} for _ in range(len(label) + 1)]
    best[0][0, True] = (0.0, ())
    for at in range(len(label) + 1):
        for word_at in range(len(words) + 1):
            for whole in (True, False):
                if way := best[at].get((word_at, whole)):
                    _go_on(best, label, words, at, word_at, whole, way)
    return max(best[-1].values())


_Way = tuple[float, tuple[str, ...]]


def _go_on(
    best: list[dict[tuple[int, bool], _Way]],
    label: str,
    words: list[str],
    at: int,
    word_at: int,
    whole: bool,
    way: _Way,
) -> None:
    """Offer every next step from a place in the label and in the name; `whole`: no word was cut short just before."""
    bits, used = way

    def offer(to: int, to_word: int, to_whole: bool, gain: float, used: tuple[str, ...] = used) -> None:
        if bits + gain > best[to].get((to_word, to_whole), _NOWHERE)[0]:
            best[to][to_word, to_whole] = (bits + gain, used)

    size = len(label)
    if at < size:
        offer(at + 1, word_at, False, -LEFT_OVER)
        if whole and used:
            offer(size, word_at, True, -min(ADDED, LEFT_OVER * (size - at)))
        for end in range(at + 2, size + 1):
            if label[at:end] in _FILLERS:
                offer(end, word_at, whole, -_FILLER_COST if whole else -AFTER_CUT)
    if word_at == len(words):
        return
    word = words[word_at]
    free = word in _SMALL or word in LEGAL_FORM or not used
    offer(at, word_at + 1, whole, 0.0 if free else -PASSED_OVER)
    for length, gain in _pieces(label, at, word):
        complete = length == len(word)
        before = label[:at] if not used and complete else ""
        regained = max(0.0, LEFT_OVER * len(before) - ADDED) if len(before) > 1 else 0.0
        offer(at + length, word_at + 1, complete, gain + regained, (*used, word))


_NOWHERE: _Way = (-math.inf, ())


def _pieces(label: str, at: int, word: str) -> list[tuple[int, float]]:
    """Return the ways to take letters of `word` from `label` at `at`: how many letters, and their bits."""
    found: list[tuple[int, float]] = []
    length = 0
    limit = min(len(word), len(label) - at)
    while length < limit and label[at + length] == word[length]:
        length += 1
        cut = 0.0 if length == len(word) else INITIAL if length == 1 else CUT
        found.append((length, min(LETTER * length, _worth(word)) - cut))
    if not length:
        return found
    taken, place, gain = 1, 1, LETTER - INITIAL
    while at + taken < len(label):
        place = word.find(label[at + taken], place) + 1
        if not place:
            break
        taken += 1
        gain += INSIDE
        if taken > length:
            found.append((taken, min(gain, _worth(word))))
    return found
