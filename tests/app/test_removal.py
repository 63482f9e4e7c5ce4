"""With a site's or the demo's alerts go their verdicts, and the digests that name their customers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from line_world import FREIGHT, FREIGHT_IP, NOON, SITE, fill, line, page
from sqlalchemy import Engine, insert, select, update

import alerts.store
from alerts.buttons import Button
from alerts.notices import store as notice_store
from alerts.notices.notice import Notice, NoticeKind, NoticeText, Row, Section
from alerts.shadow.tables import shadow_verdicts
from alerts.tables import deliveries, notices
from app import expiry_queries
from app.pipeline import Batch
from app.removal_queries import remove_demo_traces, remove_site_traces
from core.clock import at
from core.database import reading, writing
from core.domain import AlertId, SiteId, VisitId
from enrichment.tables import accounts, judgements

DAY = timedelta(days=1)


class World:
    """One alert, its verdict, and messages that name its customer."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        fill(engine)
        self.engine = engine
        views = [page(path, ip=FREIGHT_IP, seconds=90, name=path) for path in ("/pricing", "/request-quote")]
        result = line(engine, folder, at(NOON)).run(Batch(views=views))
        self.alert: AlertId = result.alerts[0].id
        self.visit: VisitId = result.visits[0].visit.id
        with writing(engine) as connection:
            values = {"alert": self.alert, "verdict": "right", "by": "anna@example.com", "at": NOON}
            connection.execute(insert(shadow_verdicts).values(values))

    def say(self, id: str, kind: NoticeKind, text: str, subject: str = "", later: timedelta = DAY) -> None:
        row = Row(text=text, buttons=(Button(action="timeline", subject=subject),) if subject else ())
        words = NoticeText(push=text, title="", sections=(Section(label="", rows=(row,)),))
        with writing(self.engine) as connection:
            one = Notice(id=id, kind=kind, to="boss@example.com", at=NOON + later, text=words)
            notice_store.save(connection, one, ("preview",), NOON)

    def left(self) -> set[str]:
        with reading(self.engine) as connection:
            kept = set(connection.execute(select(notices.c.id)).scalars())
            sent = set(connection.execute(select(deliveries.c.alert).where(deliveries.c.is_notice)).scalars())
        assert kept == sent
        return kept

    def verdicts(self) -> list[str]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(shadow_verdicts.c.alert)).scalars())


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> World:
    return World(any_engine, tmp_path)


def test_a_site_takes_digests_and_verdicts_with_it(world: World) -> None:
    """What names its alerts, questions or week's customers goes, with its deliveries; the rest stays."""
    world.say("call", "digest", "Nordwind", world.alert)
    world.say("judge", "digest", "Is this Nordwind?", world.visit)
    world.say("week", "weekly", "Nordwind Maschinenbau GmbH · for Anna")
    world.say("earlier week", "weekly", "Nordwind Maschinenbau GmbH · for Anna", later=-DAY)
    world.say("other", "digest", "Another", "a-2")
    world.say("other week", "weekly", "Another · for Anna")
    world.say("pause", "admin", "Slack is paused")
    with writing(world.engine) as connection:
        remove_site_traces(connection, SiteId(SITE))
        assert alerts.store.alert_row(connection, world.alert) is None
        assert connection.execute(select(judgements.c.visit)).all() == []
    assert world.left() == {"earlier week", "other", "other week", "pause"}
    assert world.verdicts() == []


def test_another_site_takes_nothing(world: World) -> None:
    """Only what is about the site goes."""
    world.say("call", "digest", "Nordwind", world.alert)
    world.say("week", "weekly", "Nordwind Maschinenbau GmbH · for Anna")
    with writing(world.engine) as connection:
        remove_site_traces(connection, SiteId("other.example.com"))
    assert world.left() == {"call", "week"}
    assert world.verdicts() == [world.alert]


def test_the_demo_takes_rows_about_its_accounts(world: World) -> None:
    """A digest that says a demo account is slipping goes with the demo, though no alert was told in it."""
    world.say("slipping", "digest", "Nordwind", FREIGHT)
    world.say("other", "digest", "Another", "C-9")
    with writing(world.engine) as connection:
        connection.execute(update(accounts).where(accounts.c.id == FREIGHT).values(is_demo=True))
        remove_demo_traces(connection)
    assert world.left() == {"other"}


def test_a_digest_that_cant_be_read_goes(world: World) -> None:
    """Nobody can tell whom it names, and it doesn't keep the rest from being removed."""
    world.say("broken", "digest", "Nordwind", world.alert)
    world.say("call", "digest", "Nordwind", world.alert)
    with writing(world.engine) as connection:
        connection.execute(update(notices).where(notices.c.id == "broken").values(text={"push": 7}))
        remove_site_traces(connection, SiteId(SITE))
    assert world.left() == set()


def test_verdicts_have_their_own_clock(world: World) -> None:
    """One goes by when it was given, though its alert is gone or was made later."""
    with writing(world.engine) as connection:
        assert expiry_queries.expire_verdicts(connection, NOON) == 0
        assert expiry_queries.expire_verdicts(connection, NOON + DAY) == 1
    assert world.verdicts() == []
