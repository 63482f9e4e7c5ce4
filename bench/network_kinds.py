"""Measures the judgement of network kinds; run: python bench/network_kinds.py [--tune] [--weights FOLDER].

Rows are split by a hash of the owner's name: one half is for tuning (`--tune`), the other, shown by default, isn't
looked at while tuning. The shipped weights were fitted on both: for an honest figure fit them on the tuning half first
(`python bench/fit_network_kinds.py --half FOLDER`) and give that FOLDER. Labels: ipinfo.io's public samples (CC BY 4.0,
IP data by IPinfo); a hand check found 84 % of the range labels right.
"""

from __future__ import annotations

import csv
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from enrichment.network import kinds
from enrichment.network.explain import explain_network
from enrichment.network.kinds import KindVerdict, NetworkFacts
from enrichment.network.model import unpacked

KINDS = ("business", "isp", "mobile", "hosting", "vpn", "content", "education", "government", "unknown")


@dataclass(frozen=True)
class Labelled:
    """One row: what is known, and which kind it is."""

    facts: NetworkFacts
    kind: str
    name: str


def half(name: str) -> int:
    """Return 0 (for tuning) or 1 (for reporting)."""
    return hashlib.sha1(name.strip().lower().encode()).digest()[0] & 1


def systems(data: Path) -> list[Labelled]:
    """AS number, name and domain → kind."""
    with (data / "network" / "asn_type_train.csv").open(encoding="utf-8", newline="") as file:
        return [
            Labelled(
                NetworkFacts(
                    asn=int(row["asn"]), as_name=row["name"], as_domain=row["domain"] or None, country=row["country"]
                ),
                row["network_type"],
                row["name"],
            )
            for row in csv.DictReader(file)
        ]


def ranges(data: Path) -> list[Labelled]:
    """Registered name, domain and AS of a range → kind."""
    with (data / "network" / "ip_range_owner_train.csv").open(encoding="utf-8", newline="") as file:
        return [
            Labelled(
                NetworkFacts(
                    range=f"{row['start_ip']}-{row['end_ip']}",
                    owner=row["registered_name"] or None,
                    domain=row["domain"] or None,
                    asn=int(row["asn"]) if row["asn"] else None,
                    as_name=row["as_name"] or None,
                    as_domain=row["as_domain"] or None,
                    country=row["country"],
                ),
                row["network_type"],
                row["registered_name"],
            )
            for row in csv.DictReader(file)
        ]


def report(title: str, rows: Iterable[Labelled], judge: Callable[[NetworkFacts], KindVerdict]) -> None:
    """Print a confusion matrix, accuracy, and precision and recall of `business`."""
    rows = list(rows)
    began = time.perf_counter()
    table = Counter((row.kind, judge(row.facts).kind.value) for row in rows)
    seconds = time.perf_counter() - began
    labels = [kind for kind in KINDS if any(pair[0] == kind for pair in table)]
    right = sum(table[kind, kind] for kind in labels)
    said, true = (sum(n for pair, n in table.items() if pair[i] == "business") for i in (1, 0))
    precision, recall = table["business", "business"] / max(said, 1), table["business", "business"] / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(
        f"\n{title}: n={len(rows)}, accuracy {right / len(rows):.3f}, business P {precision:.3f} R {recall:.3f} "
        f"F1 {f1:.3f}, {len(rows) / seconds:,.0f} a second"
    )
    print(f"{'label | judged':>15}", *(f"{kind[:9]:>9}" for kind in KINDS))
    for kind in labels:
        print(f"{kind:>15}", *(f"{table[kind, other]:>9}" for other in KINDS))


def main(arguments: list[str]) -> None:
    """Report both sets on one half."""
    which = 0 if "--tune" in arguments else 1
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    if "--weights" in arguments:
        folder = Path(arguments[arguments.index("--weights") + 1])
        models = {name: unpacked((folder / f"model_{name}.json.gz").read_bytes()) for name in ("system", "range")}
        kinds.kind_model = models.__getitem__  # type: ignore[assignment]
    for title, rows in (("AS kind", systems(data)), ("range kind", ranges(data))):
        report(title, [row for row in rows if half(row.name) == which], explain_network)


if __name__ == "__main__":
    main(sys.argv[1:])
