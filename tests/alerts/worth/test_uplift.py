"""The comparison of alerted and held-out accounts: the draw, the interval, and what may be claimed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from alerts.worth.holdout import is_held_out
from alerts.worth.outcomes import WINDOW, Order, Told, worth
from alerts.worth.uplift import Arm, Arms, held_planned, interval, planned_look, uplift
from bench.uplift import World, run
from core.domain import AccountId

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def arm(accounts: int, ordered: int) -> Arm:
    return Arm(accounts=accounts, ordered=ordered)


def told(account: str, days_ago: float, *, held: bool = False, was_told: bool = True) -> Told:
    return Told(account=AccountId(account), at=NOW - days_ago * DAY, is_held_out=held, was_told=was_told and not held)


def order(account: str, days_ago: float, amount: str = "100", currency: str = "EUR") -> Order:
    return Order(account=AccountId(account), at=NOW - days_ago * DAY, amount=Decimal(amount), currency=currency)


def test_the_draw_is_sticky_and_as_large_as_asked() -> None:
    """An account stays on its side all year, also when the share grows; about the asked share is held out."""
    accounts = [AccountId(f"C-{number}") for number in range(5_000)]
    held = {account for account in accounts if is_held_out(account, 0.1, "secret", NOW)}
    assert held == {one for one in accounts if is_held_out(one, 0.1, "secret", NOW - 200 * DAY)}
    assert held <= {one for one in accounts if is_held_out(one, 0.2, "secret", NOW)}
    assert 430 < len(held) < 570
    assert held != {one for one in accounts if is_held_out(one, 0.1, "another", NOW)}
    assert held != {one for one in accounts if is_held_out(one, 0.1, "secret", NOW - 366 * DAY)}


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 200)])
def test_shares_at_the_ends(share: float, expected: int) -> None:
    """Nobody is held out at 0, everybody at 1."""
    assert sum(is_held_out(AccountId(str(one)), share, "secret", NOW) for one in range(200)) == expected


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # published: Newcombe, Statistics in Medicine 17 (1998), table II, method of Miettinen and Nurminen
        (arm(70, 56), arm(80, 48), 0.0528, 0.3382),
        (arm(10, 9), arm(10, 3), 0.1700, 0.8406),
    ],
)
def test_the_interval_is_that_of_the_literature(one: Arm, other: Arm, low: float, high: float) -> None:
    """The interval agrees with published examples to a thousandth."""
    assert interval(one, other, 0.95) == pytest.approx((low, high), abs=2e-3)


def test_the_interval_knows_no_sides() -> None:
    """Sides swapped, or orders counted as no orders: the same interval, mirrored."""
    low, high = interval(arm(84, 6), arm(74, 2), 0.95)
    assert interval(arm(74, 2), arm(84, 6), 0.95) == pytest.approx((-high, -low))
    assert interval(arm(84, 78), arm(74, 72), 0.95) == pytest.approx((-high, -low))


def test_an_empty_side_says_nothing() -> None:
    """Without anybody held out, every difference is possible."""
    assert interval(arm(10, 3), arm(0, 0), 0.95) == (-1.0, 1.0)


def test_looks_are_planned() -> None:
    """A claim is looked for when the planned number is complete, and at each doubling."""
    assert [planned_look(held, 60) for held in (0, 59, 60, 119, 120, 500)] == [None, None, 60, 60, 120, 480]


def test_nothing_is_claimed_before_its_time() -> None:
    """A difference that everybody sees isn't claimed without a planned look, and is with one."""
    sides = Arms(alerted=arm(540, 200), held=arm(60, 5))
    assert (uplift(sides, 60).is_proven, uplift(sides, 60, sides).is_proven) == (False, True)


def test_a_smaller_effect_needs_more() -> None:
    """The rarer orders are without alerts, the more accounts must be held out."""
    assert held_planned(0.1, 0.05) > held_planned(0.1, 0.1) > held_planned(0.1, 0.3)


def test_who_was_won_back() -> None:
    """Won back: told of, and ordered within 90 days after; what it ordered is added up by currency."""
    found = worth(
        [told("A", 100), told("B", 100), told("C", 30), told("D", 80, was_told=False), told("E", 80, held=True)],
        [
            order("A", 60, "1000"),
            order("A", 50, "500.50"),
            order("A", 40, "70", "USD"),
            order("A", 1),
            order("B", 5),  # too late
            order("C", 31),  # before the alert
            order("D", 70),
            order("E", 70),
        ],
        NOW,
        share=0.1,
        expected=0.1,
    )
    assert [(one.account, one.ordered_at, dict(one.amounts)) for one in found.won] == [
        ("A", NOW - 60 * DAY, {"EUR": Decimal("1500.50"), "USD": Decimal(70)})
    ]
    assert found.waiting == 3


def test_an_order_known_by_its_day_alone_may_be_of_the_alerts_day() -> None:
    """Most exports give orders a date and no time: one of the day of the alert counts, one of the day before not."""
    midnight = NOW.replace(hour=0)
    alert = told("A", 0.1)
    found = [
        worth([alert], [Order(account=AccountId("A"), at=at)], NOW, share=0.1, expected=0.1).won
        for at in (midnight, midnight - DAY, NOW - 0.2 * DAY)
    ]
    assert [len(won) for won in found] == [1, 0, 0]


def test_sides_are_compared_by_intention() -> None:
    """An account counts on the side it was drawn for, with its first alert of the year, once its window is over."""
    found = worth(
        [
            told("A", 200),
            told("A", 100),
            told("B", 100, was_told=False),
            told("H", 100, held=True),
            told("I", 100, held=True),
            told("J", 10, held=True),
        ],
        [order("A", 95), order("B", 50), order("H", 20)],
        NOW,
        share=0.1,
        expected=0.1,
    )
    assert (found.compared.alerted, found.compared.held) == (arm(2, 1), arm(2, 1))
    assert found.waiting == 1


def test_windows_of_an_account_do_not_overlap() -> None:
    """An alert in the new year within 90 days of one in the old is the same entry."""
    newyear = datetime(2026, 1, 1, tzinfo=UTC)
    alerts = [
        Told(account=AccountId("A"), at=newyear + days * DAY, is_held_out=False, was_told=True) for days in (-10, 10)
    ]
    found = worth(alerts, [], newyear + 3 * WINDOW, share=0.1, expected=0.1)
    assert found.compared.alerted == arm(1, 0)


def test_planted_uplift_is_covered() -> None:
    """Over made installations the interval covers the planted truth about as often as it says."""
    world = World(accounts=300, share=0.2, base=0.1, uplift=0.1)
    covered = [run(world, seed, looks=1).covers for seed in range(150)]
    assert 0.89 <= sum(covered) / len(covered) <= 0.99


def test_nothing_is_claimed_of_alerts_that_bring_nothing() -> None:
    """Where alerts change nothing, a manager who looks every month is told so in at least 95 of 100 installations."""
    world = World(accounts=300, share=0.3, base=0.2, uplift=0.0, expected=0.2)
    claimed = [run(world, seed, looks=12).claimed for seed in range(100)]
    assert sum(claimed) <= 5
