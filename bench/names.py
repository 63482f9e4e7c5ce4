"""Measures names → account on the shared pairs, network owners and domains, beside rapidfuzz in the same run.

python -m bench.names                       the figures
python -m bench.names million               the figures, and speed and memory with a million accounts
python -m bench.names wrong                 pairs of the half used for tuning that come out wrong
python -m bench.names words ASN_ORG.csv.gz  counts enrichment/network/lists/name_words.tsv anew
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from bench.names_calibration import report_calibration
from core.domain import Account, AccountId, AccountMatch
from enrichment.account.match import AccountIndex
from enrichment.account.names import compare
from enrichment.account.normal_form import normal_form
from enrichment.account.words import ADMIN, PLACES, SOFT
from enrichment.network.name_domain import judge_domain

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

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of F1 by drawing the rows again."""
        rows = ["tp"] * self.tp + ["fp"] * self.fp + ["fn"] * self.fn
        if not rows:
            return 0.0, 1.0
        dice = random.Random(1)
        drawn = (Counter(dice.choices(rows, k=len(rows))) for _ in range(300))
        found = sorted(2 * one["tp"] / (2 * one["tp"] + one["fp"] + one["fn"]) for one in drawn)
        return found[7], found[-8]


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


def show(title: str, rows: int, mine: Score, peer: Score, called: str = "token_sort") -> None:
    low, high = mine.interval()
    print(
        f"{title:40} n={rows:5}  ours F1 {mine.f1:.3f} ({low:.3f} to {high:.3f})"
        f" P {mine.precision:.3f} R {mine.recall:.3f} (fp {mine.fp:3} fn {mine.fn:3})"
        f"   {called} F1 {peer.f1:.3f} P {peer.precision:.3f} R {peer.recall:.3f}"
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


def report_owners() -> AccountIndex:
    """Print how many network owners are given to their account among all of the list, on both halves."""
    with (DATA / "crm_accounts.csv").open(encoding="utf-8") as file:
        accounts = [
            Account(id=AccountId(row["account_id"]), name=row["name"], country=row["country"], industry=row["industry"])
            for row in csv.DictReader(file)
        ]
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
    return index


def report_domains() -> None:
    """Print how well domains are told to go with registered names, on both halves (split by name)."""
    with (DATA / "whois_name_domain_train.csv").open(encoding="utf-8") as file:
        rows = [(row["registered_name"], row["domain"], row["label"] == "same") for row in csv.DictReader(file)]
    for half, title in ((False, "tuned on"), (True, "held out")):
        part = [row for row in rows if held_out(row[0]) is half]
        mine = _score((judge_domain(name, domain).fits, same) for name, domain, same in part)
        peer = _score((_contains(name, domain), same) for name, domain, same in part)
        show(f"{title}: name and domain", len(part), mine, peer, "label in name")


def _contains(name: str, domain: str) -> bool:
    return domain.partition(".")[0] in normal_form(name).key


def _score(answers: Iterable[tuple[bool, bool]]) -> Score:
    seen = Counter(answers)
    return Score(tp=seen[True, True], fp=seen[True, False], fn=seen[False, True], tn=seen[False, False])


def report_english(index: AccountIndex) -> None:
    """Print how many English names of Japanese accounts lead to them, without and with half of the names as aliases."""
    known = {account.name: account for account in index.accounts()}
    rows = [row for row in pairs() if row.category == "ja_en" and row.same and row.a in known]
    aliases = {row.a: row.b for row in rows if not held_out(row.b)}
    informed = AccountIndex(
        replace(account, aliases=(aliases[account.name],)) if account.name in aliases else account
        for account in index.accounts()
    )
    for title, asked in (("no aliases", index), ("aliases of one half", informed)):
        for half, of in ((False, "has aliases"), (True, "has none")):
            part = [row for row in rows if held_out(row.b) is half]
            found = sum(_is(asked.owner(row.b.upper()), row.a) for row in part)
            print(f"English name of a Japanese account, {title}, half that {of}: {found} of {len(part)}")


def _is(match: AccountMatch | None, name: str) -> bool:
    return bool(match and match.account and match.account.name == name)


def synthetic_accounts(number: int) -> list[Account]:
    """Return accounts with names drawn from the vendored words as often as they occur, with a fixed seed."""
    listed = [line.split("\t") for line in LISTS.joinpath("name_words.tsv").read_text(encoding="utf-8").splitlines()]
    words, ranges = [word for word, _ in listed], list(accumulate(int(count) for _, count in listed))
    dice = random.Random(7)
    forms = ("GmbH", "Inc", "Ltd", "SA", "", "AB", "LLC", "Co., Ltd.")

    def name() -> str:
        drawn = dice.choices(words, cum_weights=ranges, k=dice.choice((1, 2, 2, 3, 3)))
        return f"{' '.join(drawn).title()} {dice.choice(forms)}"

    return [Account(id=AccountId(str(key)), name=name(), country="US") for key in range(number)]


def report_look_ups(number: int) -> None:
    """Print how long one name takes against `number` accounts, beside rapidfuzz, with the index's time and memory."""
    accounts = synthetic_accounts(number)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    index = AccountIndex(accounts)
    built = time.perf_counter() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    dice = random.Random(8)
    asked = [dice.choice(accounts).name.upper() for _ in range(500)]
    asked += [account.name for account in synthetic_accounts(number + 1500)[number:]]
    mine = sorted(_timed(lambda name: index.owner(name, None, "US"), asked))
    names = [account.name for account in accounts]
    peer = sorted(_timed(lambda name: process.extractOne(name, names, scorer=fuzz.token_sort_ratio), asked[:10]))
    middle, peers = mine[len(mine) // 2], peer[len(peer) // 2]
    print(
        f"{number:,} accounts: index in {built:.1f} s, {memory:,} MB; one name p50 {middle * 1e3:.3f} ms, "
        f"p99 {mine[len(mine) * 99 // 100] * 1e3:.3f} ms (processor time); "
        f"rapidfuzz extractOne {peers * 1e3:.1f} ms: {peers / middle:,.0f} times as long"
    )


def _timed(ask: Callable[[str], object], names: Iterable[str]) -> Iterable[float]:
    for name in names:
        start = time.process_time()
        ask(name)
        yield time.process_time() - start


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
        index = report_owners()
        report_domains()
        report_english(index)
        report_calibration(DATA, index, frozenset({"ja_renamed"}))
        for number in (100_000, 1_000_000)[: 2 if sys.argv[1:] == ["million"] else 1]:
            report_look_ups(number)
