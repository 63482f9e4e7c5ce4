"""What is learnt from many histories of orders, and what it may not look at."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import pytest

from enrichment.dormancy.explain import DormancyAnswer, explain_dormancy, fit_questions
from enrichment.dormancy.features import Orders
from enrichment.dormancy.fit import FittedCadence, built_in, fit_histories
from enrichment.dormancy.logistic import chance, fit_logistic
from enrichment.dormancy.outlook import outlook

START = 730_000


def world(customers: int, days: int, seed: int = 5) -> list[Orders]:
    """Return customers of a shop: some order steadily, some rarely, some leave; as of the last day."""
    rng = random.Random(seed)
    found = []
    for _ in range(customers):
        gap = rng.choice((12, 30, 60, 150))
        at, known = START + rng.uniform(0, days * 0.7), []
        while at < START + days:
            known.append(int(at))
            if rng.random() < 0.12:
                break
            at += rng.gammavariate(2, gap / 2) + 1
        kept = tuple(sorted(set(known)))
        found.append(Orders(days=kept, amounts=(20.0,) * len(kept), now=float(START + days)))
    return found


def asked(histories: Sequence[Orders], moment: float, window: float) -> list[tuple[Orders, bool]]:
    known = [(one.until(moment), not one.any_between(moment, moment + window)) for one in histories]
    return [(one, quiet) for one, quiet in known if one is not None]


@pytest.fixture(scope="module")
def fitted() -> FittedCadence:
    return fit_histories([one for one, _ in asked(world(400, 500), START + 410, 90)], 90)


def test_what_it_says_comes_true(fitted: FittedCadence) -> None:
    """Learnt before a moment, its answers agree with what came after it, for likely and for unlikely ones."""
    said = sorted((fitted.p_no_order(one), quiet) for one, quiet in asked(world(1500, 500, 6), START + 410, 90))
    assert fitted.rows >= 200
    for part in (said[: len(said) // 3], said[len(said) // 3 : -len(said) // 3], said[-len(said) // 3 :]):
        expected = sum(p for p, _ in part) / len(part)
        assert expected == pytest.approx(sum(quiet for _, quiet in part) / len(part), abs=0.1)


def test_it_never_looks_past_the_moment() -> None:
    """Orders at or after a history's own moment change nothing in what is learnt."""
    before = [one for one, _ in asked(world(230, 300), START + 240, 60)]
    items = [{"purchases": [_date(day) for day in one.days], "as_of": _date(START + 240)} for one in before]
    later = [{**item, "purchases": [*item["purchases"], _date(START + 240), _date(START + 250)]} for item in items]
    assert fit_questions(items, 60) == fit_questions(later, 60)


def test_a_longer_silence_makes_no_order_likelier(fitted: FittedCadence) -> None:
    """Of two customers alike but for the silence, the one silent for longer is the likelier to stay so."""
    days = (START, START + 30, START + 62, START + 91)
    chances = [
        fitted.p_no_order(Orders(days=days, amounts=(9.0,) * 4, now=float(START + 91 + silent)))
        for silent in (10, 60, 150, 300)
    ]
    assert chances == sorted(chances)
    assert chances[0] < 0.35
    assert chances[-1] > 0.8


def test_another_window_than_the_one_learnt(fitted: FittedCadence) -> None:
    """A longer window makes no order less likely, a shorter one more."""
    known = Orders(days=(START, START + 40), amounts=(1.0, 1.0), now=START + 100.0)
    assert fitted.p_no_order(known, 365) < fitted.p_no_order(known) < fitted.p_no_order(known, 14)


def test_a_window_longer_than_the_histories() -> None:
    """Where the histories are too short for the window, a shorter one is learnt and carried on."""
    histories = [one for one, _ in asked(world(900, 700), START + 250, 400)]
    model = fit_histories(histories, 400)
    assert (model.window, model.learnt_window < 130, model.rows >= 200) == (400, True, True)
    said = [(model.p_no_order(one), quiet) for one, quiet in asked(world(900, 700), START + 250, 400)]
    assert sum(p for p, _ in said) / len(said) == pytest.approx(sum(q for _, q in said) / len(said), abs=0.12)


def test_a_date_that_is_a_slip_spoils_nothing() -> None:
    """One customer with an order in the year 1 doesn't stretch the time in which the others are looked at."""
    histories = [one for one, _ in asked(world(400, 500), START + 410, 90)]
    slip = Orders(days=(1, START), amounts=(1.0, 1.0), now=START + 410.0)
    known = histories[7]
    assert fit_histories([*histories, slip], 90).p_no_order(known) == pytest.approx(
        fit_histories(histories, 90).p_no_order(known), abs=0.1
    )


@pytest.mark.parametrize("number", [0, 1, 3, 400])
def test_nothing_to_learn_falls_back(number: int) -> None:
    """Nobody, one account, and one-time buyers alone are answered by the built-in prior."""
    once = [Orders(days=(START + one % 3,), amounts=(0.0,), now=START + 20.0) for one in range(number)]
    model = fit_histories(once, 90)
    assert model == built_in(90)
    known = Orders(days=(START,), amounts=(0.0,), now=START + 50.0)
    assert 0 < model.p_no_order(known) < 1


def test_one_time_buyers_over_a_long_time_do_not_crash() -> None:
    """A shop to which nobody ever came back: no order is all but certain, or the prior answers."""
    rng = random.Random(1)
    once = [Orders(days=(START + rng.randrange(400),), amounts=(5.0,), now=START + 400.0) for _ in range(500)]
    assert 0.5 < fit_histories(once, 90).p_no_order(once[0]) <= 1


def test_a_question_is_answered_by_the_model(fitted: FittedCadence) -> None:
    """`explain_dormancy` takes p_no_purchase, and the sentence about it, from the model."""
    item = {"purchases": ["2024-01-01", "2024-02-01"], "as_of": "2025-01-01"}
    plain, learnt = explain_dormancy(item), explain_dormancy(item, outlook=outlook(fitted))
    assert isinstance(learnt, DormancyAnswer)
    assert learnt.p_no_purchase is not None
    assert learnt.p_no_purchase != plain.p_no_purchase
    assert any(f"{min(99, round(learnt.p_no_purchase * 100))} in 100" in text for text in learnt.why)


def test_regression_finds_the_odds() -> None:
    """A regression on one feature finds the odds by which rows were drawn."""
    rng = random.Random(3)
    rows = [[rng.uniform(-1.5, 1.5), rng.random()] for _ in range(4000)]
    truths = [rng.random() < chance(0.5 + 1.5 * row[0]) for row in rows]
    fit = fit_logistic(rows, truths, ridge=0.1)
    assert fit.log_odds([0.0, 0.5]) == pytest.approx(0.5, abs=0.15)
    assert fit.log_odds([1.0, 0.5]) == pytest.approx(2.0, abs=0.25)


def _date(day: int) -> str:
    return date.fromordinal(day).isoformat()
