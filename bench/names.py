"""Measures name matching on the shared pairs, by category, beside rapidfuzz token_sort in the same run."""

from __future__ import annotations

import csv
import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, utils

from enrichment.account.names import compare

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "names"
CROSS_SCRIPT = frozenset({"ja_en", "ja_kana", "ja_en_near", "ja_renamed"})
"""Categories that the figure "without cross-script" leaves out: no spelling rule can decide them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One labelled pair of names."""

    a: str
    b: str
    same: bool
    category: str
    held_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Hits and misses of a matcher."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def precision(self) -> float:
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 1.0

    @property
    def recall(self) -> float:
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0


def held_out(key: str) -> bool:
    """Return whether `key` is in the half that is never looked at while tuning (odd MD5)."""
    return int(hashlib.md5(key.encode()).hexdigest(), 16) % 2 == 1


def pairs() -> list[Pair]:
    """Read the labelled pairs; `related` counts as different."""
    with (DATA / "company_pairs_train.csv").open(encoding="utf-8") as file:
        return [
            Pair(
                a=row["name_a"],
                b=row["name_b"],
                same=row["label"] == "same",
                category=row["category"],
                held_out=held_out(row["id"]),
            )
            for row in csv.DictReader(file)
        ]


def judge(rows: Iterable[Pair], says_same: Callable[[str, str], bool]) -> Score:
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for row in rows:
        counts[says_same(row.a, row.b), row.same] += 1
    return Score(tp=counts[True, True], fp=counts[True, False], fn=counts[False, True], tn=counts[False, False])


def ours(a: str, b: str) -> bool:
    return compare(a, b).same


def token_sort(a: str, b: str) -> bool:
    return fuzz.token_sort_ratio(a, b, processor=utils.default_process) >= 85


def line(title: str, rows: Sequence[Pair]) -> None:
    mine, peer = judge(rows, ours), judge(rows, token_sort)
    print(
        f"{title:44} n={len(rows):5}  ours F1 {mine.f1:.3f} P {mine.precision:.3f} R {mine.recall:.3f}"
        f" (fp {mine.fp:3} fn {mine.fn:3})   token_sort F1 {peer.f1:.3f} P {peer.precision:.3f} R {peer.recall:.3f}"
    )


def report_pairs() -> None:
    """Print the figures of the pairs: both halves, then each category."""
    rows = pairs()
    for half, name in ((False, "tuned on"), (True, "held out")):
        part = [row for row in rows if row.held_out is half]
        plain = [row for row in part if row.category not in CROSS_SCRIPT]
        line(f"{name}: without cross-script", plain)
        line(f"{name}: and without homonyms", [row for row in plain if row.category != "homonym"])
        line(f"{name}: all", part)
        for category in sorted({row.category for row in part}):
            line(f"   {category}", [row for row in part if row.category == category])


def report_speed() -> None:
    """Print comparisons per second, first with cold caches."""
    rows = pairs()
    start = time.perf_counter()
    for row in rows:
        compare(row.a, row.b)
    cold = len(rows) / (time.perf_counter() - start)
    print(f"compare, each name for the first time: {cold:,.0f}/s")


def wrong(half: bool) -> None:
    """Print the pairs of a half that come out wrong."""
    for row in pairs():
        if row.held_out is half and row.category not in CROSS_SCRIPT:
            verdict = compare(row.a, row.b)
            if verdict.same != row.same:
                print(row.category[:12], "same" if row.same else "diff", row.a, "|", row.b, "|", verdict.why[0].text)


if __name__ == "__main__":
    if sys.argv[1:] == ["wrong"]:
        wrong(half=False)
    else:
        report_speed()
        report_pairs()
