"""What the demo's visitors lead to, by the real line and the built-in rules, and how the tape tells it."""

from __future__ import annotations

import pytest
from demo_shop import Shop

from app.demo.queries_watch import loaded_at, seen_since
from app.demo.tape import Tape, tape
from core.database import reading

THRESHOLD = 60.0


def tapes(shop: Shop) -> tuple[Tape, ...]:
    """All that was done by hand, newest first."""
    with reading(shop.engine) as connection:
        assert loaded_at(connection) == shop.loaded
        return tuple(tape(seen, THRESHOLD, shop.now()) for seen in seen_since(connection, shop.loaded))


def judged(shop: Shop) -> tuple[str, str]:
    """(drop, silence) of the newest visit."""
    with reading(shop.engine) as connection:
        newest = seen_since(connection, shop.loaded)[0]
    return newest.drop, newest.silence


SILENCES = [
    ("home-line", ("network_isp", ""), "a home line of a carrier: thousands of people share it, so nobody is named"),
    ("crawler", ("bot_declared", ""), "a crawler, by its own name: it buys nothing"),
    ("careers", ("", "below_threshold"), "only careers pages: a job seeker, not a buyer"),
    (
        "active",
        ("", "not_dormant"),
        "Brandt Chemie GmbH is an active customer, its last order is 12 days old: no news for its rep",
    ),
    (
        "two-firms",
        ("account_ambiguous", ""),
        "1 of 2, and nobody knows which: the digest may ask, an alert never guesses",
    ),
]


@pytest.mark.parametrize("hero_first", [False, True])
def test_each_silence_has_its_reason(shop: Shop, hero_first: bool) -> None:
    """Nobody is told of the five, before and after an alert, and each is silent for its own reason."""
    if hero_first:
        shop.visit("hartmann")
    for key, expected, words in SILENCES:
        shop.visit(key)
        assert judged(shop) == expected
        newest = tapes(shop)[0]
        assert (newest.ending.text, newest.ending.detail) == ("No alert", words)
        assert newest.told is None


@pytest.mark.parametrize(("key", "name"), [("hartmann", "Hartmann Pumpen GmbH"), ("nordwind", "Nordwind Logistik AG")])
def test_who_comes_back_is_told_at_30_seconds_of_pricing(shop: Shop, key: str, name: str) -> None:
    """Ten seconds of Pricing are not enough; thirty are, and the tape says how long telling took."""
    shop.visit(key, read_seconds=(0, 10))
    before = tapes(shop)[0]
    assert (before.told, before.total < THRESHOLD) == (None, True)
    shop.visit(key, read_seconds=(0, 10, 30))
    after = tapes(shop)[0]
    assert after.told is not None
    assert (after.title, after.ending.text) == (name, "Anna was told in 0.4\u00a0s")
    assert after.total >= THRESHOLD
    assert after.total == sum(each.points for each in after.points)


@pytest.mark.parametrize(
    ("key", "silent", "needed", "told"),
    [
        ("line", "In X200 pumps", 42, "Donau Kunststoff GmbH is back in X200 pumps"),
        ("rescue", "Using it less", 0, "Vandenberg Textiel B.V. may be leaving"),
    ],
)
def test_an_active_customer_can_be_news(shop: Shop, key: str, silent: str, needed: int, told: str) -> None:
    """Silent in one line, or under contract and about to leave: the rep is told, and the tape says what it took."""
    shop.visit(key)
    found = tapes(shop)[0]
    assert found.told is not None
    assert (found.lines[-1].text, found.needed, found.told.text.title) == (silent, needed, told)


def test_the_days_on_the_cards_are_those_of_the_judgement(shop: Shop) -> None:
    """Whatever the time of day, the hero is silent for the 412 days that its card tells."""
    shop.visit("hartmann")
    with reading(shop.engine) as connection:
        assert seen_since(connection, shop.loaded)[0].silent_days == 412


def test_the_hero_alone_needs_exactly_what_the_page_shows(shop: Shop) -> None:
    """Pricing 30, first visit 20, silence 10: 60 points, as the card promises."""
    shop.visit("hartmann")
    assert [each.points for each in tapes(shop)[0].points] == [30, 20, 10]


def test_a_second_try_is_silent_and_says_how_to_see_it_again(shop: Shop) -> None:
    """Within a day of an alert the same account causes no other; the page offers to start over."""
    shop.visit("hartmann")
    shop.visit("hartmann")
    newest = tapes(shop)[0]
    assert judged(shop) == ("", "cool_down")
    assert newest.ending.detail == "Anna was told about Hartmann Pumpen GmbH not long ago: no second alert so soon"
    assert newest.can_start_over


def test_while_it_is_read_nothing_is_decided(shop: Shop) -> None:
    """Below the threshold the tape listens as long as the snippet may still tell more, then gives its reason."""
    begun = shop.now()
    shop.visit("hartmann", read_seconds=(0, 10))
    shop.clock.at = begun.replace(second=begun.second + 2)
    assert (tapes(shop)[0].ending.mark, tapes(shop)[0].shows_in_slack) == ("waiting", False)
    shop.clock.forward(minutes=1)
    ending = tapes(shop)[0].ending
    assert (ending.mark, ending.text) == ("stopped", "No alert")
    assert "not enough interest yet" in ending.detail
