"""Words, bands and what would be normal; addresses that may not be shown; the format's documentation."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page
from source_tree import ROOT
from tryout_files import CUSTOMERS, PUMPS, line, run

from app.tryout import findings
from app.tryout.findings import Period
from app.tryout.judge import band, headline, normal
from app.tryout.report import bars
from app.tryout.shown import shown_network, without_addresses

TWO_DAYS = Period(first=datetime(2026, 5, 1, tzinfo=UTC), last=datetime(2026, 5, 2, tzinfo=UTC), days=2)


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "sure"), (0.9, "sure"), (0.89, "probable"), (0.8, "probable"), (0.79, "unsure")]
)
def test_each_confidence_has_its_word(confidence: float, word: str) -> None:
    """The bands are those of docs/tryout.md."""
    assert band(confidence) == word


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ((4, 7, 12), "4 dormant customers were on your site in 2 days, worth €212k"),
        ((1, 0, 0), "1 dormant customer was on your site in 2 days, worth €212k"),
        ((0, 7, 12), "7 dormant customers were probably on your site in 2 days, worth €212k"),
        ((0, 0, 1), "1 dormant customer may have been on your site in 2 days, worth €212k"),
    ],
)
def test_the_headline_claims_no_more_than_is_known(bands: tuple[int, int, int], said: str) -> None:
    """It speaks of the surest band that anybody is in, and says which it is."""
    assert headline(*bands, "€212k", TWO_DAYS) == said


def test_what_is_normal_follows_from_the_others() -> None:
    """611 dormant customers, 3 of 1,500 others seen: 1.2 expected, 19 in 20 times at most 3."""
    expected = normal(611, 1500, 3)
    assert expected is not None
    assert (expected.low, expected.high) == (0, 3)
    assert "3 of 1,500" in expected.assumption


@pytest.mark.parametrize("figures", [(0, 10, 1), (10, 0, 0), (10, 10, 0)])
def test_no_normal_without_something_to_go_by(figures: tuple[int, int, int]) -> None:
    """Nothing seen of others, or nobody dormant: no figure."""
    assert normal(*figures) is None


def test_a_large_expectation_has_a_range_too() -> None:
    """Thousands of expected visitors neither underflow nor take long."""
    expected = normal(20_000, 10_000, 5_000)
    assert expected is not None
    assert 9_700 < expected.low < 10_000 < expected.high < 10_300


@pytest.mark.parametrize(
    ("prefix", "shown"),
    [
        ("192.0.2.7/32", "192.0.2.0/24"),
        ("192.0.2.7", "192.0.2.0/24"),
        ("198.51.0.0/16", "198.51.0.0/16"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("", ""),
    ],
)
def test_a_network_is_never_shown_narrower(prefix: str, shown: str) -> None:
    """What is narrower than /24 or /48 is widened."""
    assert shown_network(prefix) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("192.0.2.7/32 was declared as theirs", "192.0.2.0/24 was declared as theirs"),
        ("from 2001:db8:1:2::9.", "from 2001:db8:1::/48."),
        ("/files/192.0.2.7/x", "/files/192.0.2.0/24/x"),
        ("at 10:42:11, version 1.2.3.4.5", "at 10:42:11, version 1.2.3.4.5"),
        ("Network 198.51.0.0/16", "Network 198.51.0.0/16"),
    ],
)
def test_addresses_in_sentences_become_networks(text: str, shown: str) -> None:
    """Sentences and paths lose their addresses and nothing else."""
    assert without_addresses(text) == shown


def test_an_empty_funnel_can_be_drawn() -> None:
    """A log without a line draws bars of no width."""
    empty = findings.Funnel(lines=0, page_views=0, visits=0, business=0, named=0, customers=0, dormant=0, losses=())
    assert {bar.width for bar in bars(empty)} == {0.0}


STRUCTS = [
    found
    for found in vars(findings).values()
    if isinstance(found, type) and issubclass(found, msgspec.Struct) and found is not msgspec.Struct
]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: str(struct.__name__))
def test_every_field_is_documented(struct: type[msgspec.Struct]) -> None:
    """docs/tryout.md names each field of the JSON."""
    page = (ROOT / "docs" / "tryout.md").read_text(encoding="utf-8")
    assert [name for name in struct.__struct_fields__ if f"`{name}`" not in page] == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits_and_its_policy_holds(page: Page, tmp_path: Path, width: int) -> None:
    """In a real browser the style applies under the page's own policy, nothing is asked for, nothing overflows."""
    ran = run(tmp_path, CUSTOMERS, line(PUMPS, "/" + "very-long-" * 30))
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((ran.home / "report.html").as_uri())
    shown = page.evaluate("[document.documentElement.scrollWidth, getComputedStyle(document.body).maxWidth]")
    assert (shown[0] <= width, shown[1] != "none", said, len(asked)) == (True, True, [], 1)
    assert re.match("1 dormant customer was on your site", page.locator("h1").inner_text())
