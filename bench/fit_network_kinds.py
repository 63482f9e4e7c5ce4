"""Fits the weights of enrichment/network/model.py; run: python bench/fit_network_kinds.py [--half FOLDER].

Softmax regression on sparse features, in plain Python. `--half FOLDER` fits on the tuning half of
bench/network_kinds.py, tells how the other half comes out and writes the weights to FOLDER, for
`bench/network_kinds.py --weights FOLDER`; without it all rows are used and the weights go to
enrichment/network/lists/. Labels: ipinfo.io's public samples (CC BY 4.0, IP data by IPinfo); sizes: RouteViews
through pyasn (MIT). No row can be read back from the weights: a feature counts only when three owners have it.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import math
import random
import sys
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from enrichment.network import features
from enrichment.network.trades import of_system

OUT = Path(__file__).resolve().parents[1] / "enrichment" / "network" / "lists"
KINDS = ("business", "isp", "hosting", "education", "government")
SCALE = 1000
LEAST_OWNERS = 3


@dataclass(frozen=True)
class Example:
    """Features of one row, its kind, its weight in the sum, and whose it is."""

    features: tuple[str, ...]
    kind: int
    weight: float
    owner: str


def half(name: str) -> int:
    """Return 0 (for tuning) or 1 (for reporting), as bench/network_kinds.py does."""
    return hashlib.sha1(name.strip().lower().encode()).digest()[0] & 1


def rows_of(path: Path) -> list[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))


def sizes(data: Path) -> dict[int, tuple[int, int]]:
    """Return how many addresses and prefixes each AS announced in 2014."""
    found: dict[int, list[int]] = {}
    with gzip.open(data / "network" / "ip2asn_v4_2014-05-13.tsv.gz", "rt", encoding="utf-8") as file:
        table = sorted((ip_network(line.split("\t")[0]), int(line.split("\t")[1])) for line in file if line[0] != "#")
    ends: dict[int, int] = {}
    for prefix, asn in table:
        entry = found.setdefault(asn, [0, 0])
        first = int(prefix.network_address)
        entry[1] += 1
        if first + prefix.num_addresses > ends.get(asn, 0):
            entry[0] += prefix.num_addresses
            ends[asn] = first + prefix.num_addresses
    return {asn: (entry[0], entry[1]) for asn, entry in found.items()}


def system_examples(data: Path) -> list[Example]:
    """Each AS as it is met: by name alone, with its domain, and with the handle and size of an older table."""
    known = sizes(data)
    older = {int(row["asn"]): row for row in rows_of(data / "network" / "asn_names_2016-05.csv.gz")}
    seen: dict[int, tuple[str, str, str, str]] = {}
    for row in rows_of(data / "network" / "asn_type_train.csv"):
        seen[int(row["asn"])] = (row["name"], row["domain"], row["country"], row["network_type"])
    for row in rows_of(data / "network" / "ip_range_owner_train.csv"):
        if row["asn"] and row["as_type"] in KINDS:
            seen.setdefault(int(row["asn"]), (row["as_name"], row["as_domain"], "", row["as_type"]))
    examples: list[Example] = []
    for asn, (name, domain, country, kind) in sorted(seen.items()):
        size = known.get(asn, (None, None))
        handle = older[asn]["handle"] if asn in older else None
        old_name = (older[asn]["org"] if asn in older else "") or name
        variants = [(name, domain, None, (None, None)), (name, None, None, (None, None))]
        if handle or size[0]:
            variants += [(old_name, None, handle, size), (name, domain, handle, size)]
        examples += [
            Example(
                features.of_system(asn=asn, name=n, handle=h, domain=d, country=country, addresses=s[0], prefixes=s[1]),
                KINDS.index(kind),
                1 / len(variants),
                name,
            )
            for n, d, h, s in variants
        ]
    return examples


def range_examples(data: Path) -> list[Example]:
    """Each range as it is met: with its domain, and without."""
    examples: list[Example] = []
    for row in rows_of(data / "network" / "ip_range_owner_train.csv"):
        opinion = of_system(int(row["asn"]) if row["asn"] else None, row["as_name"] or None, row["as_domain"] or None)
        for domain in (row["domain"], ""):
            found = features.of_range(
                owner=row["registered_name"] or None,
                domain=domain or None,
                span=f"{row['start_ip']}-{row['end_ip']}",
                as_name=row["as_name"] or None,
                as_domain=row["as_domain"] or None,
                system=opinion.kind.value if opinion else "none",
                country=row["country"],
            )
            weight = 0.7 if domain else 0.3
            examples.append(Example(found, KINDS.index(row["network_type"]), weight, row["registered_name"]))
    return examples


@dataclass(frozen=True)
class Way:
    """How to fit: rounds over all examples, first step's size, and how much weights shrink each round (L2)."""

    rounds: int
    rate: float
    decay: float


WAYS = {"system": Way(10, 1.0, 0.1), "range": Way(15, 1.0, 0.02)}


def fit(examples: list[Example], way: Way) -> tuple[list[float], dict[str, list[float]]]:
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
            powers = judged(bias, weights, found)
            for place, power in enumerate(powers):
                slope = rate * weight * (power - (place == kind))
                bias[place] -= slope
                for feature in found:
                    weights[feature][place] -= slope * share
        for values in weights.values():
            for place in range(len(KINDS)):
                values[place] *= 1 - rate * way.decay
    return bias, weights


def judged(bias: list[float], weights: dict[str, list[float]], found: tuple[str, ...]) -> list[float]:
    """Return the probabilities of the kinds, as enrichment/network/model.py does."""
    known = [weights[feature] for feature in found if feature in weights]
    share = 1 / math.sqrt(len(known) + 1)
    scores = list(bias)
    for values in known:
        for place, value in enumerate(values):
            scores[place] += share * value
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def tell(title: str, examples: list[Example], bias: list[float], weights: dict[str, list[float]]) -> None:
    """Print accuracy and the precision and recall of `business` at several thresholds."""
    results = [(judged(bias, weights, example.features), example) for example in examples]
    right = sum(e.weight for p, e in results if p.index(max(p)) == e.kind)
    print(f"{title}: n={len(results)}, accuracy {right / sum(e.weight for _, e in results):.3f}")
    true = sum(e.weight for _, e in results if e.kind == 0)
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        said = [e for p, e in results if p[0] >= least]
        hits = sum(e.weight for e in said if e.kind == 0)
        precision, recall = hits / max(sum(e.weight for e in said), 1e-9), hits / true
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        print(f"   business at {least}: P {precision:.3f} R {recall:.3f} F1 {f1:.3f}")


def write(folder: Path, name: str, bias: list[float], weights: dict[str, list[float]]) -> None:
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


def main(arguments: list[str]) -> None:
    """Fit both models."""
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    for name, examples in (("system", system_examples(data)), ("range", range_examples(data))):
        if arguments[:1] == ["--half"]:
            bias, weights = fit([example for example in examples if half(example.owner) == 0], WAYS[name])
            tell(name, [example for example in examples if half(example.owner) == 1], bias, weights)
            write(Path(arguments[1]), name, bias, weights)
        else:
            write(OUT, name, *fit(examples, WAYS[name]))


if __name__ == "__main__":
    main(sys.argv[1:])
