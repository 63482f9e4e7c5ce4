"""docs/scoring-and-dormancy.md: its examples load and name every key, and the values shown are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct

from enrichment.dormancy.rules import DormancyRules, Override, read_rules
from enrichment.intent.rules import PageRule, ScoringFile, read_scoring

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "scoring-and-dormancy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml (\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
READERS = {"dormancy": read_rules, "scoring": read_scoring}


def test_every_toml_block_says_which_file_it_is_of() -> None:
    """No block escapes the test below."""
    assert len(BLOCKS) == TEXT.count("```toml") >= 5


@pytest.mark.parametrize(("kind", "text"), BLOCKS)
def test_every_example_loads(kind: str, text: str) -> None:
    """Each block is a valid file."""
    READERS[kind](text)


def test_the_values_shown_are_the_built_in_ones() -> None:
    """The block with all values is what counts without a file; so are tiers, rhythm and states."""
    scoring = next(text for kind, text in BLOCKS if kind == "scoring" and "threshold" in text)
    assert read_scoring(scoring).file == ScoringFile()
    tiers = next(text for kind, text in BLOCKS if kind == "dormancy" and "[tiers]" in text)
    assert read_rules(tiers) == DormancyRules()


@pytest.mark.parametrize("kind", [DormancyRules, Override, ScoringFile, PageRule], ids=lambda kind: kind.__name__)
def test_every_key_is_explained(kind: type[Struct]) -> None:
    """A key that isn't mentioned doesn't exist for an operator."""
    missing = [name for name in kind.__struct_encode_fields__ if not re.search(rf"\b{name}\b", TEXT)]
    assert missing == []
