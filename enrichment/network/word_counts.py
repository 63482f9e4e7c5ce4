"""How usual a word is in the names of organisations (pure)."""

from __future__ import annotations

from functools import cache
from importlib import resources

NAMES = 90_000
"""Network owners of different names among which the words were counted."""


@cache
def _counts() -> dict[str, int]:
    text = (resources.files("enrichment.network") / "lists" / "name_words.tsv").read_text(encoding="utf-8")
    return {word: int(count) for word, _, count in (line.partition("\t") for line in text.splitlines())}


def frequency(word: str) -> int:
    """Return how many of about 90,000 network owners of different names have `word` in theirs; 0 for fewer than 4."""
    return _counts().get(word, 0)
