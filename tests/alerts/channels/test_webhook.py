"""Standard Webhooks: signatures by the specification's vector, its schedule, its codes, through the outbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from alert_signals import full_briefing, numbered
from channel_benches import KEY, SECRET, link
from slack_stand_in import SlackStandIn
from sqlalchemy import Engine, select
from web_stand_in import Post as Arrived
from web_stand_in import WebStandIn

import alerts.store as store
from alerts.channels.protocol import Channel
from alerts.channels.slack import SlackChannel
from alerts.channels.webhook import RETRIES, WebhookChannel, signature
from alerts.decide import Context, decide
from alerts.deliveries import log_store as log
from alerts.deliveries.store import DeliveryQueue, dead_letters, retry_dead
from alerts.outbox import Outbox
from alerts.tables import deliveries
from core.alerting import Alert
from core.clock import now
from core.database import reading, writing
from core.domain import DeliveryId

HOOK = "webhook:1"


class Hands:
    """An outbox that is turned by hand, with a clock that is set by hand."""

    def __init__(self, engine: Engine, *others: Channel, url: str) -> None:
        self.now = now()
        self.engine = engine
        channel = WebhookChannel(
            name=HOOK, url=url, secret=SECRET, source="https://dormouse.example.com", links=link, timeout=1,
            now=lambda: self.now,
        )  # fmt: skip
        channels = {one.name: one for one in (channel, *others)}
        self.outbox = Outbox(DeliveryQueue(engine), channels, lambda: self.now, "test", jitter=lambda low, high: low)

    def turn(self, later: timedelta = timedelta()) -> None:
        self.now += later
        self.outbox.run_due()
        assert self.outbox.settle()

    def alert(self, number: int = 1) -> Alert:
        made = decide(numbered(number), full_briefing(), Context(), numbered(number).at)
        assert isinstance(made, Alert)
        with writing(self.engine) as connection:
            store.save(connection, [made], (HOOK,), self.now)
        return made

    def row(self) -> tuple[str, datetime]:
        with reading(self.engine) as connection:
            one = connection.execute(select(deliveries).where(deliveries.c.channel == HOOK)).one()
        return one.status, one.due_at


@pytest.fixture
def web() -> Iterator[WebStandIn]:
    with WebStandIn() as running:
        yield running


@pytest.fixture
def hands(engine: Engine, web: WebStandIn) -> Iterator[Hands]:
    made = Hands(engine, url=web.url)
    yield made
    made.outbox.close()


def _verified(post: Arrived) -> bool:
    """As a receiver does, by the specification's text."""
    signed = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    wanted = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return wanted in post.headers["webhook-signature"].split(" ")


def test_the_specifications_vector() -> None:
    """Our signature of the published example is the published one."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_arrives(hands: Hands, web: WebStandIn) -> None:
    """An alert is one signed CloudEvent with the account, the reasons and the words."""
    alert = hands.alert()
    hands.turn()
    (post,) = web.posts
    event = post.json
    assert _verified(post)
    assert (event["type"], event["specversion"]) == ("dormouse.alert.created.v1", "1.0")
    assert event["id"] == post.headers["webhook-id"]
    assert (event["data"]["alert"], event["data"]["account"]) == (alert.id, "C-1")
    assert [one["points"] for one in event["data"]["reasons"]] == [30.0, 20.4, 14.6]
    assert hands.row()[0] == "sent"


def test_three_failures_then_delivered(hands: Hands, web: WebStandIn) -> None:
    """A receiver that fails three times gets it the fourth time, by the schedule, under the same id."""
    web.answers.extend([(500, b"", {}), "reset", (302, b"", {"Location": "https://elsewhere.example"})])
    hands.alert()
    hands.turn()
    for wait in RETRIES[:3]:
        status, due_at = hands.row()
        assert status == "failed"
        assert wait <= (due_at - hands.now).total_seconds() <= wait + 2.1
        hands.turn(timedelta(seconds=wait - 1))  # not yet
        assert hands.row()[0] == "failed"
        hands.turn(timedelta(seconds=3.5))
    assert hands.row()[0] == "sent"
    assert len(web.posts) == 4
    assert len({post.headers["webhook-id"] for post in web.posts}) == 1
    assert len({post.headers["webhook-timestamp"] for post in web.posts}) == 4


def test_the_schedule_ends_and_replays(hands: Hands, web: WebStandIn) -> None:
    """After the last wait the event is dead, with each try in its log; a person sends it again."""
    web.usual = (500, b"broken", {})
    hands.alert()
    hands.turn()
    for wait in RETRIES:
        hands.turn(timedelta(seconds=wait + 3))
    assert (hands.row()[0], len(web.posts)) == ("dead", 10)
    with writing(hands.engine) as connection:
        (dead,) = dead_letters(connection)
        tried = log.tries(connection, DeliveryId(dead.id))
        assert [one.outcome for one in tried] == ["failed"] * 9 + ["dead"]
        assert tried[-1].error == "The webhook at 127.0.0.1 failed (500 broken)"
        assert retry_dead(connection, dead.id, hands.now)
    web.usual = (204, b"", {})
    hands.turn(timedelta(seconds=1))
    assert hands.row()[0] == "sent"
    assert web.posts[-1].headers["webhook-id"] == web.posts[0].headers["webhook-id"]


def test_each_change_is_an_event(hands: Hands, web: WebStandIn) -> None:
    """A claim, its undoing and a wrong company are events of their own, each under an id of its own."""
    alert = hands.alert()
    hands.turn()
    for act in ("claim", "undo", "wrong"):
        hands.now += timedelta(minutes=10)
        with writing(hands.engine) as connection:
            if act == "claim":
                given = store.claim(connection, alert.id, "anna@example.com", hands.now)
                assert given is not None
            elif act == "undo":
                store.undo(connection, given.id, hands.now)
            else:
                store.wrong_company(connection, alert.id, "jo@example.com", hands.now)
        hands.turn()
    types = [post.json["type"].split(".")[2] for post in web.posts]
    assert types == ["created", "claimed", "undone", "wrong"]
    assert [post.json["data"]["by"] for post in web.posts] == [
        "",
        "anna@example.com",
        "anna@example.com",
        "jo@example.com",
    ]
    assert len({post.headers["webhook-id"] for post in web.posts}) == 4


def test_growth_is_not_lost_in_a_doubt(hands: Hands, web: WebStandIn) -> None:
    """What grew while nobody knew whether the first event arrived follows: the repeat may be thrown away."""
    alert = hands.alert()
    web.answers.append("reset")
    hands.turn()
    with writing(hands.engine) as connection:
        store.claim(connection, alert.id, "anna@example.com", hands.now)
    hands.turn(timedelta(seconds=8))
    hands.turn(timedelta(seconds=61))
    ids = [post.headers["webhook-id"] for post in web.posts]
    assert ids[0] == ids[1] != ids[2]
    assert web.posts[2].json["data"]["note"]


def test_gone_is_switched_off_and_told(engine: Engine, web: WebStandIn) -> None:
    """After a 410 nothing more is posted, other channels tell of it, and a person lets it go on; nothing is lost."""
    with SlackStandIn() as slack:
        other = SlackChannel(token="t", fallback="#sales", api_url=slack.url, links=link, timeout=1, pace=0.0)
        hands = Hands(engine, other, url=web.url)
        web.answers.append((410, b"", {}))
        hands.alert(1)
        hands.turn()
        hands.alert(2)
        hands.turn(timedelta(hours=1))
        hands.turn(timedelta(days=30))
        assert len(web.posts) == 1
        (told,) = slack.messages
        assert "webhook:1 is paused" in told.shown and "410" in told.shown
        with writing(engine) as connection:
            (pause,) = log.pauses(connection)
            assert (pause.channel, pause.until) == (HOOK, None)
            log.end_pauses(connection)  # a restart doesn't let it go on
            assert log.resume(connection, HOOK, hands.now)
            assert not log.resume(connection, HOOK, hands.now)
        hands.turn()
        hands.outbox.close()
    assert len(web.posts) == 3


def test_asked_to_wait(hands: Hands, web: WebStandIn) -> None:
    """A Retry-After is kept to and uses up no try."""
    web.answers.append((429, b"", {"Retry-After": "120"}))
    hands.alert()
    hands.turn()
    assert round((hands.row()[1] - hands.now).total_seconds()) == 120
    with reading(hands.engine) as connection:
        (row,) = connection.execute(select(deliveries.c.attempts, deliveries.c.id)).all()
        assert row.attempts == 0
        assert [one.outcome for one in log.tries(connection, DeliveryId(row.id))] == ["waits"]


def test_the_log_is_bounded(hands: Hands) -> None:
    """Of a delivery that waits for weeks only the last tries are remembered."""
    with writing(hands.engine) as connection:
        for number in range(log.KEPT + 5):
            log.note(connection, DeliveryId("d"), hands.now, "waits", str(number))
        kept = log.tries(connection, DeliveryId("d"))
    assert (len(kept), kept[0].n, kept[-1].n) == (log.KEPT, 6, log.KEPT + 5)


def test_a_redirect_is_not_followed_and_an_endless_answer_not_read(hands: Hands, web: WebStandIn) -> None:
    """Only the operator's own address is ever asked, and only the beginning of an answer read."""
    with WebStandIn() as elsewhere:
        web.answers.append((307, b"", {"Location": elsewhere.url}))
        web.answers.append((500, b"x" * 5_000_000, {}))
        hands.alert()
        hands.turn()
        hands.turn(timedelta(seconds=10))
        assert elsewhere.posts == []
    with reading(hands.engine) as connection:
        error = connection.execute(select(deliveries.c.error)).scalar_one()
    assert len(error) < 300
