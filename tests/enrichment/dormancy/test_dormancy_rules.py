"""dormancy.toml: what loads, and what is said of what doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from enrichment.dormancy.rules import BUILT_IN, DormancyRules, load_rules, read_rules

ROOT = Path(__file__).resolve().parents[3]


def test_the_built_in_file_says_what_an_empty_file_means() -> None:
    """The values shown in the built-in file are those of keys that are left out."""
    assert load_rules() == load_rules(BUILT_IN) == DormancyRules()


def test_the_operators_example_loads() -> None:
    """The example of deploy/config is a valid file with overrides."""
    assert load_rules(ROOT / "deploy" / "config" / "dormancy.toml").override


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[criteria]\npurchse = 3", "line 2: `purchse` is not a key in `criteria`. Did you mean `purchase`?"),
        ('[criteria]\npurchase = "a year"', "line 2: wrong value in `criteria.purchase`: expected `int"),
        ('combine = "either"', "wrong value in `combine`"),
        ("[criteria]", "[criteria] is empty, so nobody could be dormant"),
        ("[criteria]\npurchase = 0", "give 1 day or more"),
        ("[tiers]\n6_months = 900", "[tiers] must rise"),
        ("[rhythm]\noverdue = 1", "give more than 1"),
        ('[[override]]\nname = "x"\npurchase = 3', "is for nobody"),
        ("[[override]]\npurchase = 3", "the key `name` is missing"),
        ("criteria = [", "isn't valid TOML"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(text: str, said: str) -> None:
    """The error names the file, the place and the remedy."""
    with pytest.raises(InputError) as caught:
        read_rules(text, "my.toml")
    assert str(caught.value).startswith("my.toml")
    assert said in str(caught.value)


def test_all_contradictions_are_told_at_once() -> None:
    """Two mistakes of meaning give two lines."""
    with pytest.raises(InputError) as caught:
        read_rules("[criteria]\npurchase = 0\n[rhythm]\noverdue = 0.5")
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file is an InputError with its name."""
    with pytest.raises(InputError, match=r"none\.toml"):
        load_rules(tmp_path / "none.toml")
