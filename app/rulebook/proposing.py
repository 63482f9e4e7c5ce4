"""Feedback in, a proposal out: page-class weights that did better on weeks they weren't fitted to. A person accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from app.rulebook import backtest, forms, queries_replay, store, versions
from app.rulebook.current import acting
from app.rulebook.files import mistakes, rule_file
from app.rulebook.learning import Learned, learn
from core.database import reading, writing
from core.settings import Settings
from enrichment.intent.rules import read_scoring

BY_FEEDBACK = "feedback"
LOOK_BACK = timedelta(days=365)
MOST_ALERTS = 3_000
MOST_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What came of looking at the feedback."""

    said: str
    """The finding as sentences."""
    draft: str | None
    """The id of the proposal; None when nothing is proposed."""


def propose(
    settings: Settings,
    engine: Engine,
    now: datetime,
    *,
    days: int = backtest.DAYS,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Proposed:
    """Look at all feedback of a year and keep a proposal with its back-test, or say why there is none."""
    with reading(engine) as connection:
        judged = queries_replay.judged_alerts(connection, now - LOOK_BACK, MOST_ALERTS)
    found = learn(judged)
    if isinstance(found, str):
        return Proposed(said=found, draft=None)
    if not found.factors:
        return Proposed(said=f"Feedback on {found.trained_on} alerts asks for no other weights.", draft=None)
    file = rule_file("scoring")
    text = acting(engine, file, settings.rules_dir).text
    known = {page.rule.name: page.rule.points for page in read_scoring(text).pages}
    points = {
        name: round(known[name] * factor * 2) / 2 for name, factor in found.factors.items() if known.get(name, 0.0) > 0
    }
    changes = ", ".join(f"{name} {known[name]:g} → {worth:g}" for name, worth in sorted(points.items()))
    said = why(found, changes)
    if not found.is_better or not points:
        return Proposed(said=f"Nothing is proposed. {said}", draft=None)
    changed = forms.with_page_points(text, points, scale_caps=True)
    if mistakes(file, changed):
        return Proposed(said=f"Nothing is proposed: {changes} would make rules with mistakes.", draft=None)
    with reading(engine) as connection:
        same = [one for one in store.proposals(connection) if one.text == changed]
    if same:
        return Proposed(said=same[0].why, draft=same[0].id)
    test = versions.test(settings, engine, file, changed, now, days=days, most_seconds=MOST_SECONDS, progress=progress)
    with writing(engine) as connection:
        key = store.add_draft(
            connection, file.name, changed, "proposal", BY_FEEDBACK, now, why=said, backtest=backtest.to_data(test)
        )
    return Proposed(said=said, draft=key)


def why(found: Learned, changes: str) -> str:
    """Return the figures behind a proposal, as they go into the history."""
    return (
        f"Feedback on {found.trained_on} alerts asks for {changes}. On {found.held_out} later alerts (from "
        f"{found.since:%Y-%m-%d} on), which were not used for that, {found.after:.0%} of the best {found.k} were "
        f"useful instead of {found.before:.0%}: {found.gain * 100:+.0f} points, give or take "
        f"{(found.gain - found.at_least) * 100:.0f}."
    )
