"""Makes enrichment/network/lists/asn_sources.txt.gz; run: python -m bench.make_asn_sources asn_org.csv[.gz].

From vincentbernat/asn2org (CC0 1.0), which says of each AS number where its name was found, only that is taken: being
listed in PeeringDB tells carriers and hosters, who meet others there, from companies. No names are taken.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "enrichment" / "network" / "lists" / "asn_sources.txt.gz"


def main(arguments: list[str]) -> None:
    """Write one line for each source: its name, then the distances between its AS numbers."""
    opened = gzip.open if arguments[0].endswith(".gz") else open
    numbers: dict[str, list[int]] = {}
    with opened(arguments[0], "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            numbers.setdefault(row["source"], []).append(int(row["asn"]))
    lines = []
    for source, found in sorted(numbers.items()):
        found.sort()
        lines.append(f"{source} {' '.join(str(b - a) for a, b in zip([0, *found], found, strict=False))}\n")
    OUT.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))
    print(f"{OUT.name}: {sum(map(len, numbers.values())):,} AS numbers, {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
