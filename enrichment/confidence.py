"""How likely it is that a visit is an account's, from all that speaks for and against it; fitted, not felt (pure).

A logistic model of half a dozen readable features. Its weights are fitted by `python -m bench.alerts.fit` on one half
of the labelled networks (a hash of the owner's name decides), and measured on the other by `make bench-alerts`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from core.domain import AccountMatch, Company, Network, NetworkKind

ORGANISED = (NetworkKind.BUSINESS, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)
_EDGE = 0.02
"""Confidences are kept this far from 0 and 1 before their odds are taken."""

LOWEST, HIGHEST = 0.02, 0.97
"""A network alone is never as sure as a word of the visitor's own (`company.clues`)."""


def features(company: Company, match: AccountMatch, network: Network | None) -> Mapping[str, float]:
    """Return what speaks for and against: each a number, 0 where it doesn't apply."""
    codes = {reason.code for reason in match.why}
    shared = network is not None and network.kind not in ORGANISED
    return {
        "bias": 1.0,
        "network": _odds(company.confidence),
        "shared": float(shared),
        "country:other": float("match:country:other" in codes),
        "form:other": float("match:form:other" in codes),
        "elsewhere": float({"match:country:other", "match:form:other"} <= codes),
        "more": float("match:more" in codes),
    }


def probability(found: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the probability that the account is right; features without a weight don't count."""
    total = sum(value * weights.get(name, 0.0) for name, value in found.items())
    return min(HIGHEST, max(LOWEST, 1 / (1 + math.exp(-total))))


@lru_cache(maxsize=1)
def fitted() -> Mapping[str, float]:
    """Return the weights that come with Dormouse."""
    stored = json.loads(files("enrichment").joinpath("confidence_weights.json").read_text(encoding="utf-8"))
    return {name: float(value) for name, value in stored["weights"].items()}


def sureness(company: Company, match: AccountMatch, network: Network | None, *, by_clue: bool) -> float:
    """Return how likely it is that a visit of this company is one of the matched account, from 0 to 1.

    Where the visitor or whoever set the network down named the account, no name was compared, and what they are worth
    counts as it is. Else no visit is surer than that the two names are one firm's.
    """
    if by_clue or company.accounts:
        return round(company.confidence * match.confidence, 4)
    return round(min(match.confidence, probability(features(company, match, network), fitted())), 4)


def _odds(share: float) -> float:
    share = min(1 - _EDGE, max(_EDGE, share))
    return math.log(share / (1 - share))
