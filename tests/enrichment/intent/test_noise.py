"""The noise that `make bench-noise` measures, in small: few false alarms about dormant accounts, wake-ups told."""

from __future__ import annotations

from random import Random

from bench.noise import START, interval, judged, measure, pooled, stories
from bench.noise_model import noise
from enrichment.intent.rules import load_scoring, read_scoring

MONTHS, PLANTED = 40, 30


def test_noise_is_seldom_told_and_wake_ups_are() -> None:
    """At the size that a test can afford: nothing that would contradict 1 in 100 account-months and 95 %."""
    found = pooled([measure(seed, MONTHS, PLANTED, load_scoring()) for seed in (201, 202)])
    assert (found.months, found.planted) == (2 * MONTHS, 2 * PLANTED)
    assert interval(found.false, found.months)[0] <= 0.01
    assert interval(found.told, found.planted)[1] >= 0.95
    assert found.share > 0.85


def test_the_measurement_can_fail() -> None:
    """With a threshold of 10 much noise is told, with one of 500 no wake-up is."""
    drawn = stories(203, 60, 15)
    assert judged(drawn, read_scoring("threshold = 10")).per_100 > 10
    deaf = judged(drawn, read_scoring("threshold = 500"))
    assert (deaf.told, deaf.false) == (0, 0)


def test_a_seed_says_what_is_drawn() -> None:
    """The same seed, the same visits; every month has about one visitor."""
    assert stories(7, 3, 2) == stories(7, 3, 2)
    visitors = {visit.visitor.split("-")[0] for visit in noise(Random(1), START, 3_000)}
    assert 70 <= len(visitors) <= 130
