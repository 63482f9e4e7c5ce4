"""Fits the weights of enrichment/network/model.py; run: python -m bench.fit_network_kinds.

Softmax regression on sparse features, in plain Python. All labelled rows are used and the weights go to
enrichment/network/lists/; `bench/network_kinds.py` fits on four fifths at a time and measures on the fifth. Labels:
ipinfo.io's public samples (CC BY 4.0, IP data by IPinfo); sizes: RouteViews through pyasn (MIT). No row can be read
back from the weights: a feature counts only when three owners have it.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.kind_rows import KINDS, Range, System, ranges, systems
from enrichment.network import features
from enrichment.network.model import KindModel
from enrichment.network.trades import of_system

OUT = Path(__file__).resolve().parents[1] / "enrichment" / "network" / "lists"
SCALE = 1000
LEAST_OWNERS = 3


@dataclass(frozen=True)
class Example:
    """Features of one row, its kind, its weight in the sum, and whose it is."""

    features: tuple[str, ...]
    kind: int
    weight: float
    owner: str


def system_examples(rows: Iterable[System]) -> list[Example]:
    """Each AS as it is met: by name alone, with domain and number, and with the handle and size of an older table."""
    examples: list[Example] = []
    for row in rows:
        known = (row.asn, row.name, row.domain or None, None, None, None)
        variants = [known, known, (None, *known[1:]), (row.asn, row.name, None, None, None, None)]
        if row.handle or row.addresses:
            variants += [
                (row.asn, row.old_name, None, row.handle, row.addresses, row.prefixes),
                (row.asn, row.name, row.domain or None, row.handle, row.addresses, row.prefixes),
            ]
        for asn, name, domain, handle, addresses, prefixes in variants:
            opinion = of_system(asn, name, domain, handle)
            found = features.of_system(
                asn=asn,
                name=name,
                handle=handle,
                domain=domain,
                country=row.country,
                addresses=addresses,
                prefixes=prefixes,
                opinion=opinion.code if opinion else "none",
            )
            examples.append(Example(found, KINDS.index(row.kind), 1 / len(variants), row.name))
    return examples


def range_examples(rows: Iterable[Range]) -> list[Example]:
    """Each range as it is met: with its domain, and without."""
    examples: list[Example] = []
    for row in rows:
        opinion = of_system(row.asn, row.as_name or None, row.as_domain or None)
        for domain in (row.domain, ""):
            found = features.of_range(
                owner=row.owner or None,
                domain=domain or None,
                span=row.span,
                as_name=row.as_name or None,
                as_domain=row.as_domain or None,
                system=opinion.kind.value if opinion else "none",
                country=row.country,
            )
            examples.append(Example(found, KINDS.index(row.kind), 0.7 if domain else 0.3, row.owner))
    return examples


@dataclass(frozen=True)
class Way:
    """How to fit: rounds over all examples, first step's size, and how much weights shrink each round (L2)."""

    rounds: int
    rate: float
    decay: float


WAYS = {"system": Way(15, 1.0, 0.5), "range": Way(15, 1.0, 0.02)}

Weights = dict[str, list[float]]


def fit(examples: list[Example], way: Way) -> tuple[list[float], Weights]:
    """Return the bias and weights that make the labels likely, by gradient descent."""
    owners: dict[str, set[str]] = {}
    for example in examples:
        for feature in example.features:
            owners.setdefault(feature, set()).add(example.owner)
    weights = {feature: [0.0] * len(KINDS) for feature, who in owners.items() if len(who) >= LEAST_OWNERS}
    bias = [0.0] * len(KINDS)
    order = [(tuple(f for f in e.features if f in weights), e.kind, e.weight) for e in examples]
    chosen = random.Random(7)
    for round_number in range(way.rounds):
        chosen.shuffle(order)
        rate = way.rate / (1 + 0.3 * round_number)
        for found, kind, weight in order:
            share = 1 / math.sqrt(len(found) + 1)
            for place, power in enumerate(_judged(bias, weights, found, share)):
                slope = rate * weight * (power - (place == kind))
                bias[place] -= slope
                for feature in found:
                    weights[feature][place] -= slope * share
        for values in weights.values():
            for place in range(len(KINDS)):
                values[place] *= 1 - rate * way.decay
    return bias, weights


def _judged(bias: list[float], weights: Weights, found: tuple[str, ...], share: float) -> list[float]:
    scores = list(bias)
    for feature in found:
        for place, value in enumerate(weights[feature]):
            scores[place] += share * value
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def fitted(name: str, examples: list[Example]) -> KindModel:
    """Return the model `system` or `range` fitted on the examples."""
    bias, weights = fit(examples, WAYS[name])
    return KindModel(KINDS, tuple(bias), {feature: tuple(values) for feature, values in weights.items()})


def write(folder: Path, name: str, bias: list[float], weights: Weights) -> None:
    """Write the weights, in thousandths, those that hardly count left out."""
    kept = {
        feature: [round(value * SCALE) for value in values]
        for feature, values in sorted(weights.items())
        if max(map(abs, values)) >= 0.02
    }
    stored = {"kinds": KINDS, "scale": SCALE, "bias": [round(value * SCALE) for value in bias], "weights": kept}
    packed = gzip.compress(json.dumps(stored, separators=(",", ":"), ensure_ascii=False).encode(), 9, mtime=0)
    (folder / f"model_{name}.json.gz").write_bytes(packed)
    print(f"model_{name}.json.gz: {len(kept)} features, {len(packed) / 1000:.0f} kB")


def main() -> None:
    """Fit both models on all rows."""
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    for name, examples in (
        ("system", system_examples(systems(data))),
        ("range", range_examples(ranges(data))),
    ):
        write(OUT, name, *fit(examples, WAYS[name]))


if __name__ == "__main__":
    main()
