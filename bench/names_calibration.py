"""Measures how often a match by each route is right, and how far the stated confidence is from that.

Cross-validated: a route's share is counted on four fifths of the labelled pairs and network owners, shrunk towards
caution, and held against the other fifth.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from core.domain import Account, AccountId
from enrichment.account.match import AccountIndex
from enrichment.account.normal_form import normal_form
from enrichment.account.weigh import CONFIDENCE, Name, Question, Route, weigh

FOLDS = 5
PRIOR = (9.0, 10.0)
"""Matches that are taken as seen before the first one: nine of ten right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One match that was made: by which route, how sure, and whether it was right."""

    key: str
    route: str
    stated: float
    right: bool


def _of_pairs(data: Path, skip: frozenset[str]) -> list[Match]:
    found = []
    with (data / "company_pairs_train.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["category"] in skip:
                continue
            asked = Question(text=row["name_b"], form=normal_form(row["name_b"]))
            account = Account(id=AccountId("x"), name=row["name_a"])
            if not asked.form.key:
                continue
            seen = weigh(asked, Name(text=account.name, form=normal_form(account.name), account=account))
            if seen and not seen.open:
                found.append(
                    Match(key=row["id"], route=seen.route.value, stated=seen.confidence, right=row["label"] == "same")
                )
    return found


def _of_owners(data: Path, index: AccountIndex) -> list[Match]:
    found = []
    with (data / "owner_to_account_train.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            match = index.owner(row["network_owner"])
            if match and match.account:
                route = match.why[0].code.removeprefix("match:")
                right = match.account.id == row["expected_account_id"]
                found.append(Match(key=row["network_owner"], route=route, stated=match.confidence, right=right))
    return found


def _fold(key: str) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % FOLDS


def _share(matches: Sequence[Match]) -> float:
    return (sum(match.right for match in matches) + PRIOR[0]) / (len(matches) + PRIOR[1])


def _error(rows: Sequence[tuple[float, bool]], band: int = 100) -> float:
    """Return the expected calibration error over bands of at least `band` rows, by stated confidence."""
    ordered = sorted(rows)
    count = max(1, len(ordered) // band)
    edges = [len(ordered) * n // count for n in range(count + 1)]
    total = 0.0
    for start, end in pairwise(edges):
        part = ordered[start:end]
        total += abs(sum(stated for stated, _ in part) - sum(right for _, right in part))
    return total / len(ordered)


def _interval(rows: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    dice = random.Random(1)
    errors = sorted(_error(dice.choices(rows, k=len(rows))) for _ in range(300))
    return errors[7], errors[-8]


def report_calibration(data: Path, index: AccountIndex, skip: frozenset[str]) -> None:
    """Print each route's share beside the constant that is stated, and the calibration error with its interval."""
    matches = _of_pairs(data, skip) + _of_owners(data, index)
    by_route: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        by_route[match.route].append(match)
    print("route                 n   right   shrunk   stated")
    for route, part in sorted(by_route.items()):
        share = sum(match.right for match in part) / len(part)
        print(f"{route:16} {len(part):6}   {share:.3f}    {_share(part):.3f}    {CONFIDENCE[Route(route)]:.2f}")
    held: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        for part in by_route.values():
            known = _share([match for match in part if _fold(match.key) != fold])
            held += [(known, match.right) for match in part if _fold(match.key) == fold]
    for title, rows in (
        ("shares by cross-validation", held),
        ("constants as stated", [(match.stated, match.right) for match in matches]),
    ):
        low, high = _interval(rows)
        print(f"calibration error, {title}: {_error(rows):.3f} ({low:.3f} to {high:.3f}), n={len(rows)}")
