"""BG/NBD against its paper, and what it must say by its own logic."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from enrichment.dormancy.bgnbd import BgNbd, Customer, fit_bgnbd
from enrichment.dormancy.simplex import minimise

CDNOW = Path(__file__).with_name("data") / "cdnow_summary.csv"
PAPER = BgNbd(r=0.24259, alpha=4.41353, a=0.79289, b=2.42575)


def summary() -> dict[Customer, float]:
    with CDNOW.open() as lines:
        return {
            Customer(int(row["frequency"]), float(row["recency"]), float(row["T"])): int(row["customers"])
            for row in csv.DictReader(lines)
        }


def test_the_parameters_are_those_of_the_paper() -> None:
    """Fitted on CDNOW's 2,357 customers: r, alpha, a, b as published, to a thousandth."""
    counted = summary()
    fitted = fit_bgnbd(counted)
    assert sum(counted.values()) == 2357
    assert fitted is not None
    assert (fitted.r, fitted.alpha, fitted.a, fitted.b) == pytest.approx((0.24259, 4.41353, 0.79289, 2.42575), abs=1e-3)
    assert fitted.log_likelihood(counted) == pytest.approx(-9582.4, abs=0.1)


def test_the_unit_of_time_does_not_matter() -> None:
    """The same customers in days give the same answers."""
    weeks = summary()
    days = {Customer(x, 7 * recency, 7 * age): count for (x, recency, age), count in weeks.items()}
    by_week, by_day = fit_bgnbd(weeks), fit_bgnbd(days)
    assert by_week is not None
    assert by_day is not None
    assert by_day.p_no_order(Customer(2, 70.0, 280.0), 91.0) == pytest.approx(
        by_week.p_no_order(Customer(2, 10.0, 40.0), 13.0), abs=1e-4
    )


def test_one_time_buyers_are_always_alive() -> None:
    """A known flaw of the model, and why P(alive) alone is no rule of dormancy; P(no order) doesn't share it."""
    once = Customer(0, 0.0, 200.0)
    assert PAPER.p_alive(once) == 1.0
    assert PAPER.p_no_order(once, 26.0) > 0.9


def test_longer_windows_and_longer_silence() -> None:
    """A longer window makes no order less likely; a longer silence makes it more likely."""
    recent, silent = Customer(5, 38.0, 39.0), Customer(5, 20.0, 39.0)
    assert PAPER.p_no_order(recent, 26) < PAPER.p_no_order(recent, 13) < PAPER.p_no_order(silent, 13) < 1
    assert PAPER.p_no_order(recent, 0) == pytest.approx(1.0)


def test_what_was_simulated_is_found_again() -> None:
    """P(no order) of simulated customers agrees with what then came, on average and among the likeliest tenth."""
    rng = random.Random(7)
    model = BgNbd(r=1.2, alpha=60.0, a=0.7, b=3.0)
    known: list[tuple[Customer, bool]] = []
    for _ in range(6000):
        rate, leaves = rng.gammavariate(model.r, 1 / model.alpha), rng.betavariate(model.a, model.b)
        orders, at, age, window = 0, 0.0, rng.uniform(100, 400), 90.0
        last, bought = 0.0, False
        while rng.random() >= leaves or (orders == 0 and at == 0.0):
            at += rng.expovariate(rate)
            if at > age:
                bought = at <= age + window
                break
            orders, last = orders + 1, at
        known.append((Customer(orders, last, age), not bought))
    fitted = fit_bgnbd([customer for customer, _ in known])
    assert fitted is not None
    said = sorted((fitted.p_no_order(customer, 90.0), quiet) for customer, quiet in known)
    for part in (said, said[-600:], said[:600]):
        assert sum(p for p, _ in part) / len(part) == pytest.approx(sum(q for _, q in part) / len(part), abs=0.04)


@pytest.mark.parametrize(
    "customers", [[], [Customer(0, 0.0, 10.0)] * 50, [Customer(3, 5.0, 10.0)], [Customer(0, 0.0, 0.0)] * 3]
)
def test_nothing_to_learn_is_none(customers: list[Customer]) -> None:
    """Nobody, one-time buyers alone, or a single customer: no model."""
    assert fit_bgnbd(customers) is None


def test_all_on_one_day_does_not_crash() -> None:
    """Customers without any time behind them give a model or none, but no error."""
    fitted = fit_bgnbd([Customer(1, 0.5, 0.5)] * 5)
    assert fitted is None or 0 <= fitted.p_no_order(Customer(1, 0.5, 0.5), 90.0) <= 1


def test_the_simplex_finds_the_bottom() -> None:
    """Rosenbrock's curved valley has its bottom at (1, 1)."""
    best, value = minimise(lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2, (-1.2, 1.0), steps=1000)
    assert best == pytest.approx((1.0, 1.0), abs=1e-3)
    assert value < 1e-6
