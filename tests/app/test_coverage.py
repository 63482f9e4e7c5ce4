"""The funnel adds up to 100 % at every step, whatever happened; command, API and page say the same."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import NOW, dashboard, logged_in
from seed import SITE, seed
from sqlalchemy import Engine

from app.api import keys
from app.dashboard import queries_losses
from app.dashboard.coverage import coverage
from app.dashboard.funnel import STAGES, Outcome, bucket, counted, stages
from core.alerting import Silence
from core.database import reading, writing
from core.domain import DropReason

OUTCOMES = st.builds(
    Outcome,
    visit_drop=st.sampled_from([None, None, "bot_automation", "bot_declared"]),
    drop=st.sampled_from([None, None, *(reason.value for reason in DropReason)]),
    judged=st.booleans(),
    recognised=st.booleans(),
    dormant=st.sampled_from([None, True, False]),
    silence=st.sampled_from([None, *(silence.value for silence in Silence)]),
    alerted=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(OUTCOMES, st.integers(1, 1000)), max_size=40))
def test_every_step_adds_up(visits: list[tuple[Outcome, int]]) -> None:
    """What came to a step is what went on plus its losses; each visit is in one bucket; the steps follow each other."""
    found = stages(counted(visits))
    assert [stage.name for stage in found] == list(STAGES)
    assert found[0].before == sum(count for _, count in visits)
    left = found[0].before
    for stage in found:
        assert stage.before == left
        assert stage.before == stage.after + sum(loss.count for loss in stage.losses)
        left = stage.after
    assert left == sum(count for outcome, count in visits if bucket(outcome) == ("", "alerted"))


@pytest.mark.parametrize("site", ["", SITE, "shop.example.com"])
def test_each_bucket_opens_as_many_rows_as_it_counts(any_engine: Engine, site: str) -> None:
    """For all websites and for each: every loss has its rows."""
    seed(any_engine, NOW)
    since = NOW - timedelta(days=29)
    with reading(any_engine) as connection:
        found = coverage(connection, since, site)
        for step in found.steps:
            assert step.before == step.after + sum(loss.count for loss in step.losses)
            if step.before:
                assert step.share + sum(loss.share for loss in step.losses) == pytest.approx(1, abs=0.001)
            for loss in step.losses if step.unit == "visits" else ():
                assert queries_losses.count_bucket(connection, loss.reason, since, site) == loss.count
    assert (found.steps[0].before > 0) == (site != "shop.example.com")


def test_command_api_and_page_say_the_same(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One module counts for all three."""
    seed(engine, NOW)
    app = dashboard(engine, tmp_path)
    with writing(engine) as connection:
        key = keys.add(connection, "figures", ("read",), NOW)[1]
    answer = app.test_client().get("/api/v1/coverage?days=30", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    page = logged_in(app).get("/losses").get_data(as_text=True)
    for step in answer.json["steps"]:  # type: ignore[index]
        for loss in step["losses"]:
            words = loss["words"].replace("'", "&#39;")
            assert f"−{loss['count']:,}</b> {words}" in page
    from app.cli import coverage as command
    from core import clock

    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", str(engine.url))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    said = CliRunner().invoke(command.show, ["--json"])
    assert json.loads(said.output) == answer.json
    assert "visits of dormant customers" in CliRunner().invoke(command.show, []).output
