"""Feedback proposes weights only when weeks that weren't looked at agree."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from app.rulebook.learning import JudgedAlert, Learned, learn

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
CLASSES = {"pricing": 30.0, "product": 15.0, "spare-parts": 20.0, "docs": 12.0, "quote": 30.0}


def simulated(seed: int, number: int = 240, useless: str = "", share: float = 0.5) -> list[JudgedAlert]:
    """So many judged alerts over 24 weeks; with `useless`, those with that class's pages are seldom useful."""
    dice = random.Random(seed)
    alerts = []
    for at in range(number):
        seen = [name for name in CLASSES if dice.random() < 0.45] or ["pricing"]
        chance = share
        if useless:
            chance = 0.1 if useless in seen else 0.8
        alerts.append(
            JudgedAlert(
                at=START + at * timedelta(weeks=24) / number,
                account=f"C-{dice.randrange(number)}",
                useful=dice.random() < chance,
                by_class={name: CLASSES[name] * dice.choice((0.7, 1.0)) for name in seen},
                other=dice.choice((20.0, 30.0, 40.0)),
            )
        )
    return alerts


def test_a_useless_page_class_gets_its_weight_lowered() -> None:
    """In at least 9 of 10 seeds the held-out weeks agree; and it is this class that is lowered."""
    found = [learn(simulated(seed, number=400, useless="spare-parts")) for seed in range(10)]
    better = [one for one in found if isinstance(one, Learned) and one.is_better]
    assert len(better) >= 9
    assert all(one.factors["spare-parts"] < 1 for one in better)
    assert all(one.after > one.before for one in better)


def test_random_feedback_proposes_nothing() -> None:
    """In at least 95 of 100 seeds."""
    found = [learn(simulated(1000 + seed, number=160)) for seed in range(100)]
    proposed = [one for one in found if isinstance(one, Learned) and one.is_better]
    assert len(proposed) <= 5


def test_little_feedback_says_so() -> None:
    """Nothing is concluded of thirty alerts, nor of feedback that always says the same."""
    assert str(learn(simulated(1, number=30))).startswith("Too little feedback")
    assert str(learn([])).startswith("Too little feedback")
    assert str(learn(simulated(1, share=1.0))).startswith("All feedback says the same")


def test_no_week_is_on_both_sides_and_an_account_counts_once_a_week() -> None:
    """What was trained on is older than what is held out, by whole weeks."""
    alerts = simulated(3)
    found = learn([*alerts, *alerts])
    assert isinstance(found, Learned)
    assert found == learn(alerts)
    assert found.since.isocalendar()[:2] not in {one.at.isocalendar()[:2] for one in alerts if one.at < found.since}
