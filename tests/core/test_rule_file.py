"""Reading rule files: every mistake at once, each with its line."""

from __future__ import annotations

import pytest
from msgspec import Struct

from core.errors import InputError
from core.rule_file import decode_rules


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    points: float = 1


class Book(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    threshold: float = 60
    days: int | None = None
    best: Part = Part(name="best")
    part: tuple[Part, ...] = ()


def mistakes(text: str) -> list[str]:
    """The lines of the error for `text`."""
    with pytest.raises(InputError) as caught:
        decode_rules(text, Book, "my.toml", lambda book: ["threshold = 0: give more."] if not book.threshold else [])
    return str(caught.value).splitlines()


def test_mistakes_of_all_kinds_are_told_together_with_their_lines() -> None:
    """Syntax, an unknown key, a wrong type, a missing key and a contradiction in one go."""
    text = (
        'threshold = 0\ndays = "many"\nbroken = "\n[best]\nnmae = "x"\n'
        '[[part]]\nname = 3\n[[part]]\nname = "b"\npoint = 2\n'
    )

    assert mistakes(text) == [
        "my.toml, line 3: isn't valid TOML: Illegal character '\\n'.",
        "my.toml, line 2: wrong value in `days`: expected `int | null`, got `str`.",
        "my.toml, line 5: `nmae` is not a key in `best`. Did you mean `name`? Rename or remove it.",
        "my.toml, line 7: wrong value in `part[0].name`: expected `str`, got `int`.",
        "my.toml, line 10: `point` is not a key in `part[1]`. Did you mean `points`? Rename or remove it.",
        "my.toml, line 1: threshold = 0: give more.",
    ]


def test_a_missing_key_is_told_of_each_table_that_lacks_it() -> None:
    """Two parts without a name give two lines, at the tables' own lines."""
    assert mistakes("[[part]]\npoints = 1\n[[part]]\npoints = 2\n") == [
        "my.toml, line 1: the key `name` is missing in `part[0]`. Add it.",
        "my.toml, line 3: the key `name` is missing in `part[1]`. Add it.",
    ]


def test_an_array_that_never_ends_is_told_once_and_the_rest_is_read() -> None:
    """What stands before the broken place is looked at too."""
    found = mistakes("thresold = 3\nlist = [1,\n2,\n")
    assert len(found) == 2
    assert "isn't valid TOML" in found[0]
    assert "line 1: `thresold` is not a key. Did you mean `threshold`?" in found[1]


def test_sound_rules_are_read() -> None:
    """Whole numbers count as numbers with decimals."""
    assert decode_rules("threshold = 7\n[[part]]\nname = 'a'", Book, "x") == Book(threshold=7, part=(Part(name="a"),))
