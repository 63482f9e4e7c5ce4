"""A learned judgement of network kinds: logistic regression fitted by bench/fit_network_kinds.py (pure)."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files

Weights = Mapping[str, tuple[float, ...]]


class KindModel:
    """Gives each kind a probability from a set of features."""

    __slots__ = ("_bias", "_weights", "kinds")

    def __init__(self, kinds: tuple[str, ...], bias: tuple[float, ...], weights: Weights) -> None:
        self.kinds = kinds
        self._bias = bias
        self._weights = weights

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Return the probability of each kind; they add up to 1. Features that were never seen don't count."""
        known = [found for feature in features if (found := self._weights.get(feature)) is not None]
        share = 1 / math.sqrt(len(known) + 1)  # so that a long name doesn't make the judgement surer
        sums = [sum(column) for column in zip(*known, strict=True)] if known else [0.0] * len(self.kinds)
        scores = [bias + share * total for bias, total in zip(self._bias, sums, strict=True)]
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        return {kind: power / total for kind, power in zip(self.kinds, powers, strict=True)}


_in_place: dict[str, KindModel] = {}


@contextmanager
def replaced(models: Mapping[str, KindModel]) -> Iterator[None]:
    """Judge with other models for a while: cross-validation needs that."""
    _in_place.update(models)
    try:
        yield
    finally:
        _in_place.clear()


def kind_model(name: str) -> KindModel:
    """Return the model `system` (who owns an AS) or `range` (who uses a range), read once."""
    return _in_place.get(name) or _shipped(name)


@lru_cache(maxsize=2)
def _shipped(name: str) -> KindModel:
    return unpacked(files("enrichment.network").joinpath("lists", f"model_{name}.json.gz").read_bytes())


def unpacked(packed: bytes) -> KindModel:
    """Return a model from its file's content."""
    stored = json.loads(gzip.decompress(packed))
    scale = stored["scale"]
    return KindModel(
        tuple(stored["kinds"]),
        tuple(value / scale for value in stored["bias"]),
        {feature: tuple(value / scale for value in values) for feature, values in stored["weights"].items()},
    )
