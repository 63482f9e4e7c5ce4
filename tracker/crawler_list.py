"""Finds an agent in the vendored public list of crawlers, fast: only the patterns that can match are tried."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

_GRAM = 4
"""The list is indexed by pieces of this many characters: short enough to lie in most patterns, long enough to be rare
in agents."""


def listed(agent: str) -> str | None:
    """Return the piece of the agent that a pattern of the list describes, or None."""
    by_gram, always = _public_list()
    candidates: set[int] = set()
    for start in range(len(agent) - _GRAM + 1):
        if (numbers := by_gram.get(agent[start : start + _GRAM])) is not None:
            candidates.update(numbers)
    for pattern in (*(_pattern(number) for number in sorted(candidates)), *always):
        if found := pattern.search(agent):
            return found[0]
    return None


_COMMON_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/ Mobile Safari/537.36",
    " Edg/ (Macintosh; Intel Mac OS X 10_15_7) Version/ (iPhone; CPU iPhone OS 17_0 like Mac OS X) Firefox/ Gecko/",
    " (X11; Linux x86_64; rv:1.9) (Linux; Android 14; compatible; MSIE; Build/ http://www. https://www. .com/",
)


def _grams(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text[at : at + _GRAM] for text in texts for at in range(len(text) - _GRAM + 1))


_COMMON = _grams(_COMMON_AGENTS)
"""Pieces that browsers' agents are full of: no use as an index."""


@lru_cache(maxsize=1)
def _patterns() -> tuple[str, ...]:
    listed = resources.files("tracker").joinpath("lists/crawler_user_agents.json").read_text(encoding="utf-8")
    return tuple(entry["pattern"] for entry in json.loads(listed))


@lru_cache(maxsize=4096)
def _pattern(number: int) -> re.Pattern[str]:
    return re.compile(_patterns()[number])


@lru_cache(maxsize=1)
def _public_list() -> tuple[dict[str, tuple[int, ...]], tuple[re.Pattern[str], ...]]:
    """Return the list, indexed by a piece of text that each pattern can't match without; and those that have none."""
    pieces: dict[int, set[str]] = {}
    always: list[re.Pattern[str]] = []
    for number, pattern in enumerate(_patterns()):
        literal = _sure_literal(pattern)
        if len(literal) < _GRAM:
            always.append(re.compile(pattern))
        else:
            pieces[number] = {literal[at : at + _GRAM] for at in range(len(literal) - _GRAM + 1)}
    count: dict[str, int] = {}
    for grams in pieces.values():
        for gram in grams:
            count[gram] = count.get(gram, 0) + (1000 if gram in _COMMON else 1)
    by_gram: dict[str, list[int]] = {}
    for number, grams in pieces.items():
        by_gram.setdefault(min(sorted(grams), key=count.__getitem__), []).append(number)
    return {gram: tuple(numbers) for gram, numbers in by_gram.items()}, tuple(always)


def _sure_literal(pattern: str) -> str:
    """Return the longest text that everything this pattern matches must contain; "" when that isn't plain to see."""
    if "|" in pattern or "(?" in pattern:
        return ""
    best = run = ""
    at = 0
    while at < len(pattern):
        char, step = pattern[at], 1
        if char == "\\" and at + 1 < len(pattern):
            char, step = pattern[at + 1], 2
            literal = not char.isalnum()
        elif char == "[":
            closing = pattern.index("]", at + 2)
            literal, step = False, closing - at + 1
        elif char in "(":
            depth_end = _group_end(pattern, at)
            literal, step = False, depth_end - at + 1
        else:
            literal = char not in ".^$*+?{}"
        following = pattern[at + step : at + step + 1]
        if literal and following not in ("*", "?", "{"):
            run += char
            if following == "+":  # one at least, maybe more: what follows doesn't touch it
                best, run = max(best, run, key=len), ""
        else:
            best, run = max(best, run, key=len), ""
        at += step
    return max(best, run, key=len)


def _group_end(pattern: str, start: int) -> int:
    depth = 0
    for at in range(start, len(pattern)):
        if pattern[at - 1 : at] == "\\":
            continue
        depth += {"(": 1, ")": -1}.get(pattern[at], 0)
        if depth == 0:
            return at
    return len(pattern) - 1
