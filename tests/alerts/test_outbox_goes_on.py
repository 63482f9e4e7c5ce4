"""One delivery that can't be read, or fails as nobody expected, keeps no other waiting and comes to an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from alert_signals import full_briefing, numbered
from sqlalchemy import Engine, select, update
from structlog.testing import capture_logs

import alerts.store as store
from alerts.channels.preview import PreviewChannel
from alerts.decide import Context, decide
from alerts.deliveries.log_store import tries
from alerts.deliveries.post import Post
from alerts.deliveries.store import DeliveryQueue, retry_dead
from alerts.outbox import Outbox, Policy
from alerts.tables import alerts, deliveries
from core.alerting import Alert
from core.clock import monotonic, now
from core.database import reading, writing
from core.domain import DeliveryId

QUICK = Policy(attempts=3, first_wait=0.01, growth=1.0, longest_wait=0.01, doubt_wait=0.01, lease=5.0, poll=0.05)


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    """Tracebacks aren't drawn for a terminal, which takes seconds."""
    with capture_logs():
        yield


class Odd(PreviewChannel):
    """A channel that does what a test says before it sends."""

    recognises = False

    def __init__(self, before: Callable[[Post], None]) -> None:
        self._before = before
        self.asked = 0

    def send(self, post: Post, destination: str) -> str:
        self._before(post)
        return super().send(post, destination)

    def find(self, post: Post, destination: str) -> str | None:
        self.asked += 1
        return None


class Counted(DeliveryQueue):
    """Counts how often it is asked what is due."""

    asked = 0

    def due(self, *args: object) -> tuple[DeliveryId, ...]:
        self.asked += 1
        return super().due(*args)  # type: ignore[arg-type]


def _save(engine: Engine, count: int) -> list[Alert]:
    made = []
    for number in range(count):
        alert = decide(numbered(number), full_briefing(), Context(), numbered(number).at)
        assert isinstance(alert, Alert)
        with writing(engine) as connection:
            store.save(connection, [alert], ("preview",), now())
        made.append(alert)
    return made


def _delivery(engine: Engine, alert: Alert) -> tuple[DeliveryId, str, str, int]:
    with reading(engine) as connection:
        row = connection.execute(select(deliveries).where(deliveries.c.alert == alert.id)).mappings().one()
    return DeliveryId(row["id"]), row["status"], row["error"], row["attempts"]


def _until(engine: Engine, wanted: list[str]) -> None:
    until = monotonic() + 10
    while True:
        with reading(engine) as connection:
            found = sorted(connection.execute(select(deliveries.c.status)).scalars())
        if found == wanted:
            return
        assert monotonic() < until, found
        time.sleep(0.02)


def test_an_unreadable_message_is_given_up(any_engine: Engine) -> None:
    """The oldest message can't be read: it is dead with its error at once, and the others go out in the same round."""
    broken, *others = _save(any_engine, 3)
    with writing(any_engine) as connection:
        connection.execute(update(alerts).where(alerts.c.id == broken.id).values(message={"name": 7}))
    outbox = Outbox(DeliveryQueue(any_engine), {"preview": PreviewChannel()}, now, "test", QUICK)
    assert outbox.run_due() == 2
    outbox.close()
    id, status, error, _ = _delivery(any_engine, broken)
    assert (status, error) == ("dead", "its message can't be read: ValidationError")
    assert [_delivery(any_engine, other)[1] for other in others] == ["sent", "sent"]
    with reading(any_engine) as connection:
        assert [(one.outcome, one.error) for one in tries(connection, id)] == [("dead", error)]


def test_an_unreadable_message_can_be_mended(any_engine: Engine) -> None:
    """Put right by a later version of Dormouse, it goes out when a person says so."""
    (alert,) = _save(any_engine, 1)
    with writing(any_engine) as connection:
        connection.execute(update(alerts).values(message={"name": 7}))
    queue = DeliveryQueue(any_engine)
    outbox = Outbox(queue, {"preview": PreviewChannel()}, now, "test", QUICK)
    assert outbox.run_due() == 0
    with writing(any_engine) as connection:
        connection.execute(update(alerts).values(message=dict(alert.message)))
        assert retry_dead(connection, _delivery(any_engine, alert)[0], now())
    assert outbox.run_due() == 1
    outbox.close()
    assert _delivery(any_engine, alert)[1] == "sent"


def test_an_unexpected_failure_comes_to_an_end(any_engine: Engine) -> None:
    """A fault of ours is tried as often as any other failure, the channel asked before each; its type is kept."""

    def fail(_post: Post) -> None:
        raise KeyError("anna@example.com")

    (alert,) = _save(any_engine, 1)
    channel = Odd(fail)
    outbox = Outbox(DeliveryQueue(any_engine), {"preview": channel}, now, "test", QUICK)
    outbox.start()
    _until(any_engine, ["dead"])
    outbox.close()
    id, _, error, attempts = _delivery(any_engine, alert)
    assert (error, attempts, channel.asked) == ("unexpected KeyError: see the log", 3, 2)
    with reading(any_engine) as connection:
        assert [one.outcome for one in tries(connection, id)] == ["failed", "failed", "dead"]


def test_waiting_for_a_thread_is_no_busy_loop(engine: Engine) -> None:
    """While all threads hang, the outbox looks no more often than each poll; the next starts when one is free."""
    _save(engine, 3)
    free = threading.Event()
    queue = Counted(engine)
    policy = Policy(threads=2, poll=30.0)
    outbox = Outbox(queue, {"preview": Odd(lambda _post: assert_free(free))}, now, "test", policy)
    outbox.start()
    _until(engine, ["due", "sending", "sending"])
    before = queue.asked
    time.sleep(0.3)
    assert queue.asked - before <= 1
    free.set()
    _until(engine, ["sent", "sent", "sent"])
    outbox.close()


def assert_free(free: threading.Event) -> None:
    assert free.wait(10)
