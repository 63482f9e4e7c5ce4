"""Changing values in a rule file's text."""

from __future__ import annotations

import pytest

from app.rulebook import forms
from app.rulebook.files import FILES, RuleFile, rule_file
from app.rulebook.toml_edit import with_values
from core.errors import InputError

TEXT = '# mine\nthreshold = 60  # points\n\n[past]\nat_most = 20\n\n[[page]]\nname = "x"\npoints = 3\npaths = ["x"]\n'


def test_only_the_value_changes_comments_stay() -> None:
    """At its line; new keys go into their table, new tables to the end."""
    changed = with_values(
        TEXT, {("threshold",): 47.5, ("past", "more"): True, ("half_life_days",): 3, ("surge", "points"): 1}
    )
    assert changed == (
        "# mine\nthreshold = 47.5  # points\nhalf_life_days = 3\n\n[past]\nmore = true\nat_most = 20\n\n"
        '[[page]]\nname = "x"\npoints = 3\npaths = ["x"]\n\n[surge]\npoints = 1\n'
    )
    assert with_values(TEXT, {("past", "at_most"): None}) == TEXT.replace("at_most = 20\n", "")


def test_what_is_written_in_another_way_is_left_to_a_person() -> None:
    """Inline tables and dotted keys are never guessed at."""
    for text in ("past = { at_most = 3 }\n", "past.at_most = [\n3]\n"):
        with pytest.raises(InputError, match="change it in the text"):
            with_values(text, {("past", "at_most"): 4})


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_an_unchanged_form_changes_nothing(file: RuleFile) -> None:
    """Every value of the form is read back as it was."""
    text = file.built_in_text()
    same = {field.key: field.value for group in forms.groups(file, text) for field in group.fields}
    assert len(same) > 3 or file.name == "segments"  # a list of tables, which is text
    assert forms.changed_text(file, text, same) == text


def test_a_built_in_page_class_is_copied_to_be_changed() -> None:
    """An own file that names few values gets the whole class, and its cap follows the points."""
    scoring = rule_file("scoring")
    text = forms.changed_text(scoring, "threshold = 50\n", {"page-class:pricing": "44"})
    rules = scoring.read(text, "x")
    assert rules.threshold == 50  # type: ignore[attr-defined]
    pricing = rules.page_class("/preise").rule  # type: ignore[attr-defined]
    assert (pricing.name, pricing.points, pricing.at_most, pricing.commercial) == ("pricing", 44, 44, True)
