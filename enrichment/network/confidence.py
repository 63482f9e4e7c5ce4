"""Turns what a judgement says of its sureness into the probability that it is right (pure).

The table comes from bench/network_kinds.py: for each kind of reason, how often judgements that gave it were right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from core.domain import Reason

Points = tuple[tuple[float, float], ...]
"""Pairs (stated, true), rising; between them lies a straight line."""
_in_place: dict[str, Points] = {}
_is_replaced = False


def decisive_code(why: Sequence[Reason]) -> str:
    """Return the code of the reason that decided: the model's where it was asked, else the last one."""
    codes = [reason.code for reason in why]
    return next((code for code in codes if code.startswith("model:")), codes[-1] if codes else "")


def calibrated(stated: float, why: Sequence[Reason]) -> float:
    """Return the probability for a judgement of these reasons; what it states if they are not known."""
    points = (_in_place if _is_replaced else _shipped()).get(decisive_code(why))
    if not points:
        return stated
    if stated <= points[0][0]:
        return points[0][1]
    for (low, low_true), (high, high_true) in pairwise(points):
        if stated <= high:
            return low_true + (high_true - low_true) * (stated - low) / (high - low)
    return points[-1][1]


@contextmanager
def replaced(table: Mapping[str, Points]) -> Iterator[None]:
    """Judge with another table for a while: cross-validation needs that."""
    global _is_replaced
    _in_place.update(table)
    _is_replaced = True
    try:
        yield
    finally:
        _in_place.clear()
        _is_replaced = False


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Points]:
    stored = json.loads(files("enrichment.network").joinpath("lists", "confidence.json").read_text(encoding="utf-8"))
    return {code: tuple((float(said), float(true)) for said, true in points) for code, points in stored.items()}
