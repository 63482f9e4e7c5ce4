"""Alerts that a later look contradicts are taken back: by Dormouse, not by a person, and stand again when it was so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import FREIGHT, FREIGHT_IP, NOON, PUMPS, fill, line, page
from sqlalchemy import Engine, select

import alerts.store
from alerts.buttons import Button
from alerts.notices import store as notices
from alerts.notices.notice import Notice, NoticeText, Row, Section
from alerts.store import AlertRow
from app import actions
from app.dashboard.queries_verdicts import judged_answers
from app.pipeline import Batch, Pipeline
from core.alerting import BY_ITSELF
from core.clock import at
from core.database import reading, writing
from core.domain import VisitId
from enrichment.company.store import verdicts
from enrichment.network import store as network_store
from enrichment.tables import account_states, judgements

RANGE = "198.51.100.64/28"
LATER = NOON + timedelta(minutes=10)


class World:
    """A visit that led to an alert about one customer, from a network that may turn out to be another's."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        fill(engine)
        self.engine, self.folder = engine, folder
        views = [page(path, ip=FREIGHT_IP, seconds=90, name=path) for path in ("/pricing", "/request-quote")]
        result = self.line(NOON).run(Batch(views=views))
        self.alert, self.visit = result.alerts[0].id, result.visits[0].visit.id

    def line(self, now: datetime) -> Pipeline:
        return line(self.engine, self.folder, at(now))

    def learn(self, account: str | None, minute: int) -> int:
        """It is found out whose the network is; the visit is judged again. Returns the new alerts."""
        now = LATER + timedelta(minutes=minute)
        with writing(self.engine) as connection:
            if account:
                network_store.declare(connection, RANGE, account, "Hartmann", now=now)  # type: ignore[arg-type]
            else:
                network_store.remove(connection, RANGE, PUMPS)
        return len(self.line(now).rejudge([VisitId(self.visit)]).alerts)

    def row(self) -> AlertRow:
        with reading(self.engine) as connection:
            found = alerts.store.alert_row(connection, self.alert)
        assert found is not None
        return found

    def standing(self) -> list[tuple[str, str]]:
        return [(each.kind, each.by) for each in self.row().feedback if each.undone_at is None]

    def states(self) -> dict[str, str]:
        with reading(self.engine) as connection:
            rows = connection.execute(select(account_states.c.account, account_states.c.state))
            return {row.account: row.state for row in rows}


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> World:
    return World(any_engine, tmp_path)


def test_a_contradicted_alert_is_withdrawn(world: World) -> None:
    """Its message says so, its account sleeps again, the right one is told of; no person's verdict is counted."""
    assert world.states()[FREIGHT] == "awake"
    assert world.learn(PUMPS, 0) == 1
    assert world.standing() == [("wrong_company", BY_ITSELF)]
    assert world.row().text.title == "Not Nordwind Maschinenbau GmbH"
    assert "closer look" in world.row().text.note
    assert world.states() == {FREIGHT: "dormant", PUMPS: "awake"}
    with reading(world.engine) as connection:
        assert (judged_answers(connection), verdicts(connection)) == ((), {})
    before = world.row()
    world.learn(PUMPS, 1)
    assert world.row() == before, "looked at again, nothing changes"


def test_it_stands_again_when_the_visit_is_theirs_after_all(world: World) -> None:
    """What was withdrawn by itself comes back by itself, since when it was so."""
    world.learn(PUMPS, 0)
    world.learn(None, 1)
    assert world.standing() == []
    assert world.row().text.title.startswith("Nordwind Maschinenbau GmbH is back")
    assert world.states()[FREIGHT] == "awake"
    with reading(world.engine) as connection:
        since = connection.execute(select(account_states.c.since).where(account_states.c.account == FREIGHT)).scalar()
    assert since == NOON, "since it woke, not since now"


def test_the_digest_that_told_of_it_says_so(world: World) -> None:
    """A rep who was told in the morning brief reads there that it was taken back, and that it stands again."""
    to, name = world.row().alert.to, "Nordwind"
    take = Row(text=name, buttons=(Button(action="claim", subject=world.alert),))
    text = NoticeText(push="", title="", sections=(Section(label="Call", rows=(take,)),))
    with writing(world.engine) as connection:
        digest = Notice(id="d", kind="digest", to=to, at=NOON, text=text)
        notices.save(connection, digest, ("preview",), NOON)

    def told() -> str:
        with reading(world.engine) as connection:
            found = notices.notice(connection, "d")
        assert found is not None
        return found.text.sections[0].rows[0].text

    world.learn(PUMPS, 0)
    assert told().startswith(f"{name} — ") and "closer look" in told()
    world.learn(None, 1)
    assert told() == name


def test_a_persons_word_stays(world: World) -> None:
    """Who said "wrong company" before isn't overruled when the visit is the account's again; nor said twice."""
    with writing(world.engine) as connection:
        alerts.store.wrong_company(connection, world.alert, "anna@example.com", LATER)
    world.learn(PUMPS, 1)
    world.learn(None, 2)
    assert world.standing() == [("wrong_company", "anna@example.com")]


def test_another_visit_keeps_the_account_awake(world: World) -> None:
    """Only what rested on this visit is taken back."""
    views = [page(path, ip="198.51.100.90", seconds=90, name=path, visitor="v2") for path in ("/pricing", "/contact")]
    world.line(NOON).run(Batch(views=views))
    world.learn(PUMPS, 0)
    assert world.standing() == [("wrong_company", BY_ITSELF)]
    assert world.states()[FREIGHT] == "awake"


def test_nobody_takes_a_withdrawn_alert(world: World) -> None:
    """It says why; undoing it asks for whose the visit was."""
    world.learn(PUMPS, 0)
    for action in ("claim", "undo"):
        with writing(world.engine) as connection:
            done = actions.ACTS[action](connection, world.alert, "anna@example.com", LATER)
        assert done is not None and done.refused
    assert world.standing() == [("wrong_company", BY_ITSELF)]
    with reading(world.engine) as connection:
        assert list(connection.execute(select(judgements.c.account)).scalars()) == [PUMPS]


def test_a_visit_as_before_withdraws_nothing(world: World) -> None:
    """Judging again with nothing new leaves all as it was."""
    before = world.row()
    assert isinstance(world.line(LATER), Pipeline)
    world.line(LATER).rejudge([VisitId(world.visit)])
    assert (world.standing(), world.row().feedback) == ([], before.feedback)
