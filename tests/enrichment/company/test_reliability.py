"""What people said of a source's word raises or lowers what is believed of it elsewhere, within bounds."""

from __future__ import annotations

import pytest

from enrichment.company.reliability import FEW, HIGHEST, LOWEST, Counts, beta_quantile, prior, rate, reliability


def test_nobody_said_anything_changes_nothing() -> None:
    """Without verdicts the factor is exactly 1, whatever the sources."""
    assert reliability(["mmdb:asn.mmdb", "match:name"], {}) == 1.0
    assert reliability([], {"rdap:ripencc": Counts(wrong=50)}) == 1.0


def test_wrong_lowers_and_right_raises_within_bounds() -> None:
    """More wrong verdicts lower the factor, more right ones raise it; it never leaves its bounds."""
    factors = [reliability(["mmdb:a"], {"mmdb:a": Counts(wrong=n)}) for n in (0, 1, 5, 20, 10_000)]
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] == LOWEST
    assert 1 < reliability(["mmdb:a"], {"mmdb:a": Counts(right=10)}) <= HIGHEST
    assert reliability(["mmdb:a", "match:name"], {"mmdb:a": Counts(right=10**6)}) == HIGHEST


def test_one_wrong_word_weighs_little_and_as_many_as_the_prior_half() -> None:
    """One verdict moves a source by less than 5 %; twenty wrong ones halve it (before the bound)."""
    assert reliability(["rdap:ripencc"], {"rdap:ripencc": Counts(wrong=1)}) > 0.95
    right, wrong = prior("rdap:ripencc")
    assert rate("rdap:ripencc", Counts(wrong=20)).mean == pytest.approx(right / (right + wrong) / 2)


def test_a_declared_network_is_one_fact_and_a_few_words_leave_it_believed() -> None:
    """Three "wrong" elsewhere leave all other declared networks above the alert point; they count in one step only."""
    said = Counts(wrong=3)
    both = reliability(["declared", "match:declared"], {"declared": said, "match:declared": said})
    assert both == reliability(["declared"], {"declared": said})
    assert 0.97 * 0.99 * both > 0.9


def test_a_source_takes_the_prior_of_its_sort() -> None:
    """`mmdb:x` has the prior of `mmdb`; a closer name beats a wider one; an unknown source has the other one."""
    assert prior("mmdb:asn.mmdb") == prior("mmdb")
    assert prior("match:name:close") != prior("match:name")
    assert prior("something") == pytest.approx((16.0, 4.0))


def test_rate_says_when_there_is_too_little() -> None:
    """Below the bar a rate says so; the interval holds the mean and narrows with verdicts."""
    few, many = rate("rdap:arin", Counts(right=FEW - 1)), rate("rdap:arin", Counts(right=170, wrong=30))
    assert (few.is_few, many.is_few) == (True, False)
    for each in (few, many):
        assert each.low < each.mean < each.high
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(
    ("share", "right", "wrong", "expected"),
    [(0.5, 1, 1, 0.5), (0.05, 1, 1, 0.05), (0.95, 17, 3, 0.9557), (0.05, 17, 3, 0.7042), (0.05, 200, 10, 0.9259)],
)
def test_beta_quantiles_are_those_of_the_tables(share: float, right: float, wrong: float, expected: float) -> None:
    """The quantiles agree with those that SciPy gives."""
    assert beta_quantile(share, right, wrong) == pytest.approx(expected, abs=2e-3)
