"""An account's rhythm and the probability that no order comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.dormancy.cadence import DEFAULT_PRIOR, Prior, cadence, p_no_purchase

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
GAPS = st.lists(st.integers(1, 800).map(float), max_size=40)
SILENT = st.floats(0, 4000)


def orders(*ago: float) -> list[datetime]:
    return [AS_OF - timedelta(days=days) for days in ago]


def test_no_order_has_no_rhythm() -> None:
    """Without an order before the moment there is nothing to say."""
    assert cadence([], AS_OF) is None
    assert cadence(orders(-1, 0), AS_OF) is None


def test_a_rhythm_needs_three_order_days() -> None:
    """Two days with orders give no usual gap, however many orders fell on them."""
    two = cadence(orders(100, 100.1, 10), AS_OF)
    three = cadence(orders(100, 70, 10), AS_OF)
    assert two is not None and three is not None
    assert (two.orders, two.usual_gap_days, two.overdue) == (2, None, None)
    assert (three.usual_gap_days, three.spread_days, three.silent_days) == (45.0, 15.0, 10)


def test_one_order_matches_the_formula_worked_by_hand() -> None:
    """With k = 1 and one order, the probability is a ratio of two short sums."""
    prior = Prior(shape=1.0, scale_days=100.0, leave=1.0, stay=3.0, regular=((1, 1.0),))
    left, stays = 0.25, 0.75
    expected = (left + stays * 100 / (100 + 60 + 90)) / (left + stays * 100 / (100 + 60))
    assert p_no_purchase([], 60.0, 90.0, prior) == pytest.approx(expected)


def test_a_long_steady_history_nears_the_rate_of_chance() -> None:
    """Without leaving and at k = 1, many orders every 30 days give exp(-90/30)."""
    prior = Prior(shape=1.0, scale_days=30.0, leave=1e-9, stay=1.0, regular=((1, 1.0),))
    assert p_no_purchase([30.0] * 2000, 0.0, 90.0, prior) == pytest.approx(exp(-3), rel=0.01)


@given(gaps=GAPS, silent=SILENT)
def test_it_is_a_probability_and_falls_with_the_window(gaps: list[float], silent: float) -> None:
    """Between 0 and 1, and a longer window makes an order likelier."""
    chances = [p_no_purchase(gaps, silent, window) for window in (1, 30, 90, 365)]
    assert all(0 <= chance <= 1 for chance in chances)
    assert chances == sorted(chances, reverse=True)


@given(count=st.integers(3, 30), gap=st.integers(10, 200))
def test_silence_far_beyond_the_rhythm_makes_an_order_unlikely(count: int, gap: int) -> None:
    """The same history is the more hopeless the longer the silence beyond its rhythm."""
    gaps = [float(gap)] * count
    chances = [p_no_purchase(gaps, silent * gap, 90.0, DEFAULT_PRIOR) for silent in (1.5, 4.0, 10.0)]
    assert chances == sorted(chances)


def test_a_steady_account_is_missed_sooner_than_an_erratic_one() -> None:
    """Equal mean gaps and silence: the regular account's silence says more."""
    steady = p_no_purchase([60.0] * 12, 200.0)
    erratic = p_no_purchase([5.0, 170.0, 10.0, 150.0, 3.0, 22.0] * 2, 200.0)
    assert steady > erratic
