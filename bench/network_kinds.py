"""Measures the judgement of network kinds by cross-validation; run: python -m bench.network_kinds [--fit-confidence].

Every row is judged with weights that were fitted without it: the rows are parted into five by a hash of their group,
and an organisation (by its name's core and its domain's first label) is always on one side. Intervals: bootstrap over
the groups' rows, 95 %. The words and rules were written while looking at rows of the same files, so they flatter
somewhat. Labels: ipinfo.io's public samples (CC BY 4.0, IP data by IPinfo); a hand check found 84 % of the range labels
right, which bounds what can be reached.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.confidence import Judged, calibration_error, fit_table, write_table
from bench.fit_network_kinds import fitted, range_examples, system_examples
from bench.kind_rows import FOLDS, Range, System, ranges, systems
from core.domain import NetworkKind, Reason
from enrichment.network import confidence, model
from enrichment.network.hosts import of_host
from enrichment.network.judgement import KindVerdict, NetworkFacts
from enrichment.network.kinds import classify
from enrichment.network.opinion import ORGANISED
from enrichment.network.owners import same_name

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
LABELS = ("business", "isp", "hosting", "education", "government")
SAID = (*LABELS, "mobile", "vpn", "content", "unknown")
DRAWS = 500


@dataclass(frozen=True)
class Row:
    """What is known of a network, its kind, who should be named, and the fold that it was left out with."""

    facts: NetworkFacts
    kind: str
    owner: str
    fold: int


def with_models(rows: Sequence[Row], fit: Callable[[int], dict[str, model.KindModel]]) -> list[tuple[Row, KindVerdict]]:
    """Judge each row with the weights of the other folds."""
    judged: list[tuple[Row, KindVerdict]] = []
    for fold in range(FOLDS):
        with model.replaced(fit(fold)):
            judged += [(row, classify(row.facts)) for row in rows if row.fold == fold]
    return judged


def system_rows(rows: Sequence[System], *, number: bool, sized: bool = False) -> list[Row]:
    """Name, domain and country of each AS whose kind is asked for, with its number or without; `sized`: those with a
    size, and with that.
    """
    return [
        Row(
            NetworkFacts(
                asn=row.asn if number else None,
                as_name=row.name,
                as_domain=row.domain or None,
                country=row.country or None,
                as_addresses=row.addresses if sized else None,
                as_prefixes=row.prefixes if sized else None,
                as_handle=row.handle if sized else None,
            ),
            row.kind,
            row.name,
            row.fold,
        )
        for row in rows
        if row.main and (row.addresses or not sized)
    ]


def range_rows(rows: Sequence[Range]) -> list[Row]:
    """Registered name, domain and AS of each range."""
    return [
        Row(
            NetworkFacts(
                range=row.span,
                owner=row.owner or None,
                domain=row.domain or None,
                asn=row.asn,
                as_name=row.as_name or None,
                as_domain=row.as_domain or None,
                country=row.country or None,
            ),
            row.kind,
            row.owner,
            row.fold,
        )
        for row in rows
    ]


def accuracy(pairs: Sequence[tuple[str, str]]) -> float:
    """Share of pairs (label, judged) that agree."""
    return sum(label == said for label, said in pairs) / max(len(pairs), 1)


def f1(pairs: Sequence[tuple[str, str]]) -> float:
    """F1 of `business`."""
    both = sum(label == said == "business" for label, said in pairs)
    return 2 * both / max(sum(label == "business" for label, _ in pairs) + sum(s == "business" for _, s in pairs), 1)


def interval(pairs: Sequence[tuple[str, str]], measure: Callable[[Sequence[tuple[str, str]]], float]) -> str:
    """Return a measure with its 95 % bootstrap interval."""
    drawn = random.Random(5)
    found = sorted(measure(drawn.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return f"{measure(pairs):.3f} [{found[DRAWS // 40]:.3f}, {found[-DRAWS // 40 - 1]:.3f}]"


def report(title: str, judged: Sequence[tuple[Row, KindVerdict]], labels: Sequence[str] = LABELS) -> None:
    """Print accuracy, F1 of business and the confusion matrix."""
    pairs = [(row.kind, verdict.kind.value) for row, verdict in judged]
    print(f"\n{title}: n={len(pairs)}, accuracy {interval(pairs, accuracy)}, business F1 {interval(pairs, f1)}")
    table = Counter(pairs)
    print(f"{'label | judged':>15}", *(f"{kind[:9]:>9}" for kind in SAID))
    for kind in labels:
        print(f"{kind:>15}", *(f"{table[kind, said]:>9}" for said in SAID))


def hosts() -> None:
    """Kind from the host name alone; nothing is fitted."""
    with (DATA / "rdns" / "rdns_hosts_train.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if of_host(row["host"]) is not None]
    judged = [
        (Row(NetworkFacts(rdns=row["host"]), row["label"], "", 0), classify(NetworkFacts(rdns=row["host"])))
        for row in rows
    ]
    report("host kind (reverse DNS alone)", judged, ("business", "isp", "education", "government"))


def privacy() -> None:
    """What the vendored lists know of ranges that a vendor calls hosting, VPN, proxy or Tor."""
    with (DATA / "network" / "ip_privacy_train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table: Counter[tuple[str, str]] = Counter()
    for row in rows:
        label = next((kind for kind in ("tor", "proxy", "vpn", "hosting") if row[kind] == "1"), "none")
        label = "hosting too" if label != "hosting" and row["hosting"] == "1" else label
        table[label, classify(NetworkFacts(range=f"{row['start_ip']}-{row['end_ip']}")).kind.value] += 1
    print(f"\nprivacy ranges (range alone): n={len(rows)}")
    for label in ("hosting", "hosting too", "vpn", "proxy", "tor"):
        said = {kind: count for (one, kind), count in table.items() if one == label}
        print(f"{label:>15}", *(f"{kind} {count} ({count / sum(said.values()):.0%})" for kind, count in said.items()))


def is_right(row: Row, verdict: KindVerdict) -> bool:
    """Say whether the kind, and the organisation where one is named, are right.

    Which kind of organisation doesn't matter then: the labels call most authorities and some schools businesses.
    """
    if verdict.kind.value != row.kind and not (verdict.kind in ORGANISED and row.kind in ORGANISED):
        return False
    return verdict.organisation is None or not row.owner or same_name(verdict.organisation, row.owner)


def tell_confidence(judged: Sequence[tuple[Row, KindVerdict]], write: bool) -> None:
    """Print how well stated confidence holds before and after the table, which is fitted on the other folds."""
    answers = [
        Judged(verdict.confidence, is_right(row, verdict), row.fold, confidence.decisive_code(verdict.why))
        for row, verdict in judged
        if verdict.kind is not NetworkKind.UNKNOWN
    ]
    print(f"\nconfidence as stated: {calibration_error(answers)}")
    held: list[Judged] = []
    for fold in range(FOLDS):
        with confidence.replaced(fit_table([answer for answer in answers if answer.fold != fold])):
            held += [
                replace(
                    answer, confidence=confidence.calibrated(answer.confidence, (Reason(text="", code=answer.code),))
                )
                for answer in answers
                if answer.fold == fold
            ]
    print(f"confidence by the table (of the other folds): {calibration_error(held)}")
    if write:
        write_table(fit_table(answers))


def main(arguments: list[str]) -> None:
    """Report all sets."""
    all_systems, all_ranges = systems(DATA), ranges(DATA)
    fits: dict[int, dict[str, model.KindModel]] = {}

    def fit(fold: int) -> dict[str, model.KindModel]:
        if fold not in fits:
            fits[fold] = {
                "system": fitted("system", system_examples(row for row in all_systems if row.fold != fold)),
                "range": fitted("range", range_examples(row for row in all_ranges if row.fold != fold)),
            }
        return fits[fold]

    numbered = with_models(system_rows(all_systems, number=True), fit)
    report("AS kind (number, name, domain, country)", numbered)
    named = with_models(system_rows(all_systems, number=False), fit)
    report("AS kind (name, domain, country)", named)
    report("AS kind (and with size)", with_models(system_rows(all_systems, number=True, sized=True), fit))
    spans = with_models(range_rows(all_ranges), fit)
    report("range kind (registered name, domain, AS)", spans)
    hosts()
    privacy()
    with confidence.replaced({}):
        judged = [
            *with_models(system_rows(all_systems, number=True), fit),
            *with_models(system_rows(all_systems, number=True, sized=True), fit),
            *with_models(range_rows(all_ranges), fit),
        ]
    tell_confidence(judged, "--fit-confidence" in arguments)
    began = time.perf_counter()
    rows = range_rows(all_ranges)
    for row in rows:
        classify(row.facts)
    print(f"{len(rows) / (time.perf_counter() - began):,.0f} ranges a second")


if __name__ == "__main__":
    main(sys.argv[1:])
