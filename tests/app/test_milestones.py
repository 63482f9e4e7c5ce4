"""What is new after an alert: told in its thread, each thing once, through the line and to Slack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import NOON, PUMPS_IP_TOO, fill, line, page
from slack_stand_in import SlackStandIn
from sqlalchemy import Engine, select

from alerts.channels.slack import SlackChannel
from alerts.deliveries.store import DeliveryQueue
from alerts.outbox import Outbox
from alerts.tables import deliveries, notices
from app.pipeline import Batch
from core.database import reading
from core.domain import IdentityClue, PageView


@pytest.fixture
def world(engine: Engine) -> Engine:
    fill(engine)
    return engine


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as running:
        yield running


class _Day:
    """The line and the outbox on a day whose clock a test sets."""

    def __init__(self, engine: Engine, folder: Path, slack: SlackStandIn) -> None:
        self.now = NOON
        self._line = line(engine, folder, lambda: self.now, channels=("slack",))
        channel = SlackChannel(
            token="xoxb-test",
            fallback="#sales",
            api_url=slack.url,
            links=lambda alert, action, choice="": f"https://dormouse.example.com/{action}",
            timeout=2,
            pace=0.0,
        )
        self._outbox = Outbox(DeliveryQueue(engine), {"slack": channel}, lambda: self.now, "test")

    def at(self, moment: datetime, *views: PageView) -> None:
        self.now = moment
        if views:
            self._line.run(Batch(views=views))
        for _ in range(3):  # the alert goes first, then what stands in its thread
            self._outbox.run_due()
            self._outbox.settle()

    def close(self) -> None:
        self._outbox.close()


def _said(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        found = connection.execute(select(notices).order_by(notices.c.at, notices.c.id)).all()
    assert all(row.kind == "milestone" and row.alert for row in found)
    return [row.text["sections"][0]["rows"][0]["text"] for row in found]


def test_thirty_pages_are_one_message(world: Engine, tmp_path: Path, slack: SlackStandIn) -> None:
    """Thirty page views in a visit: one message, at most three edits, what is new in its thread, each thing once."""
    day = _Day(world, tmp_path, slack)
    for number in range(30):
        moment = NOON + timedelta(seconds=25 * number)
        path = "/contact" if number == 20 else "/pricing" if number == 0 else f"/products/x{number}"
        day.at(moment + timedelta(seconds=24), page(path, at=moment, seconds=40 if number == 0 else 20))
    for minute in range(14, 120, 5):
        day.at(NOON + timedelta(minutes=minute))
    day.close()

    (message,) = [one for one in slack.messages if not one.thread]
    assert len(message.edits) <= 3
    assert "30 pages" in message.shown and "contact form opened" in message.shown
    in_thread = [one for one in slack.messages if one.thread]
    assert [one.thread for one in in_thread] == [message.ts]
    assert [one.shown for one in in_thread] == ["contact form opened 12:08"]


def test_others_and_coming_back(world: Engine, tmp_path: Path, slack: SlackStandIn) -> None:
    """A second visitor and a return within the cool-down are told in the thread, once, and cause no new alert."""
    day = _Day(world, tmp_path, slack)
    day.at(NOON + timedelta(minutes=1), page(seconds=60))
    second = NOON + timedelta(minutes=9)
    for seconds in (30, 60, 90):
        views = page(ip=PUMPS_IP_TOO, visitor="visitor-2", at=second, seconds=seconds)
        day.at(second + timedelta(seconds=seconds), views)
    later = NOON + timedelta(hours=3, minutes=20)
    clue = IdentityClue(kind="form_domain", value="hartmann.example", at=later)
    day.at(later + timedelta(minutes=1), page("/contact", at=later, seconds=50, name="later", clues=(clue,)))
    day.at(later + timedelta(minutes=2), page("/contact", at=later, seconds=59, name="later", clues=(clue,)))
    day.close()

    assert sorted(_said(world)) == ["2nd visitor 12:09", "came back after 3 h, 15:20", "form sent 15:20"]
    alone = [one for one in slack.messages if not one.thread]
    assert len(alone) == 1
    assert len(slack.messages) == 4


def test_what_is_held_or_history_has_no_thread(world: Engine, tmp_path: Path, slack: SlackStandIn) -> None:
    """What was found in history is nobody's news, however it goes on."""
    day = _Day(world, tmp_path, slack)
    day.at(NOON + timedelta(hours=5), page(seconds=60, late=timedelta(hours=5)))
    day.at(
        NOON + timedelta(hours=5, minutes=1),
        page(ip=PUMPS_IP_TOO, visitor="visitor-2", seconds=60, at=NOON + timedelta(minutes=5), late=timedelta(hours=5)),
    )
    day.close()
    assert _said(world) == []
    with reading(world) as connection:
        assert connection.execute(select(deliveries.c.id)).all() == []
