"""Measures false alarms about dormant accounts against wake-ups missed, through the real scoring and decision.

    python -m bench.noise            both figures over eight seeds, with intervals, and the curve over the threshold
    python -m bench.noise --fit      what the training log says of visitors of no organisation (needs ../shared/data)

A false alarm is an alert about an account that only noise came to (bench/noise_model.py says what that is). Each visit
is judged after each of its pages, as the line does, with the account's earlier visits, and told or not by
`alerts.decide.decide` with its cool-down.
"""

from __future__ import annotations

import argparse
import collections
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sqrt
from pathlib import Path
from random import Random

from alerts.decide import Context, decide
from bench.noise_model import Planned, noise, wake_up
from core.alerting import Alert, Briefing, PurchaseFacts
from core.domain import Account, AccountId, Activity, Company, Identification, NetworkKind, Visit
from enrichment.dormancy.rules import load_rules
from enrichment.enrich import Lookups, Recognised, Rules, assess
from enrichment.intent.history import PastVisit
from enrichment.intent.rules import ScoringRules, load_scoring, read_scoring
from enrichment.intent.scoring import past_of

SEEDS = tuple(range(301, 309))
"""Rules were tuned on other seeds; these judge."""
THRESHOLDS = (30, 35, 40, 45, 50, 55, 60, 65, 70, 80, 90, 100)
MONTH, WARM_UP = 30, 60
"""Days that are measured, and days of noise before them."""
START = datetime(2026, 6, 1, 8, tzinfo=UTC)
_SURE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one seed, or several together, led to."""

    months: int
    false: int
    planted: int
    told: int
    by_rule: collections.Counter[str]

    @property
    def per_100(self) -> float:
        """False alarms in 100 account-months."""
        return 100 * self.false / self.months

    @property
    def share(self) -> float:
        """Of the wake-ups, those that were told."""
        return self.told / self.planted


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An account and the visits that it gets."""

    silent_days: int
    visits: tuple[Planned, ...]
    woken: bool


def stories(seed: int, months: int, planted: int) -> list[Story]:
    """Draw accounts with a month of noise alone, and accounts that wake up in the middle of noise."""
    dice = Random(seed)
    found = []
    for number in range(months + planted):
        woken = number >= months
        visits = noise(dice, START, WARM_UP + (0 if woken else MONTH))
        if woken:
            begins = START + timedelta(days=WARM_UP, hours=dice.uniform(0, 12))
            visits = [visit for visit in visits if visit.at < begins] + wake_up(dice, begins)
        visits.sort(key=lambda visit: visit.at)
        found.append(Story(silent_days=dice.randrange(400, 1_000), visits=tuple(visits), woken=woken))
    return found


def alerts_of(story: Story, rules: Rules, measured_from: datetime) -> list[Alert]:
    """Return what is told of an account from a moment on; what was told before still cools down."""
    account = Account(id=AccountId("A-1"), name="Example Works", owner_email="anna@example.com")
    bought = [
        Activity(
            account=account.id,
            kind="purchase",
            at=START - timedelta(days=story.silent_days + 90 * number),
            amount=Decimal(1000),
            currency="EUR",
        )
        for number in range(4)
    ]
    past: dict[str, PastVisit] = {}
    told: list[Alert] = []
    for planned in story.visits:
        for visit in planned.prefixes():
            others = [one for key, one in past.items() if key != visit.id]
            signal = assess(_recognised(visit, account), _lookups(bought, others), rules, visit.last_at)
            past[visit.id] = past_of(visit, rules.scoring)
            if any(alert.visit == visit.id for alert in told):
                continue
            context = Context(last_alert_at=told[-1].at if told else None)
            said = decide(signal, Briefing(purchases=PurchaseFacts()), context, visit.last_at)
            if isinstance(said, Alert):
                told.append(said)
    return [alert for alert in told if alert.at >= measured_from]


def measure(seed: int, months: int, planted: int, scoring: ScoringRules) -> Found:
    """Judge one seed's stories by these rules."""
    return judged(stories(seed, months, planted), scoring)


def judged(drawn: Sequence[Story], scoring: ScoringRules) -> Found:
    """Judge stories by these rules."""
    rules = Rules(dormancy=load_rules(None), scoring=scoring)
    since = START + timedelta(days=WARM_UP)
    false, told = 0, 0
    by_rule: collections.Counter[str] = collections.Counter()
    for story in drawn:
        alerts = alerts_of(story, rules, since)
        if story.woken:
            told += bool(alerts)
            by_rule.update([f"wake-up by {alerts[0].rule}"] if alerts else [])
        else:
            false += len(alerts)
            by_rule.update(f"false by {alert.rule}" for alert in alerts)
    woken = sum(story.woken for story in drawn)
    return Found(months=len(drawn) - woken, false=false, planted=woken, told=told, by_rule=by_rule)


def pooled(found: Sequence[Found]) -> Found:
    """Several seeds together."""
    return Found(
        months=sum(one.months for one in found),
        false=sum(one.false for one in found),
        planted=sum(one.planted for one in found),
        told=sum(one.told for one in found),
        by_rule=sum((one.by_rule for one in found), collections.Counter[str]()),
    )


def interval(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    share, spread = hits / of, z * sqrt(hits / of * (1 - hits / of) / of + z * z / (4 * of * of))
    centre, scale = share + z * z / (2 * of), 1 + z * z / of
    return (centre - spread) / scale, (centre + spread) / scale


def _recognised(visit: Visit, account: Account) -> Recognised:
    company = Company(name=account.name, domain=None, accounts=(account.id,), confidence=_SURE, why=())
    return Recognised(visit=visit, account=account, confidence=_SURE, seen=Identification(company=company))


def _lookups(bought: Sequence[Activity], others: Sequence[PastVisit]) -> Lookups:
    def unasked(_ip: str) -> object:
        raise AssertionError("nothing is looked up here")

    return Lookups(
        network=unasked,  # type: ignore[arg-type]
        match=lambda _company, _by_clue: None,
        rejected=lambda _ip: frozenset(),
        activities=lambda _account: bought,
        history=lambda _account: None,
        past=lambda _account: others,
    )


def _fit() -> int:
    """Print what the log says of the visitors of no organisation."""
    from sqlalchemy import select

    from app import wiring
    from app.setup import initialise
    from bench.real_log import DATA, _import_all, network_database
    from core.database import reading
    from core.settings import read_settings
    from enrichment.tables import judgements
    from tracker.tables import page_views, visits

    mmdb = network_database(DATA, Path(tempfile.gettempdir()))
    of_organisations = {kind.value for kind in (NetworkKind.BUSINESS, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)}
    with tempfile.TemporaryDirectory() as home:
        settings, _ = initialise(read_settings({"DORMOUSE_HOME": home, "MMDB_PATHS": str(mmdb)}), lambda _line: None)
        engine = wiring.engine(settings)
        _import_all(DATA, settings, engine)
        with reading(engine) as connection:
            query = select(
                visits.c.id, visits.c.ip, visits.c.started_at, judgements.c.kind, judgements.c.drop
            ).join_from(visits, judgements, judgements.c.visit == visits.c.id)
            rows = [
                row
                for row in connection.execute(query)
                if not str(row.drop or "").startswith("bot") and row.kind not in of_organisations
            ]
            seen: dict[str, set[str]] = {}
            for view in connection.execute(select(page_views.c.visit, page_views.c.path)):
                seen.setdefault(view.visit, set()).add(view.path)
        engine.dispose()
    count = collections.Counter
    of_visitor = count(row.ip for row in rows)
    days: dict[str, set[object]] = {}
    for row in rows:
        days.setdefault(row.ip, set()).add(row.started_at.date())
    several = [ip for ip, number in of_visitor.items() if number > 1]
    rules = load_scoring()
    print(f"visits of a visitor  {dict(sorted(count(of_visitor.values()).items()))}")
    print(f"all on one day       {sum(len(days[ip]) == 1 for ip in several)} of {len(several)} with several")
    print(f"pages of a visit     {dict(sorted(count(len(seen.get(row.id, ())) for row in rows).items()))}")
    classes = count(rules.page_class(path).rule.name for row in rows for path in seen.get(row.id, ()))
    print(f"classes of pages     {dict(classes.most_common())}")
    return 0


def main() -> int:
    """Print the figures; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--months", type=int, default=2_500, help="account-months of noise for each seed")
    parser.add_argument("--planted", type=int, default=500, help="wake-ups for each seed")
    parser.add_argument("--curve", type=int, default=1_500, help="account-months for the curve over the threshold")
    given = parser.parse_args()
    if given.fit:
        return _fit()
    found = [measure(seed, given.months, given.planted, load_scoring()) for seed in SEEDS]
    for seed, one in zip(SEEDS, found, strict=True):
        print(f"seed {seed}: {one.per_100:.2f} false alarms in 100 account-months, {one.share:.1%} of wake-ups told")
    whole = pooled(found)
    low, high = interval(whole.false, whole.months)
    print(f"all: {whole.per_100:.2f} [{100 * low:.2f}, {100 * high:.2f}] in 100 account-months (n = {whole.months:,})")
    low, high = interval(whole.told, whole.planted)
    print(f"     {whole.share:.1%} [{low:.1%}, {high:.1%}] of wake-ups told (n = {whole.planted:,})")
    for rule, number in whole.by_rule.most_common():
        print(f"     {number:>6,} {rule}")
    curve = stories(SEEDS[0], given.curve, given.curve // 4)
    for threshold in THRESHOLDS if curve else ():
        one = judged(curve, read_scoring(f"threshold = {threshold}"))
        print(f"threshold {threshold:>3}: {one.per_100:.2f} false alarms, {one.share:.1%} told")
    return 0 if whole.per_100 <= 1 and whole.share >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
