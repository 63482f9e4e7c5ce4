"""The words of network names in many languages, and what each says about the owner (pure).

The lists are the files in lists/words/: words parted by blanks, `_` for a blank within one, `*` at an end for any
letters, `$` for the end of the name; lines that begin with `#` are remarks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_DOTTED = re.compile(r"\b(?:[a-z]\.)+[a-z]\b\.?")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=20_000)
def plain(name: str) -> str:
    """Return the name in lower case without accents or punctuation, words parted by one space, a space at each end."""
    text = unicodedata.normalize("NFKC", name).casefold()
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
        text = text.translate(_LETTERS)
    text = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", text)
    return f" {' '.join(_WORD.findall(text))} "


def _listed(name: str) -> list[str]:
    text = files("enrichment.network").joinpath("lists", "words", f"{name}.txt").read_text(encoding="utf-8")
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]


_LISTS = (
    "vpn",
    "content",
    "hosting",
    "mobile",
    "carrier",
    "education",
    "research_network",
    "government",
    "business",
    "legal_form",
    "generic",
    "private",
    "ordinary",
    "country",
)
_HEAD = 3


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """All lists at once: one walk over a name finds what is in any of them."""

    words: dict[str, tuple[str, ...]]
    """Single words → the lists that have them."""
    pieces: dict[str, tuple[tuple[str, str], ...]]
    """First three letters of a piece of text → pieces with their lists."""
    short: tuple[tuple[str, str], ...]
    """Pieces of less than three letters, all Chinese or Japanese."""


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    single: dict[str, list[str]] = {}
    pieces: dict[str, list[tuple[str, str]]] = {}
    short: list[tuple[str, str]] = []
    for name in _LISTS:
        for entry in _listed(name):
            bare = entry.strip("*").replace("_", " ").replace("$", " $")
            if bare == entry and entry.isascii():
                single.setdefault(entry, []).append(name)
                continue
            spaced = entry.isascii()  # Chinese and Japanese names have no blanks between words
            before = " " if spaced and not entry.startswith("*") else ""
            after = " " if spaced and not entry.endswith(("*", "$")) else ""
            piece = f"{before}{bare}{after}"
            if len(piece) < _HEAD:
                short.append((piece, name))
            else:
                pieces.setdefault(piece[:_HEAD], []).append((piece, name))
    return _Vocabulary(
        {word: tuple(names) for word, names in single.items()},
        {head: tuple(entries) for head, entries in pieces.items()},
        tuple(short),
    )


@lru_cache(maxsize=20_000)
def _found(text: str) -> dict[str, str]:
    """Return for each list that has something in the text what it has."""
    vocabulary = _vocabulary()
    found: dict[str, str] = {}
    for word in text.split():
        for name in vocabulary.words.get(word, ()):
            found.setdefault(name, word)
    text += "$"
    for start in range(len(text) - _HEAD + 1):
        for piece, name in vocabulary.pieces.get(text[start : start + _HEAD], ()):
            if text.startswith(piece, start):
                found.setdefault(name, piece.strip(" $"))
    for piece, name in vocabulary.short:
        if piece in text:
            found.setdefault(name, piece)
    return found


def around(piece: str, text: str) -> str:
    """Return the whole words of `text` that `piece` stands in: people don't read half words."""
    start = text.find(piece)
    if start < 0:
        return piece
    begin, end = text.rfind(" ", 0, start + 1), text.find(" ", start + len(piece))
    return text[begin + 1 : end if end >= 0 else len(text)].strip() or piece


class WordList:
    """The words of one list, found in what `plain` returns."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def find(self, text: str) -> str | None:
        """Return a word of the list that is in `text`, or None."""
        return _found(text).get(self._name)

    def __contains__(self, word: str) -> bool:
        """Say whether a single word is in the list."""
        return self._name in _vocabulary().words.get(word, ())


VPN = WordList("vpn")
CONTENT = WordList("content")
HOSTING = WordList("hosting")
MOBILE = WordList("mobile")
CARRIER = WordList("carrier")
EDUCATION = WordList("education")
RESEARCH_NETWORK = WordList("research_network")
"""Carriers of universities and institutes: whose visit it is can't be told from them."""
GOVERNMENT = WordList("government")
BUSINESS = WordList("business")
LEGAL_FORM = WordList("legal_form")
GENERIC = WordList("generic")
"""Words with which carriers fill the field where a customer's name should be."""
PRIVATE = WordList("private")
ORDINARY = WordList("ordinary")
"""Brands of carriers that are ordinary words too."""
COUNTRY = WordList("country")
GIVEN_NAMES = frozenset(_listed("given_names"))
"""A firm may bear such a name too, so the range's size is looked at as well."""

COINED = re.compile(
    r" (?:net|tele(?!vision|dyne)|web|host|cyber|wire|fiber|isp|online|connect)\w*(?= )"
    r"|\w(?:net|tel|link|com|wave|online|connect|wifi|hop|isp|host|dc|web|sat)(?= )"
)
"""A coined word such as `Examplenet` or `Teleexample`: usually a carrier's, sometimes a hoster's; weak."""
