"""The words of network names in many languages, and what each says about the owner (pure).

The lists are the files in lists/words/: words parted by blanks, `_` for a blank within one, `*` at an end for any
letters, lines that begin with `#` are remarks.
"""

from __future__ import annotations

import re
import unicodedata
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


def _pattern(name: str) -> re.Pattern[str]:
    """Return a pattern for the words of one list, to be searched in what `plain` returns."""
    parts: list[str] = []
    for word in _listed(name):
        spaced = word.isascii()  # Chinese and Japanese names have no blanks between words
        start = "" if word.startswith("*") or not spaced else "(?<= )"
        end = "" if word.endswith("*") or not spaced else "(?= )"
        parts.append(start + re.escape(word.strip("*").replace("_", " ")) + end)
    return re.compile("|".join(parts))


VPN = _pattern("vpn")
CONTENT = _pattern("content")
HOSTING = _pattern("hosting")
MOBILE = _pattern("mobile")
CARRIER = _pattern("carrier")
EDUCATION = _pattern("education")
GOVERNMENT = _pattern("government")
BUSINESS = _pattern("business")
LEGAL_FORM = _pattern("legal_form")
GENERIC = _pattern("generic")
"""Words with which carriers fill the field where a customer's name should be."""
PRIVATE = _pattern("private")
GIVEN_NAMES = frozenset(_listed("given_names"))
"""A firm may bear such a name too, so the range's size is looked at as well."""

CARRIER_ENDS = re.compile(r"(?<= )\w{3,}(?:net|tel|link|com|wave|online|connect|wifi|fi)(?= )")
"""A coined word such as `Examplenet`: usually a carrier's, sometimes a hoster's; weak."""
