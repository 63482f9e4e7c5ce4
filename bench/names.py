"""Measures name matching on the shared pairs and network owners, beside rapidfuzz token_sort in the same run.

python -m bench.names                       the figures
python -m bench.names wrong                 pairs of the half used for tuning that come out wrong
python -m bench.names words ASN_ORG.csv.gz  counts enrichment/network/lists/name_words.tsv anew
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from core.domain import Account, AccountId
from enrichment.account.match import AccountIndex
from enrichment.account.names import compare
from enrichment.account.normal_form import normal_form
from enrichment.account.words import ADMIN, PLACES, SOFT

LISTS = Path(__file__).resolve().parents[1] / "enrichment" / "network" / "lists"
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
    show(title, len(rows), judge(rows, ours), judge(rows, token_sort))


def show(title: str, rows: int, mine: Score, peer: Score) -> None:
    print(
        f"{title:40} n={rows:5}  ours F1 {mine.f1:.3f} P {mine.precision:.3f} R {mine.recall:.3f}"
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


def report_owners() -> None:
    """Print how many network owners are given to their account among all of the list, on both halves."""
    with (DATA / "crm_accounts.csv").open(encoding="utf-8") as file:
        accounts = [Account(id=AccountId(row["account_id"]), name=row["name"]) for row in csv.DictReader(file)]
    start = time.perf_counter()
    index = AccountIndex(accounts)
    print(f"index of {len(accounts):,} accounts: {time.perf_counter() - start:.2f} s")
    with (DATA / "owner_to_account_train.csv").open(encoding="utf-8") as file:
        rows = [(row["network_owner"], row["expected_account_id"]) for row in csv.DictReader(file)]
    names = [account.name for account in accounts]
    for half, title in ((False, "tuned on"), (True, "held out")):
        part = [row for row in rows if held_out(row[0]) is half]
        start = time.perf_counter()
        found = [index.owner(owner) for owner, _ in part]
        speed = len(part) / (time.perf_counter() - start)
        mine = count([(match.account.id if match and match.account else "NONE") for match in found], part)
        best = [
            process.extractOne(owner, names, scorer=fuzz.token_sort_ratio, processor=utils.default_process)
            for owner, _ in part
        ]
        peer = count([accounts[hit[2]].id if hit and hit[1] >= 85 else "NONE" for hit in best], part)
        show(f"{title}: network owner to account", len(part), mine, peer)
        print(f"   {speed:,.0f} look-ups/s")


def count(found: Sequence[str], rows: Sequence[tuple[str, str]]) -> Score:
    """Count answers that are an account: right, wrong, missed."""
    pairs = list(zip(found, (expected for _, expected in rows), strict=True))
    return Score(
        tp=sum(answer == expected != "NONE" for answer, expected in pairs),
        fp=sum(answer not in ("NONE", expected) for answer, expected in pairs),
        fn=sum(answer != expected != "NONE" for answer, expected in pairs),
        tn=sum(answer == expected == "NONE" for answer, expected in pairs),
    )


def count_words(path: Path) -> None:
    """Write name_words.tsv: in how many names of different organisations each word occurs.

    Names that differ only by legal form, place or unit are one organisation: a firm with forty networks counts once.
    """
    cores: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            form = normal_form(row["name"])
            if form.cjk:
                continue
            core = tuple(word for word in form.words if word not in SOFT | ADMIN | PLACES and not word.isdigit())
            for word in set(form.words):
                cores[word].add(core or form.words[:1])
    lines = [
        f"{word}\t{len(names)}\n"
        for word, names in sorted(cores.items())
        if len(names) >= 4 and len(word) > 1 and not word.isdigit()
    ]
    LISTS.joinpath("name_words.tsv").write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} words")


if __name__ == "__main__":
    if sys.argv[1:] == ["wrong"]:
        wrong(half=False)
    elif sys.argv[1:2] == ["words"]:
        count_words(Path(sys.argv[2]))
    else:
        report_speed()
        report_pairs()
        report_owners()
