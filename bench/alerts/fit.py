"""Fits the weights of the confidence on half 0 of the labelled ranges: python -m bench.alerts.fit [--out FILE].

Needs scikit-learn (a laboratory's, not the product's). Visits are judged by the same functions as in the line, without
its database, so that many worlds can be made in a minute: the registry's record, the AS, the name, the customer list.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address, summarize_address_range
from pathlib import Path

from bench.alerts.kinds import not_fitted_on
from bench.alerts.owners import DATA, Owner, owners
from bench.alerts.run import background
from bench.alerts.score import Outcome, expected_calibration_error, precision, recall, with_interval
from bench.alerts.world import World, make_world
from bench.kind_rows import sizes
from core import clock
from core.domain import Account, AccountId, Company, DropReason, Evidence, Network
from enrichment import confidence
from enrichment.account.match import AccountIndex
from enrichment.enrich import company_behind
from enrichment.network.resolvers.mmdb import MmdbResolver
from enrichment.network.verdict import judge

WEIGHTS = Path(confidence.__file__).with_name("confidence_weights.json")
REAL_TIMES = 2
"""How often a real name or address counts, beside one visit of each range in each world."""
CAP = "names"
"""Beside the features: how sure the match of the names is, which no visit is surer than."""
STRENGTH = 2
"""How freely the weights may grow: scikit-learn's C. Small, since wrong names are few."""


def evidence(owner: Owner, is_registered: bool, known: Mapping[int, tuple[int, int]]) -> Iterator[Evidence]:
    """Return what registry and network database say of an address of this range."""
    first, last = ip_address(owner.first), ip_address(owner.last)
    prefix = str(next(iter(summarize_address_range(first, last))))  # type: ignore[type-var]
    if is_registered:
        yield Evidence(
            source="rdap:ripencc",
            prefix=prefix,
            organisation=owner.registered,
            status="ASSIGNED PA",
            country=owner.country or None,
        )
    addresses, prefixes = known.get(owner.asn or 0, (0, 0))
    yield Evidence(
        source="mmdb:bench",
        prefix=prefix,
        asn=owner.asn,
        as_name=owner.as_name or None,
        as_domain=owner.as_domain or None,
        as_addresses=addresses or None,
        as_prefixes=prefixes or None,
    )


def judged(world: World, known: Mapping[int, tuple[int, int]]) -> Iterator[tuple[Outcome, Mapping[str, float]]]:
    """Return each visit that was given to an account, or was by one, with what spoke for and against."""
    index = AccountIndex(
        [
            Account(
                id=AccountId(each.id),
                name=each.name,
                domains=(each.domain,) if each.domain else (),
                country=each.country,
            )
            for each in world.customers
        ]
    )

    registered = {owner.registered for owner in world.registered}
    for visit in world.visits:
        network = judge(visit.ip, tuple(evidence(visit.owner, visit.owner.registered in registered, known)))
        outcome, features = _recognised(visit.owner.registered, visit.account, index, network)
        yield replace(outcome, group=visit.group), features


def _recognised(owner: str, truth: str, index: AccountIndex, network: Network) -> tuple[Outcome, Mapping[str, float]]:
    """Return whom a visit from this network is given to, by the line's own judgement."""
    company = company_behind(network, (), frozenset(), lambda asked, clue: index.match(asked, by_clue=clue))
    if isinstance(company, DropReason):
        return Outcome(owner=owner, truth=truth, named="", confidence=0.0, group="real"), {}
    return _named(owner, truth, company, index, network)


def of_real_names(half: int) -> list[tuple[Outcome, Mapping[str, float]]]:
    """Return real network owners held against the listed companies: what a name alone is worth."""
    index = AccountIndex(
        [Account(id=AccountId(each.id[2:]), name=each.name, country=each.country) for each in background()]
    )
    found = []
    with (DATA / "names" / "owner_to_account_train.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(hashlib.md5(row["network_owner"].encode()).hexdigest(), 16) % 2 == half:  # as in bench/names.py
                company = Company(name=row["network_owner"], domain=None, accounts=(), confidence=0.7, why=())
                truth = row["expected_account_id"].replace("NONE", "")
                found.append(_named(row["network_owner"], truth, company, index, None))
    return found


def of_real_log() -> list[tuple[Outcome, Mapping[str, float]]]:
    """Return the addresses of the real log, known by the AS alone; all were looked at while the rules were made."""
    from bench.real_log import network_database

    index = AccountIndex(_accounts_of_the_log())
    networks = MmdbResolver([network_database(DATA, Path(tempfile.gettempdir()))])
    with (DATA / "crm" / "visitors_of_accounts_train.csv").open(encoding="utf-8") as file:
        truth = {row["ip"]: row["account_id"] for row in csv.DictReader(file)}
    with (DATA / "web_logs" / "semicomplete_train.log").open(encoding="utf-8", errors="replace") as file:
        addresses = sorted({line.partition(" ")[0] for line in file})
    found = []
    for address in addresses:
        network = judge(address, networks.evidence(address))
        found.append(_recognised(address, truth.get(address, ""), index, network))
    return found


def _accounts_of_the_log() -> list[Account]:
    with (DATA / "crm" / "accounts.csv").open(encoding="utf-8") as file:
        return [
            Account(
                id=AccountId(row["account_id"]),
                name=row["name"],
                domains=(row["domain"],) if row["domain"] else (),
                country=row["country"],
                industry=row["industry"],
            )
            for row in csv.DictReader(file)
        ]


def _named(
    owner: str, truth: str, company: Company, index: AccountIndex, network: Network | None
) -> tuple[Outcome, Mapping[str, float]]:
    found = index.match(company)
    if found is None or found.account is None:
        return Outcome(owner=owner, truth=truth, named="", confidence=0.0, group="real"), {}
    features = {**confidence.features(company, found, network), CAP: found.confidence}
    said = confidence.sureness(company, found, network, by_clue=False)
    return Outcome(owner=owner, truth=truth, named=found.account.id, confidence=said, group="real"), features


def fit(rows: Sequence[tuple[Outcome, Mapping[str, float]]]) -> dict[str, float]:
    """Return the weights that fit what was named rightly and wrongly."""
    try:
        import numpy as np
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise SystemExit("fitting needs numpy and scikit-learn: install them beside Dormouse") from None
    names = sorted({name for _, features in rows for name in features} - {"bias", CAP})
    table = np.array([[features.get(name, 0.0) for name in names] for _, features in rows])
    right = np.array([outcome.right for outcome, _ in rows])
    model = LogisticRegression(C=STRENGTH, max_iter=2_000).fit(table, right)
    weights = {name: round(float(value), 3) for name, value in zip(names, model.coef_[0], strict=True)}
    return {"bias": round(float(model.intercept_[0]), 3), **weights}


def worlds(half: int, seeds: range) -> list[tuple[Outcome, Mapping[str, float]]]:
    rows, around, known = [row for row in owners() if row.half == half], background(), sizes(DATA)
    with not_fitted_on(half):
        return [row for seed in seeds for row in judged(make_world(rows, around, seed), known)]


def main() -> int:
    """Fit on half 0, print the weights and the figures on both halves, and write the weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--errors", action="store_true")
    given = parser.parse_args()
    rows = worlds(0, range(1, 1 + given.seeds))
    real = (of_real_names(0) + of_real_log()) * REAL_TIMES
    weights = fit([row for row in rows + real if row[0].named])
    if not given.dry_run:
        stored = {
            "made_by": "python -m bench.alerts.fit, half 0 of the labelled ranges (IP data by IPinfo, CC BY 4.0)",
            "made_on": clock.now().date().isoformat(),
            "weights": weights,
        }
        WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    for name, value in weights.items():
        print(f"  {name:22} {value:+.3f}")
    for what, part in (("real names, half 1", of_real_names(1)), ("real log", of_real_log())):
        named = [
            row
            for row, features in part
            if row.named and min(features[CAP], confidence.probability(features, weights)) >= 0.5
        ]
        sure = [
            row
            for row, features in part
            if row.named and min(features[CAP], confidence.probability(features, weights)) >= 0.8
        ]
        print(
            f"{what}: {sum(bool(row.truth) for row, _ in part)} accounts; at 0.5 {len(named)} named, "
            f"{sum(row.right for row in named)} right; at 0.8 {len(sure)} named, {sum(row.right for row in sure)} right"
        )
    for half, seeds in ((0, range(1, 1 + given.seeds)), (1, range(101, 101 + given.seeds))):
        again = rows if half == 0 else worlds(1, seeds)
        scored = [
            Outcome(
                owner=outcome.owner,
                truth=outcome.truth,
                named=outcome.named,
                confidence=min(features[CAP], confidence.probability(features, weights)) if outcome.named else 0.0,
                group=outcome.group,
            )
            for outcome, features in again
        ]
        print(f"half {half}, {len(scored)} visits")
        for point in (0.5, 0.6, 0.7, 0.8, 0.9):
            print(
                f"  at {point}: precision {with_interval(scored, lambda part, p=point: precision(part, p), 200)}"
                f"  recall {with_interval(scored, lambda part, p=point: recall(part, p), 200)}"
            )
        print(f"  calibration error {with_interval(scored, lambda part: expected_calibration_error(part, 5), 200)}")
        if given.errors and half == 0:
            for (_, features), row in zip(again, scored, strict=True):
                if row.named and not row.right and row.confidence > 0.5:
                    print(f"    {row.confidence:.2f} {row.owner} → {row.named} ({row.truth}) {dict(features)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
