"""Notices by the same outbox as alerts: in their alert's thread, once, edited when they change."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from alert_signals import full_briefing, numbered
from slack_stand_in import Message, SlackStandIn
from sqlalchemy import Engine, select

import alerts.store as store
from alerts.buttons import Button
from alerts.channels.slack import SlackChannel
from alerts.decide import Context, decide
from alerts.deliveries.store import DeliveryQueue
from alerts.notices import store as notices
from alerts.notices.notice import Notice, NoticeKind, NoticeText, Row, Section
from alerts.outbox import Outbox, Policy
from alerts.tables import deliveries
from core.alerting import Alert
from core.clock import monotonic, now
from core.database import reading, writing
from core.domain import AlertId

QUICK = Policy(first_wait=0.02, growth=1.5, longest_wait=0.2, doubt_wait=0.05, lease=5.0, poll=0.05)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as running:
        yield running


@pytest.fixture
def outbox(any_engine: Engine, slack: SlackStandIn) -> Iterator[Outbox]:
    channel = SlackChannel(
        token="xoxb-test",
        fallback="#sales",
        api_url=slack.url,
        links=lambda alert, action, choice="": f"https://dormouse.example.com/{action}/{alert}",
        timeout=1,
        pace=0.0,
    )
    running = Outbox(DeliveryQueue(any_engine), {"slack": channel}, now, "test", QUICK)
    running.start()
    yield running
    running.close()


def _alert(owner: str = "anna@example.com") -> Alert:
    alert = decide(numbered(1, owner), full_briefing(), Context(), numbered(1).at)
    assert isinstance(alert, Alert)
    return alert


def _notice(kind: NoticeKind = "milestone", alert: AlertId | None = None, to: str = "anna@example.com") -> Notice:
    text = NoticeText(
        push="A second visitor reads prices",
        title="" if alert else "Today",
        sections=(
            Section(
                label="",
                rows=(Row(text="A second visitor <b> reads prices", buttons=(Button(action="claim", subject="A-1"),)),),
            ),
        ),
    )
    return Notice(id=f"notice-{kind}-{to}", kind=kind, to=to, at=now(), text=text, alert=alert)


def _save(engine: Engine, *notice: Notice) -> None:
    with writing(engine) as connection:
        for one in notice:
            assert notices.save(connection, one, ("slack",), now())


def _settled(engine: Engine, outbox: Outbox, **wanted: int) -> None:
    outbox.wake()
    until = monotonic() + 10
    while True:
        with reading(engine) as connection:
            statuses = Counter(row.status for row in connection.execute(select(deliveries.c.status)))
        if statuses == Counter(wanted):
            return
        assert monotonic() < until, f"{statuses} is not {wanted}"
        time.sleep(0.02)


def _by_notice(slack: SlackStandIn, notice: str) -> Message:
    (found,) = [message for message in slack.messages if message.notice_id == notice]
    return found


def test_a_notice_goes_out_once(any_engine: Engine, slack: SlackStandIn, outbox: Outbox) -> None:
    """A digest reaches its rep with its rows and buttons; saved again, it isn't sent again."""
    notice = _notice("digest")
    _save(any_engine, notice)
    _settled(any_engine, outbox, sent=1)
    with writing(any_engine) as connection:
        assert not notices.save(connection, notice, ("slack",), now())
    (message,) = slack.messages
    assert (message.channel, message.thread) == (slack.dm_of("anna@example.com"), "")
    assert message.shown == "Today\nA second visitor &lt;b&gt; reads prices\nI'll take it"
    assert message.blocks[-1]["elements"][0]["url"] == "https://dormouse.example.com/claim/A-1"


def test_in_the_thread_of_its_alert(any_engine: Engine, slack: SlackStandIn, outbox: Outbox) -> None:
    """A milestone that is due before its alert was sent waits for it, and stands in its thread."""
    alert = _alert()
    slack.fault("chat.postMessage", "server_error")
    slack.fault("chat.postMessage", "server_error")
    with writing(any_engine) as connection:
        notices.save(connection, _notice(alert=alert.id), ("slack",), now())
        store.save(connection, [alert], ("slack",), now())
    _settled(any_engine, outbox, sent=2)
    (first,) = slack.by_alert()[alert.id]
    assert _by_notice(slack, "notice-milestone-anna@example.com").thread == first.ts


def test_without_its_alert(any_engine: Engine, slack: SlackStandIn, outbox: Outbox) -> None:
    """Where the alert never went out, a milestone is dropped with its reason and a reminder stands alone."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], (), now())
    _save(any_engine, _notice(alert=alert.id), _notice("reminder", alert.id))
    _settled(any_engine, outbox, sent=1, dropped=1)
    (message,) = slack.messages
    assert (message.notice_id, message.thread) == ("notice-reminder-anna@example.com", "")
    with reading(any_engine) as connection:
        error = connection.execute(select(deliveries.c.error).where(deliveries.c.status == "dropped")).scalar_one()
    assert error == "the alert that it belongs to didn't go out on this channel"


def test_a_milestone_follows_its_alert_soon(any_engine: Engine) -> None:
    """One that is due while its alert is being sent looks again a second later, not when an edit may follow."""
    alert, moment, lease = _alert(), now(), timedelta(seconds=60)
    queue = DeliveryQueue(any_engine)
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), moment)
    (first,) = queue.due(moment, lease, ("slack",), 10)
    claim = queue.claim(first, moment, lease, "test")
    assert claim is not None
    _save(any_engine, _notice(alert=alert.id))
    later = now()
    (milestone,) = queue.due(later, lease, ("slack",), 10)
    assert queue.claim(milestone, later, lease, "test") is None
    queue.sent(claim, "C:1", 1, later)
    told = queue.claim(milestone, later + timedelta(seconds=1), lease, "test")
    assert told is not None and told.post.thread == "C:1"


@pytest.mark.parametrize("kind", ["milestone", "reminder"])
def test_nothing_follows_an_alert_of_another_company(
    any_engine: Engine, slack: SlackStandIn, outbox: Outbox, kind: NoticeKind
) -> None:
    """Once an alert is marked as wrong, what was still to be said of it is dropped, with its reason."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), now())
    _settled(any_engine, outbox, sent=1)
    with writing(any_engine) as connection:
        store.wrong_company(connection, alert.id, "anna@example.com", now())
        notices.save(connection, _notice(kind, alert.id), ("slack",), now())
    _settled(any_engine, outbox, sent=1, dropped=1)
    with reading(any_engine) as connection:
        error = connection.execute(select(deliveries.c.error).where(deliveries.c.status == "dropped")).scalar_one()
    assert error == "the alert that it belongs to was another company's"
    assert len(slack.messages) == 1


def test_another_reader_gets_it_alone(any_engine: Engine, slack: SlackStandIn, outbox: Outbox) -> None:
    """What a manager is told doesn't stand in the rep's own thread, which they can't see."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), now())
    _save(any_engine, _notice("escalation", alert.id, "boss@example.com"))
    _settled(any_engine, outbox, sent=2)
    message = _by_notice(slack, "notice-escalation-boss@example.com")
    assert (message.channel, message.thread) == (slack.dm_of("boss@example.com"), "")


def test_a_change_edits_it(any_engine: Engine, slack: SlackStandIn, outbox: Outbox) -> None:
    """A row that was claimed changes the digest that was sent; the same text again changes nothing."""
    notice = _notice("digest")
    _save(any_engine, notice)
    _settled(any_engine, outbox, sent=1)
    text = NoticeText(push="All taken", title="Today", sections=())
    with writing(any_engine) as connection:
        assert notices.change(connection, notice.id, text, now())
        assert not notices.change(connection, notice.id, text, now())
        assert not notices.change(connection, "another", text, now())
    _settled(any_engine, outbox, sent=1)
    (message,) = slack.messages
    assert (message.shown, len(message.edits)) == ("Today", 1)


@pytest.mark.parametrize("with_alert", [True, False])
def test_in_doubt_it_is_looked_for(any_engine: Engine, slack: SlackStandIn, outbox: Outbox, with_alert: bool) -> None:
    """A notice whose answer was lost is found by its metadata, in a thread too, and not posted again."""
    alert = _alert()
    if with_alert:
        with writing(any_engine) as connection:
            store.save(connection, [alert], ("slack",), now() - timedelta(seconds=1))
        _settled(any_engine, outbox, sent=1)
    slack.fault("chat.postMessage", "accepted_reset")
    _save(any_engine, _notice("reminder", alert.id if with_alert else None))
    _settled(any_engine, outbox, sent=1 + with_alert)
    message = _by_notice(slack, "notice-reminder-anna@example.com")
    assert bool(message.thread) == with_alert
    assert len(slack.calls("conversations.replies" if with_alert else "conversations.history")) == 1
