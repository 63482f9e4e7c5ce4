"""Name and domain: whose domain it is, read as people abbreviate."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from enrichment.network.name_domain import judge_domain
from enrichment.network.owners import fits


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("Quillfeather Trading Ltd", "quillfeather.co.uk"),
        ("QUILLFEATHER", "www.quillfeather-trading.example"),
        ("Northern Osprey Logistics", "nol.example"),
        ("Hartmann Pumpen GmbH & Co. KG", "hartmann-pumpen.de"),
        ("Duo Works", "duo.works"),
        ("Zwillinger Bottling", "zwillingerwater.com"),
        ("Müller Quarz AG", "muellerquarz.de"),
    ],
)
def test_a_domain_made_from_the_name_fits(name: str, domain: str) -> None:
    """The name, its rare word with something added, its initials, or the name run on into the ending."""
    assert judge_domain(name, domain).fits
    assert fits(domain, name)


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("Quillfeather Trading Ltd", "telekom.de"),
        ("City of Quill", "citytrading.example"),
        ("Interfold Security", "internet.example"),
        ("", "quill.example"),
        ("Quill", ""),
        ("!!!", "..."),
    ],
)
def test_another_firms_domain_does_not(name: str, domain: str) -> None:
    """A carrier's domain, a plain word in common, the same first letters, or nothing to compare."""
    assert not judge_domain(name, domain).fits


def test_the_reason_is_a_sentence_and_the_score_a_probability() -> None:
    """The why names both; the score lies between 0 and 1 and agrees with the verdict."""
    verdict = judge_domain("Northern Osprey Logistics", "nol.example")
    assert verdict.why[0].text == (
        "The domain nol.example reads like “northern osprey logistics” in “Northern Osprey Logistics”."
    )
    assert 0.5 <= verdict.score <= 1


@pytest.mark.real_data
def test_registered_names_and_domains_keep_their_precision(shared_data: Path) -> None:
    """Of the domains said to go with a registered name at least 97.5 % do, and 68 % of those that do are found."""
    right = wrong = missed = 0
    with (shared_data / "names" / "whois_name_domain_train.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found, same = fits(row["domain"], row["registered_name"]), row["label"] == "same"
            right, wrong, missed = right + (found and same), wrong + (found and not same), missed + (same > found)
    assert right / (right + wrong) >= 0.975
    assert right / (right + missed) >= 0.68
