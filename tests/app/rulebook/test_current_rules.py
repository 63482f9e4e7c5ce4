"""Which rules act, and how soon they do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app import wiring
from app.rulebook import live, store
from app.rulebook.current import current, take_up
from app.rulebook.files import FILES, mistakes, rule_file
from core.database import reading, writing
from core.errors import InputError
from core.settings import read_settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SCORING = rule_file("scoring")


def save(engine: Engine, text: str, file: str = "scoring") -> None:
    with writing(engine) as connection:
        assert store.add(connection, file, text, "saved", "anna@example.com", "tried", NOW)


def acts(engine: Engine, folder: Path | None) -> tuple[str, str]:
    """The text that acts, and where it is from."""
    with reading(engine) as connection:
        found = current(connection, SCORING, folder)
    return found.text, found.where


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_AGAIN_SECONDS", -1.0)


def test_whoever_spoke_last_counts_the_folder_or_a_person(any_engine: Engine, tmp_path: Path) -> None:
    """A changed file beats an older version; a version saved after it beats the file; a removed file is gone."""
    path = tmp_path / "scoring.toml"
    seen = [acts(any_engine, tmp_path)[1]]
    save(any_engine, "threshold = 50\n")
    seen.append(acts(any_engine, tmp_path)[0])
    path.write_text("threshold = 40\n")
    seen.append(acts(any_engine, tmp_path)[0])
    assert take_up(any_engine, tmp_path, NOW) == 1
    seen.append(acts(any_engine, tmp_path)[1])
    save(any_engine, "threshold = 55\n")
    assert take_up(any_engine, tmp_path, NOW) == 0
    seen.append(acts(any_engine, tmp_path)[0])
    path.write_text("threshold = 41\n")
    assert take_up(any_engine, tmp_path, NOW) == 1
    path.unlink()
    assert take_up(any_engine, tmp_path, NOW) == 1
    seen.append(acts(any_engine, tmp_path)[1])

    assert seen == [
        "built-in rules",
        "threshold = 50\n",
        "threshold = 40\n",
        "version 2",
        "threshold = 55\n",
        "version 5: the built-in rules",
    ]
    with reading(any_engine) as connection:
        told = [(one.number, one.by, one.source) for one in store.history(connection, "scoring")]
    assert told[1:] == [
        (4, "file", "file"),
        (3, "anna@example.com", "saved"),
        (2, "file", "file"),
        (1, "anna@example.com", "saved"),
    ]


def test_a_saved_version_acts_in_a_running_line(engine: Engine, tmp_path: Path) -> None:
    """The line's parts answer with the new threshold and the new cap, without a restart."""
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path)})
    parts = wiring.pipeline(settings, engine)._parts
    before = (parts.rules().scoring.threshold, parts.policy().most_a_day)

    save(engine, "threshold = 47\n")
    save(engine, "most_a_day = 9\n", "alerting")
    parts.known()

    assert before == (60, 3)
    assert (parts.rules().scoring.threshold, parts.policy().most_a_day) == (47, 9)
    assert wiring.rules(settings, engine).scoring.threshold == 47


def test_a_faulty_file_never_stops_a_running_line_nor_one_with_versions(engine: Engine, tmp_path: Path) -> None:
    """What was read last stays; a start with versions uses the newest; without any, the mistake is told."""
    path = tmp_path / "scoring.toml"
    path.write_text("threshold = 'high'\n")
    with pytest.raises(InputError, match=r"scoring\.toml, line 1"):
        live.LiveRules(engine, tmp_path).rules()
    path.write_text("threshold = 44\n")
    running = live.LiveRules(engine, tmp_path, takes_up=True)
    assert running.rules().scoring.threshold == 44

    path.write_text("threshold = 'very high'\n")
    running.look()

    assert running.rules().scoring.threshold == 44
    assert live.LiveRules(engine, tmp_path).rules().scoring.threshold == 44


def test_rules_are_read_without_tables_and_without_a_database(tmp_path: Path) -> None:
    """Before `dormouse init`, the folder and the built-in rules count."""
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path), "DORMOUSE_RULES_DIR": str(tmp_path)})
    (tmp_path / "scoring.toml").write_text("threshold = 43\n")
    assert wiring.rules(settings).scoring.threshold == 43
    assert wiring.rules(settings, wiring.engine(settings)).scoring.threshold == 43


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_built_in_rules_have_no_mistakes(file: object) -> None:
    """Each file's own text can be saved as it is."""
    assert [mistakes(each, each.built_in_text()) for each in FILES if each is file] == [()]


def test_every_mistake_has_its_line() -> None:
    """Contradictions are found by what they begin with, pages by their name."""
    text = 'half_life_days = 0\n[reading]\nopened = 4\n[[page]]\nname = "x"\npoints = 3\npaths = []\n'
    assert [one.line for one in mistakes(SCORING, text)] == [1, 2, 5]


def test_wrong_keys_and_contradictions_are_told_together() -> None:
    """In scoring and dormancy alike: whoever mends a file sees everything at once."""
    scoring = mistakes(SCORING, "treshold = 3\nhalf_life_days = 0\n[past]\nat_most = 'x'\n")
    dormancy = mistakes(rule_file("dormancy"), "[criteria]\npurchse = 3\n[rhythm]\noverdue = 0.5\n")
    assert [one.line for one in scoring] == [1, 2, 4]
    assert [one.line for one in dormancy] == [1, 2, 4]
    assert [one.line for one in mistakes(rule_file("alerting"), "most_a_da = 3\n[digest]\nweekly = 'noon'\n")] == [1, 3]
