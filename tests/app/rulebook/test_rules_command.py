"""`dormouse rules`: show, check, test, save, history, restore, propose, accept."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from alerts.tables import alerts, feedback
from app.cli.main import dormouse
from app.rulebook import proposing, store
from app.rulebook.changes import changed
from app.rulebook.files import rule_file
from core import clock
from core.database import reading, writing
from core.ids import derived
from core.settings import read_settings


@pytest.fixture
def home(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose database is the engine's, and a folder for files."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", engine.url.render_as_string())
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    """Exit code, and all that was said."""
    done = CliRunner().invoke(dormouse, ["rules", *words])
    return done.exit_code, done.output + (str(done.exception) if done.exception else "")


def test_rules_are_checked_tested_saved_and_restored(home: Path) -> None:
    """The whole way of a change by the command line."""
    path = home / "scoring.toml"
    path.write_text("treshold = 3\nhalf_life_days = 0\n")
    code, said = run("check", str(path))
    assert code == 1
    assert f"{path}, line 1: `treshold` is not a key. Did you mean `threshold`?" in said
    path.write_text("threshold = 50\n")
    assert run("check", str(path)) == (0, f"{path}: no mistakes\n")
    assert "Would have fired 0 times in 30 days (now: 0)." in run("test", str(path))[1]
    code, said = run("test", str(path), "--json", "--days", "7")
    assert json.loads(said)["candidate"]["fired"] == 0

    assert "say why" in run("save", str(path), "--why", " ")[1]
    code, said = run("save", str(path), "--why", "more alerts", "--by", "anna@example.com")

    assert code == 0
    assert "scoring.toml version 1 acts; undo: dormouse rules restore scoring 0" in said
    assert "nothing was saved" in run("save", str(path), "--why", "again")[1]
    assert run("show", "scoring") == (0, "threshold = 50\n")
    assert "version 1" in run("show")[1]
    assert run("restore", "scoring", "0")[1] == "scoring.toml version 2 acts: the built-in rules again\n"
    code, said = run("history", "scoring", "--diff")
    assert "anna@example.com: more alerts" in said
    assert [line.strip() for line in said.splitlines() if line.strip()[:1] in "+-"] == [
        *("-threshold = 50", "+threshold = 60"),
        *("-threshold = 60", "+threshold = 50"),
    ]  # what the file leaves out is as it was built in
    assert "has no version 9" in run("restore", "scoring", "9")[1]
    assert "there are no rules called 'nothing'" in run("show", "nothing")[1]


def test_a_diff_names_the_values_that_changed_pages_by_their_names() -> None:
    """A page of one's own, a built-in one changed, a route: each by its key; a file that says nothing new is none."""
    text = '[[page]]\nname = "ours"\npoints = 3\npaths = ["ours"]\n\n[trigger.pricing]\nseconds = 20\n'
    found = changed(rule_file("scoring"), "", text)
    assert {"-trigger.pricing.seconds = 30", "+trigger.pricing.seconds = 20", "+page[ours].points = 3"} <= set(found)
    assert [line for line in found if line.startswith("-")] == ["-trigger.pricing.seconds = 30"]
    for name in ("scoring", "dormancy", "alerting"):
        file = rule_file(name)
        assert changed(file, file.built_in_text(), "# nothing of our own\n") == ()
    assert changed(rule_file("scoring"), "threshold = 5", "treshold = 6") == ("-threshold = 5", "+treshold = 6")


def planted(engine: Engine, number: int, useless: str) -> None:
    """So many alerts over 24 weeks with feedback; those with pages of the class `useless` were seldom useful."""
    dice, now = random.Random(7), clock.now()
    told, said = [], []
    for at in range(number):
        seen = [name for name in ("pricing", "product", "spare-parts", "docs") if dice.random() < 0.5] or ["pricing"]
        chance = 0.5 if not useless else 0.1 if useless in seen else 0.85
        why = [{"text": name, "points": 15.0, "code": f"page:{name}", "ref": ""} for name in seen]
        why.append({"text": "First visit", "points": 20.0, "code": "first_visit", "ref": ""})
        when = now - timedelta(weeks=24) * (number - at) / number
        told.append(
            {
                "id": derived("a", at),
                "account": f"C-{at}",
                "visit": derived("v", at),
                "site": "shop.example.com",
                "at": when,
                "created_at": when,
                "score": 15.0 * len(seen) + 20,
                "why": why,
                "backfill": False,
                "to": "",
                "message": {},
                "version": 1,
            }
        )
        kind = "claimed" if dice.random() < chance else "not_useful"
        said.append({"id": derived("f", at), "alert": derived("a", at), "kind": kind, "by": "jo", "at": when})
    with writing(engine) as connection:
        connection.execute(alerts.insert(), told)
        connection.execute(feedback.insert(), said)


def test_feedback_proposes_and_a_person_accepts(home: Path, engine: Engine) -> None:
    """The useless class is lowered, with the figures as the reason; nothing acts before somebody accepts."""
    planted(engine, 300, "spare-parts")
    code, said = run("propose")
    assert code == 0
    assert "spare-parts 20 → " in said
    with reading(engine) as connection:
        (draft,) = store.proposals(connection)
        assert store.heads(connection) == {}
    assert f"dormouse rules accept {draft.id}" in said
    assert proposing.propose(read_settings(), engine, clock.now()).draft == draft.id

    code, said = run("accept", draft.id, "--by", "anna@example.com")

    assert "scoring.toml version 1 acts" in said
    with reading(engine) as connection:
        kept = store.newest(connection, "scoring")
    assert kept is not None
    assert (kept.by, kept.source, kept.why) == ("anna@example.com", "proposal", draft.why)
    assert "of the best" in kept.why


def test_feedback_without_a_pattern_proposes_nothing(home: Path, engine: Engine) -> None:
    """Random feedback, and none at all."""
    assert "Too little feedback: 0 judged alerts" in run("propose")[1]
    planted(engine, 200, "")
    assert "let it act" not in run("propose")[1]
    with reading(engine) as connection:
        assert store.proposals(connection) == ()
