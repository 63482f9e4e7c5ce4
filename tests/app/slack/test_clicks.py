"""Clicks in Slack: whose they are, what they do, once, and what the clicker and the message say afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from line_world import FREIGHT, FREIGHT_IP, NOON, fill, line, page, rules
from pages import MovingClock, dashboard
from slack_clicks import SIGNING_SECRET, SlackWithPeople, click, form, headers
from sqlalchemy import Engine, select

import alerts.store
from alerts.channels.slack import SlackChannel
from alerts.deliveries.store import DeliveryQueue
from alerts.outbox import Outbox
from alerts.tables import feedback
from app.actions import ACTS
from app.pipeline import Batch
from app.slack import clicks
from app.slack.clicks import Clicks
from app.slack.people import People
from app.slack.tables import slack_clicks
from core.clock import at
from core.database import reading, writing
from core.domain import AlertId
from enrichment.enrich import Rules
from enrichment.tables import account_states


class World:
    """A dashboard that Slack calls, an alert, and what works clicks off."""

    def __init__(self, engine: Engine, folder: Path, slack: SlackWithPeople) -> None:
        fill(engine)
        self.engine, self.slack = engine, slack
        self.clock = MovingClock(NOON)
        views = [page(path, ip=FREIGHT_IP, seconds=90, name=path) for path in ("/pricing", "/request-quote")]
        (told,) = line(engine, folder, at(NOON), channels=("slack",)).run(Batch(views=views)).alerts
        self.alert = told.id
        self.app = dashboard(
            engine, folder, self.clock, slack_signing_secret=SIGNING_SECRET, slack_api_url=slack.url, slack_token="xoxb"
        )
        self.clicks = self.worker()

    def worker(self) -> Clicks:
        people = People("xoxb", self.slack.url)
        return Clicks(
            self.engine, people, self.clock, rules=rules, api_url=self.slack.url, public_url="https://d.example.com"
        )

    def press(self, action: str, by: str = "anna@example.com", subject: str = "", **more: Any) -> int:
        """Press a button a second after the last one, and let the worker do it."""
        self.clock.forward(seconds=1)
        user = self.slack.member(by) if "@" in by else by
        sent = click(
            action,
            subject or self.alert,
            user=user,
            at=f"{self.clock.at.timestamp():.6f}",
            response_url=self.slack.response_url,
            **more,
        )
        body = form(sent)
        client = self.app.test_client()
        assert client.post("/slack/interactivity", data=body, headers=headers(body, self.clock.at)).status_code == 200
        return self.clicks.work_off()

    def said(self) -> list[tuple[str, str]]:
        with reading(self.engine) as connection:
            query = select(feedback.c.kind, feedback.c.by).where(feedback.c.undone_at.is_(None)).order_by(feedback.c.at)
            return [(row.kind, row.by) for row in connection.execute(query)]

    def statuses(self) -> list[str]:
        with reading(self.engine) as connection:
            query = select(slack_clicks.c.status).order_by(slack_clicks.c.received_at)
            return list(connection.execute(query).scalars())


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> Iterator[World]:
    with SlackWithPeople() as slack:
        yield World(any_engine, tmp_path, slack)


def test_a_click_counts_for_whoever_pressed_it(world: World) -> None:
    """Not for whom the message was for; by e-mail address, as reps are known."""
    assert world.press("claim", "Jo@example.com") == 1
    assert world.said() == [("claimed", "jo@example.com")]
    assert (world.statuses(), world.slack.replies) == (["done"], [])
    with reading(world.engine) as connection:
        assert connection.execute(select(account_states.c.state)).scalars().all() == ["in_contact"]
    assert len(world.slack.calls("users.info")) == 1
    world.press("reached", "Jo@example.com")
    assert len(world.slack.calls("users.info")) == 1, "remembered"


def test_a_second_claim_is_told_to_its_clicker_alone(world: World) -> None:
    """Who was quicker, and when."""
    world.press("claim")
    world.press("claim", "jo@example.com")
    assert world.said() == [("claimed", "anna@example.com")]
    assert world.slack.replies == ["Anna took Nordwind Maschinenbau GmbH at 12:00 already."]
    with reading(world.engine) as connection:
        urls = connection.execute(select(slack_clicks.c.response_url)).scalars().all()
    assert urls == ["", ""], "the address for answers is forgotten"


def test_a_stranger_cant_pass_for_somebody_else(world: World) -> None:
    """A user without an e-mail address stands under their name and id, whatever they call themselves."""
    world.press("claim", "U0EVIL", name="command line")
    assert world.said() == [("claimed", "command line (Slack U0EVIL)")]


def test_choices_of_a_menu_arrive(world: World) -> None:
    """The alert and the choice are parted again."""
    world.press("not_interested", choice="price")
    with reading(world.engine) as connection:
        row = alerts.store.feedback_of(connection, (AlertId(world.alert),))[AlertId(world.alert)][0]
    assert (row.kind, row.detail) == ("not_interested", "price")


def test_another_workspaces_click_does_nothing(world: World) -> None:
    """Even signed: it is acknowledged, noted, and no more."""
    world.press("claim", team="T9OTHER")
    assert (world.said(), world.statuses(), world.slack.replies) == ([], ["refused"], [])


def test_a_click_that_comes_to_nothing_says_so(world: World) -> None:
    """An alert that is gone; a button of a later version; an account that must be looked for."""
    world.press("claim", subject="gone")
    world.press("release", subject="gone")
    world.press("pick_account")
    world.press("left_because", subject=FREIGHT, choice="price")
    assert [reply.split(":")[0] for reply in world.slack.replies][:3] == [
        "Nothing was done",
        "This button isn't known here any more.",
        "Find the account here",
    ]
    assert f"https://d.example.com/alerts/{world.alert}/who" in world.slack.replies[2]
    assert world.slack.replies[3].startswith("Kept: ")


def test_slack_away_keeps_the_click_for_later(world: World) -> None:
    """Who clicked can't be asked: the click waits, and is done once, later; after some tries under the Slack name."""
    world.slack.fault("users.info", "server_error", times=1)
    assert world.press("claim") == 0
    assert (world.said(), world.statuses()) == ([], ["waiting"])
    world.clock.forward(seconds=5)
    assert world.clicks.work_off() == 1
    assert world.said() == [("claimed", "anna@example.com")]

    world.slack.fault("users.info", "server_error", times=9)
    world.press("meeting", "jo@example.com", name="jo")
    for _ in range(8):
        world.clock.forward(seconds=60)
        world.clicks.work_off()
    assert [by for kind, by in world.said() if kind == "meeting"] == [
        f"jo (Slack {world.slack.member('jo@example.com')})"
    ]


def test_two_workers_do_a_click_once(world: World) -> None:
    """The database is the referee."""
    user = world.slack.member("anna@example.com")
    body = form(click("no_answer", world.alert, user=user, choice="1d"))
    world.app.test_client().post("/slack/interactivity", data=body, headers=headers(body, world.clock.at))
    workers = [world.worker() for _ in range(4)]
    done: list[int] = []
    threads = [threading.Thread(target=lambda each=each: done.append(each.work_off())) for each in workers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (sum(done), world.said()) == (1, [("no_answer", "anna@example.com")])


def test_the_message_is_edited(world: World) -> None:
    """What was pressed stands in the message that everybody sees."""
    channel = SlackChannel(
        token="xoxb",
        fallback="#sales",
        api_url=world.slack.url,
        links=lambda _alert, _action, _choice="": "https://d.example.com",
    )
    outbox = Outbox(DeliveryQueue(world.engine), {"slack": channel}, world.clock, holder="test")
    _drain(outbox, world)
    assert len(world.slack.messages) == 1
    world.press("claim")
    world.clock.forward(seconds=2)
    _drain(outbox, world)
    (message,) = world.slack.messages
    assert len(message.edits) == 1 and "Anna took it 12:00" in message.shown


def _drain(outbox: Outbox, world: World) -> None:
    for _ in range(5):
        outbox.run_due()
        assert outbox.settle()
        world.clock.forward(seconds=2)


def test_a_failing_act_is_given_up_with_a_word(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again and again, then its clicker hears of it; the other clicks go on."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(clicks, "ACTS", {**ACTS, "won": broken})
    world.press("won")
    world.press("claim")
    for _ in range(8):
        world.clock.forward(seconds=60)
        world.clicks.work_off()
    assert sorted(world.statuses()) == ["done", "failed"]
    assert world.slack.replies == ["Not done: something failed here. Press the button again, or use the dashboard."]


def test_old_clicks_are_forgotten(world: World) -> None:
    """Within a day."""
    from app.slack import store

    world.press("claim")
    with writing(world.engine) as connection:
        assert store.expire(connection, NOON + timedelta(days=1)) == 1


def test_a_click_on_a_test_proves_the_way_back(world: World) -> None:
    """Its clicker hears that it arrived and as whose; nothing is done."""
    world.press("claim", subject="test-abc")
    assert world.slack.replies == ["It works: your click arrived, as anna@example.com's. Nothing was done."]
    assert world.said() == []


def test_slack_out_of_reach_keeps_no_click_waiting_for_ever(world: World) -> None:
    """The network's errors are Slack's, not the database's: other clicks go on, and after some tries it is done."""
    nowhere = People("xoxb", "http://127.0.0.1:9/api/")
    world.clicks = Clicks(world.engine, nowhere, world.clock, rules=rules, api_url=world.slack.url)
    assert world.press("claim", name="jo") == 0
    for _ in range(8):
        world.clock.forward(seconds=60)
        world.clicks.work_off()
    assert world.statuses() == ["done"]
    assert [by for _, by in world.said()] == [f"jo (Slack {world.slack.member('anna@example.com')})"]


def test_who_takes_longer_than_the_lease_does_nothing(world: World) -> None:
    """Another worker took the click meanwhile and did it: once, and the first one says nothing."""

    def slow() -> Rules:
        world.clock.forward(seconds=61)
        assert world.worker().work_off() == 1
        return rules()

    people = People("xoxb", world.slack.url)
    world.clicks = Clicks(world.engine, people, world.clock, rules=slow, api_url=world.slack.url)
    assert world.press("no_answer", choice="1d") == 0
    assert (world.said(), world.statuses()) == ([("no_answer", "anna@example.com")], ["done"])
