"""One alert on one channel once: under faults, two outboxes, a kill and a hang."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alert_signals import full_briefing, numbered
from slack_stand_in import Fault, FaultKind, SlackStandIn
from sqlalchemy import Engine, select

import alerts.store as store
from alerts.channels.preview import PreviewChannel
from alerts.channels.protocol import Channel
from alerts.channels.slack import SlackChannel
from alerts.decide import Context, decide
from alerts.deliveries.post import Post
from alerts.deliveries.store import DeliveryQueue, dead_letters, next_due, retry_dead
from alerts.outbox import Outbox, Policy
from alerts.pacing import Pacer
from alerts.tables import deliveries
from core.alerting import Alert
from core.clock import monotonic, now
from core.database import reading, writing

QUICK = Policy(first_wait=0.02, growth=1.5, longest_wait=0.2, doubt_wait=0.05, lease=5.0, poll=0.05)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as running:
        yield running


def _channel(slack: SlackStandIn, timeout: int = 1, pace: float = 1.0) -> SlackChannel:
    return SlackChannel(
        token="xoxb-test",
        fallback="#sales",
        api_url=slack.url,
        links=lambda alert, action, choice="": f"https://dormouse.example.com/{action}",
        timeout=timeout,
        pace=pace,
    )


def _save(engine: Engine, count: int, owner: str = "", channels: tuple[str, ...] = ("slack",)) -> list[Alert]:
    made = []
    for number in range(count):
        alert = decide(numbered(number, owner), full_briefing(), Context(), numbered(number).at)
        assert isinstance(alert, Alert)
        made.append(alert)
    with writing(engine) as connection:
        store.save(connection, made, channels, now())
    return made


def _statuses(engine: Engine) -> Counter[str]:
    with reading(engine) as connection:
        return Counter(row.status for row in connection.execute(select(deliveries.c.status)))


def _outbox(engine: Engine, channel: Channel, policy: Policy = QUICK, holder: str = "test") -> Outbox:
    return Outbox(DeliveryQueue(engine), {channel.name: channel}, now, holder, policy)


def _until(engine: Engine, wanted: Mapping[str, int], seconds: float = 20) -> None:
    until = monotonic() + seconds
    while _statuses(engine) != Counter(wanted):
        assert monotonic() < until, f"{_statuses(engine)} is not {wanted}"
        time.sleep(0.02)


def test_by_hand(engine: Engine, slack: SlackStandIn) -> None:
    """`run_due` starts what is due, `settle` waits for it, and then nothing is due."""
    made = _save(engine, 5)
    outbox = _outbox(engine, _channel(slack))
    assert outbox.run_due() == 5
    assert outbox.settle()
    outbox.close()
    assert {alert: len(sent) for alert, sent in slack.by_alert().items()} == {alert.id: 1 for alert in made}
    with reading(engine) as connection:
        assert next_due(connection, ("slack",)) is None


def test_preview_keeps_it_in_the_database(engine: Engine) -> None:
    """The preview channel counts as sent without a word to anybody."""
    _save(engine, 2, channels=("preview",))
    outbox = _outbox(engine, PreviewChannel())
    outbox.run_due()
    outbox.close()
    assert _statuses(engine) == {"sent": 2}


@pytest.mark.slow
def test_mixed_faults(engine: Engine, slack: SlackStandIn) -> None:
    """200 alerts, a third of all calls failing in every way we know: each arrives exactly once."""
    chance = random.Random(3)
    kinds: list[FaultKind] = [
        "server_error", "accepted_error", "reset", "accepted_reset", "truncated", "refused", "rate_limited",
    ]  # fmt: skip
    hangs = iter(range(4))  # each costs its thread a second

    def script(method: str, _body: Mapping[str, Any]) -> Fault | None:
        if chance.random() > 0.33:
            return None
        if method == "chat.postMessage" and next(hangs, None) is not None:
            return Fault(kind=chance.choice(("hang", "accepted_hang")), seconds=2)
        return Fault(kind=chance.choice(kinds[: 6 if method.startswith("chat.") else 4]), seconds=1)

    slack.script = script
    made = _save(engine, 200)
    outbox = _outbox(engine, _channel(slack), Policy(
        attempts=30, first_wait=0.02, growth=1.5, longest_wait=0.2, doubt_wait=0.05, lease=5.0, poll=0.05
    ))  # fmt: skip
    outbox.start()
    _until(engine, {"sent": 200}, 60)
    outbox.close()
    assert {alert: len(sent) for alert, sent in slack.by_alert().items()} == {alert.id: 1 for alert in made}
    assert len({call.outcome for call in slack.calls("chat.postMessage")}) >= 7


@pytest.mark.slow
def test_a_killed_process(engine: Engine, slack: SlackStandIn, tmp_path: Path) -> None:
    """A process killed while sending loses nothing and nothing arrives twice: its leases run out and Slack is asked."""
    made = _save(engine, 60)
    slack.script = lambda method, _body: (
        Fault(kind="accepted_hang", seconds=30) if method == "chat.postMessage" and len(slack.messages) >= 20 else None
    )
    script = Path(__file__).parents[1] / "support" / "outbox_process.py"
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, script, f"sqlite:///{tmp_path / 'test.db'}", slack.url, "2.5"],
        env={"PYTHONPATH": str(root)},
        stderr=subprocess.DEVNULL,
    )
    until = monotonic() + 20
    while len(slack.messages) < 24:
        assert monotonic() < until
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    slack.script = None
    assert _statuses(engine)["sending"] > 0
    outbox = _outbox(engine, _channel(slack), Policy(lease=2.5, poll=0.05, doubt_wait=0.05, first_wait=0.05))
    outbox.start()
    _until(engine, {"sent": 60})
    outbox.close()
    assert {alert: len(sent) for alert, sent in slack.by_alert().items()} == {alert.id: 1 for alert in made}
    assert slack.calls("conversations.history")


def test_two_outboxes(any_engine: Engine, slack: SlackStandIn) -> None:
    """Two processes' outboxes on one database send each alert once between them."""
    made = _save(any_engine, 80)
    both = [_outbox(any_engine, _channel(slack), holder=name) for name in ("one", "two")]
    for outbox in both:
        outbox.start()
    _until(any_engine, {"sent": 80})
    for outbox in both:
        outbox.close()
    assert {alert: len(sent) for alert, sent in slack.by_alert().items()} == {alert.id: 1 for alert in made}


@pytest.mark.slow
def test_a_hang_stops_nobody_else(engine: Engine, slack: SlackStandIn) -> None:
    """While some calls hang, the other alerts arrive."""
    slack.fault("users.lookupByEmail", "hang", times=3, seconds=3)
    _save(engine, 20)
    outbox = _outbox(engine, _channel(slack, timeout=2))
    outbox.start()
    until = monotonic() + 1.5
    while len(slack.messages) < 17:
        assert monotonic() < until
        time.sleep(0.01)
    outbox.close()


@pytest.mark.slow
def test_retry_after_is_honoured(engine: Engine, slack: SlackStandIn) -> None:
    """After a 429 nothing goes to that destination before its time, though other alerts wait for it; no try is lost."""
    slack.fault("chat.postMessage", "rate_limited", seconds=1)
    _save(engine, 3, owner="anna@example.com")
    outbox = _outbox(engine, _channel(slack, pace=0.2))
    outbox.start()
    _until(engine, {"sent": 3})
    outbox.close()
    refused, *others = slack.calls("chat.postMessage")
    assert refused.outcome == "rate_limited"
    assert all(call.at - refused.at >= 1.0 for call in others)


def test_one_message_a_second_in_a_channel(engine: Engine) -> None:
    """Messages to one channel keep their distance, so that Slack refuses none; others don't wait for them."""
    with SlackStandIn(pace=0.2) as slack:
        _save(engine, 3, owner="anna@example.com")
        for number in range(100, 104):
            alert = decide(numbered(number), full_briefing(), Context(), numbered(number).at)
            assert isinstance(alert, Alert)
            with writing(engine) as connection:
                store.save(connection, [alert], ("slack",), now())
        outbox = _outbox(engine, _channel(slack, pace=0.4))
        outbox.start()
        _until(engine, {"sent": 7})
        outbox.close()
        times = defaultdict(list)
        for message in slack.messages:
            times[message.channel].append(message.at)
        assert all(later - earlier >= 0.2 for earlier, later in pairwise(times[slack.dm_of("anna@example.com")]))
        first = min(message.at for message in slack.messages)
        assert all(at[0] - first < 0.9 for at in times.values())
        assert {call.outcome for call in slack.calls("chat.postMessage")} == {"ok"}
        assert max(times[slack.dm_of("anna@example.com")]) - first < 3 * 0.4 + 1.0


def test_dead_letters(any_engine: Engine, slack: SlackStandIn) -> None:
    """What Slack refuses for good, or fails too often, is listed with its reason and can be sent again."""
    slack.fault("chat.postMessage", "refused", code="no_text")
    (alert,) = _save(any_engine, 1)
    outbox = _outbox(any_engine, _channel(slack, pace=0.0))
    outbox.start()
    _until(any_engine, {"dead": 1})
    with writing(any_engine) as connection:
        (dead,) = dead_letters(connection)
        assert (dead.alert, dead.error) == (alert.id, "Slack refuses the message (chat.postMessage: no_text)")
        assert retry_dead(connection, dead.id, now())
        assert not retry_dead(connection, dead.id, now())
    outbox.wake()
    _until(any_engine, {"sent": 1})
    outbox.close()
    assert len(slack.messages) == 1


def test_attempts_come_to_an_end(engine: Engine, slack: SlackStandIn) -> None:
    """After the last try the delivery is dead, and was tried exactly so often."""
    slack.fault("chat.postMessage", "server_error", times=99)
    _save(engine, 1)
    outbox = _outbox(
        engine, _channel(slack, pace=0.0), Policy(attempts=3, first_wait=0.01, growth=1, doubt_wait=0.01, poll=0.05)
    )
    outbox.start()
    _until(engine, {"dead": 1})
    outbox.close()
    assert len(slack.calls("chat.postMessage")) == 3


def test_a_wrong_setting_waits_for_a_person(engine: Engine, slack: SlackStandIn) -> None:
    """A missing channel kills nothing: the delivery waits, its error says what to do, and no try is used up."""
    slack.channels = {}
    _save(engine, 1, owner="nobody")
    outbox = _outbox(engine, _channel(slack))
    outbox.run_due()
    outbox.close()
    with reading(engine) as connection:
        row = connection.execute(select(deliveries)).mappings().one()
    assert (row["status"], row["attempts"]) == ("failed", 0)
    assert "DORMOUSE_SLACK_CHANNEL" in row["error"]
    assert row["due_at"] - now() > timedelta(seconds=200)


def test_without_history_a_doubtful_message_is_marked(engine: Engine, slack: SlackStandIn) -> None:
    """Where the app may not read the channel, a doubtful message goes again and says that it may be there twice."""
    slack.fault("chat.postMessage", "accepted_reset")
    slack.fault("conversations.history", "refused", times=9, code="missing_scope")
    (alert,) = _save(engine, 1)
    outbox = _outbox(engine, _channel(slack, pace=0.1))
    outbox.start()
    _until(engine, {"sent": 1})
    outbox.close()
    assert len(slack.by_alert()[alert.id]) == 2
    with reading(engine) as connection:
        row = store.alert_row(connection, alert.id)
    assert row is not None and row.deliveries[0].error.startswith("possibly sent twice")


def test_feedback_reaches_the_sent_message(any_engine: Engine, slack: SlackStandIn) -> None:
    """A claim, a wrong company and its undo each edit the message that was sent; never a second message."""
    (alert,) = _save(any_engine, 1)
    outbox = _outbox(any_engine, _channel(slack, pace=0.0))
    outbox.start()
    _until(any_engine, {"sent": 1})
    for act, shown in ((store.claim, "Anna Meier took it"), (store.wrong_company, "Removed, sorry")):
        with writing(any_engine) as connection:
            given = act(connection, alert.id, "anna.meier@example.com", now())
        outbox.wake()
        _until(any_engine, {"sent": 1})
        assert shown in slack.messages[0].shown
    assert given is not None
    with writing(any_engine) as connection:
        store.undo(connection, given.id, now())
    outbox.wake()
    _until(any_engine, {"sent": 1})
    outbox.close()
    (message,) = slack.messages
    assert "Anna Meier took it" in message.shown and "Removed" not in message.shown
    assert len(message.edits) == 3


def test_closing_drains(engine: Engine, slack: SlackStandIn) -> None:
    """`close` returns when what was under way is written down: nothing is left as being sent."""
    _save(engine, 40)
    outbox = _outbox(engine, _channel(slack))
    outbox.start()
    while len(slack.messages) < 5:
        time.sleep(0.005)
    outbox.close()
    statuses = _statuses(engine)
    assert statuses["sending"] == 0
    assert statuses["sent"] == len(slack.messages) >= 5


def test_the_pacer_gives_places() -> None:
    """Those who wait get places one pace apart, keep them, and get new ones after a hold."""
    pacer = Pacer()
    assert [pacer.wait(who, "key", "slack", 1.0, 0.0) for who in "abcd"] == [0.0, 1.0, 2.0, 3.0]
    assert pacer.wait("b", "key", "slack", 1.0, 1.1) == 0.0
    assert pacer.wait("c", "key", "slack", 1.0, 2.0) == pytest.approx(0.1)
    assert pacer.wait("c", "key", "slack", 1.0, 2.1) == 0.0
    assert pacer.wait("z", "other", "slack", 1.0, 2.1) == 0.0
    pacer.hold("key", 10, 2.2)
    assert [pacer.wait(who, "key", "slack", 1.0, 3.2) for who in "de"] == pytest.approx([10.0, 11.0])
    pacer.hold("slack", 5, 3.2)
    assert pacer.wait("y", "other", "slack", 1.0, 4.2) == pytest.approx(4.0)


def test_no_thread_is_left(engine: Engine, slack: SlackStandIn) -> None:
    """A closed outbox leaves no thread behind."""
    outbox = _outbox(engine, _channel(slack))
    outbox.start()
    outbox.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("outbox")]


@pytest.mark.slow
def test_a_sleeper_takes_its_second_message_back(engine: Engine, slack: SlackStandIn) -> None:
    """A process that slept in the middle of a call posts what another has posted meanwhile: it deletes its own."""

    class Sleeper(SlackChannel):
        def send(self, post: Post, destination: str) -> str:
            time.sleep(2.5)
            return super().send(post, destination)

    (alert,) = _save(engine, 1)
    sleeping = Sleeper(
        token="t", fallback="#sales", api_url=slack.url, links=lambda alert, action, choice="": "", timeout=1
    )
    policy = Policy(lease=1.5, poll=0.05, doubt_wait=0.05)
    one, two = _outbox(engine, sleeping, policy, "one"), _outbox(engine, _channel(slack), policy, "two")
    assert one.run_due() == 1
    two.start()
    _until(engine, {"sent": 1})
    assert one.settle()
    for outbox in (one, two):
        outbox.close()
    assert len([call for call in slack.calls("chat.postMessage") if call.outcome == "ok"]) == 2
    (kept,) = slack.by_alert()[alert.id]
    with reading(engine) as connection:
        row = connection.execute(select(deliveries)).mappings().one()
    assert (row["remote"], row["possibly_twice"]) == (f"{kept.channel}:{kept.ts}", False)


def test_a_clock_set_back_puts_nothing_off(engine: Engine, slack: SlackStandIn) -> None:
    """What was put off by a clock a day ahead goes out as soon as the clock is right."""
    ahead = [timedelta(days=1)]
    slack.fault("chat.postMessage", "server_error")
    _save(engine, 1)
    outbox = Outbox(DeliveryQueue(engine), {"slack": _channel(slack)}, lambda: now() + ahead[0], "test", QUICK)
    outbox.start()
    _until(engine, {"failed": 1})
    ahead[0] = timedelta()
    _until(engine, {"sent": 1})
    outbox.close()
