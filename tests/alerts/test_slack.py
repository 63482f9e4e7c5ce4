"""The Slack channel against a local server that speaks Slack's Web API."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from alert_signals import MOMENT, bare_briefing, bare_signal, full_briefing, full_signal
from slack_stand_in import FaultKind, SlackStandIn, block_kit_faults

from alerts.buttons import Action
from alerts.channels.protocol import MisconfiguredError
from alerts.channels.slack import SlackChannel
from alerts.channels.slack_blocks import blocks, notification
from alerts.deliveries.post import Post
from alerts.message import AlertText, alert_text
from core.clock import now
from core.domain import AlertId
from core.errors import ChannelError

ALERT = AlertId("11111111-2222-3333-4444-555555555555")
HOUR = timedelta(hours=1)


def _link(alert: AlertId, action: Action, choice: str = "", /) -> str:
    return f"https://dormouse.example.com/a/{alert}/{action}"


def _text() -> AlertText:
    return alert_text(full_signal(), full_briefing(), zone=ZoneInfo("Europe/Berlin"), needed=60, with_date=False)


def _post(words: AlertText | None = None, since: datetime | None = None, id: str = ALERT) -> Post:
    return Post(id=id, words=words or _text(), since=since or now())


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn(token="xoxb-test", strangers=frozenset({"gone@example.com"})) as running:
        yield running


def _channel(slack: SlackStandIn, fallback: str = "#sales", token: str = "xoxb-test") -> SlackChannel:
    return SlackChannel(token=token, fallback=fallback, api_url=slack.url, links=_link, timeout=1)


def test_to_the_owner(slack: SlackStandIn) -> None:
    """The owner gets a direct message; who they are is asked once."""
    channel = _channel(slack)
    for _ in range(2):
        assert channel.destination("anna@example.com") == slack.dm_of("anna@example.com")
    remote = channel.send(_post(), channel.destination("anna@example.com"))
    (message,) = slack.messages
    assert remote == f"{message.channel}:{message.ts}"
    assert message.alert_id == ALERT
    assert message.text == "Hartmann Pumpen GmbH is back: Pricing 2 min, no order for 412 days, very likely them"
    assert len(slack.calls("users.lookupByEmail")) == 1
    body = slack.calls("chat.postMessage")[0].body
    assert (body["unfurl_links"], body["unfurl_media"], body["parse"]) == (False, False, "none")


def test_to_the_fallback(slack: SlackStandIn) -> None:
    """No owner, or one who isn't on Slack, means the fallback channel; without one, the error says what to set."""
    assert _channel(slack).destination("") == "#sales"
    assert _channel(slack).destination("gone@example.com") == "#sales"
    with pytest.raises(MisconfiguredError, match="DORMOUSE_SLACK_CHANNEL"):
        _channel(slack, fallback="").destination("gone@example.com")


def test_edit_and_deleted(slack: SlackStandIn) -> None:
    """An edit replaces the message; one that somebody deleted stays deleted without an error."""
    channel = _channel(slack)
    remote = channel.send(_post(), "#sales")
    channel.update(_post(replace(_text(), note="Anna took it 10:44")), remote)
    (message,) = slack.messages
    assert "*Anna took it 10:44*" in message.shown
    slack.delete(message)
    channel.update(_post(), remote)
    assert slack.messages == []


def test_find(slack: SlackStandIn) -> None:
    """A message is found by the alert's id in its metadata, in a channel known by name only, and not when absent."""
    sent = _channel(slack).send(_post(), "#sales")
    assert _channel(slack).find(_post(since=now()), "#sales") == sent
    assert _channel(slack).find(_post(since=now(), id="other"), "#sales") is None
    assert _channel(slack).find(_post(since=now() + HOUR), "#sales") is None
    with pytest.raises(ChannelError, match="list") as caught:
        _channel(slack).find(_post(since=now()), "#nowhere")
    assert caught.value.permanent


def test_find_needs_permission(slack: SlackStandIn) -> None:
    """Where the app may not read the history, nobody can tell, and the error is permanent."""
    slack.fault("conversations.history", "refused", code="missing_scope")
    with pytest.raises(ChannelError) as caught:
        _channel(slack).find(_post(since=now()), "C0SALES")
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("rate_limited", "", "wait 7"),
        ("server_error", "", "ambiguous"),
        ("accepted_error", "", "ambiguous"),
        ("hang", "", "ambiguous"),
        ("accepted_reset", "", "ambiguous"),
        ("truncated", "", "ambiguous"),
        ("refused", "internal_error", "ambiguous"),
        ("refused", "service_unavailable", "again"),
        ("refused", "channel_not_found", "misconfigured here"),
        ("refused", "not_in_channel", "misconfigured here"),
        ("refused", "is_archived", "misconfigured here"),
        ("refused", "invalid_auth", "misconfigured everywhere"),
        ("refused", "token_revoked", "misconfigured everywhere"),
        ("refused", "account_inactive", "misconfigured everywhere"),
        ("refused", "no_text", "permanent"),
        ("refused", "something_new", "permanent"),
    ],
)
def test_what_failures_mean(slack: SlackStandIn, kind: FaultKind, code: str, expected: str) -> None:
    """Every failure is one of: wait, try again, ask first, change a setting, give up."""
    slack.fault("chat.postMessage", kind, seconds=2 if kind == "hang" else 7, code=code)
    with pytest.raises(ChannelError) as caught:
        _channel(slack).send(_post(), "#sales")
    assert _class_of(caught.value) == expected


def _class_of(error: ChannelError) -> str:
    if isinstance(error, MisconfiguredError):
        return "misconfigured everywhere" if error.whole_channel else "misconfigured here"
    if error.retry_after is not None:
        return f"wait {error.retry_after:g}"
    return "permanent" if error.permanent else "ambiguous" if error.ambiguous else "again"


def test_nothing_listens() -> None:
    """A refused connection is surely harmless: nothing was sent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api/"
        channel = SlackChannel(token="t", fallback="#sales", api_url=url, links=_link, timeout=1)
        with pytest.raises(ChannelError) as caught:
            channel.send(_post(), "#sales")
    assert _class_of(caught.value) == "again"


def test_a_wrong_token(slack: SlackStandIn) -> None:
    """A refused token pauses the whole channel with a text that names the setting, even for the first look-up."""
    with pytest.raises(MisconfiguredError, match="DORMOUSE_SLACK_TOKEN") as caught:
        _channel(slack, token="wrong").destination("anna@example.com")
    assert caught.value.whole_channel


def test_a_limited_look_up_is_not_repeated(slack: SlackStandIn) -> None:
    """After a 429 of a look-up nobody asks again before the time is over, whoever the owner."""
    slack.fault("users.lookupByEmail", "rate_limited", seconds=30)
    channel = _channel(slack)
    for owner in ("anna@example.com", "jo@example.com"):
        with pytest.raises(ChannelError) as caught:
            channel.destination(owner)
        assert caught.value.retry_after is not None and 29 < caught.value.retry_after <= 30
    assert len(slack.calls("users.lookupByEmail")) == 1


def test_a_refused_message_goes_in_short_form(slack: SlackStandIn) -> None:
    """Where Slack finds the blocks wrong or too long, the facts go as one plain text: better short than silent."""
    for code in ("invalid_blocks", "msg_too_long", "msg_blocks_too_long"):
        slack.fault("chat.postMessage", "refused", code=code)
        _channel(slack).send(_post(), "#sales")
    assert [message.shown for message in slack.messages] == [
        "Hartmann Pumpen GmbH is back · no order for 412 days · €84k lifetime"
    ] * 3


def test_the_blocks_as_shown(slack: SlackStandIn) -> None:
    """Title, lines, reasons and buttons in the reference's order."""
    _channel(slack).send(_post(), "#sales")
    (message,) = slack.messages
    assert [block["type"] for block in message.blocks] == ["header", "section", "context", "actions"]
    assert message.shown.splitlines()[:3] == [
        "Hartmann Pumpen GmbH is back",
        "no order for 412 days · €84k lifetime",
        "*Now* Pricing 2:10 → Spare parts X200 0:45 · 2 visitors · Tue 10:42",
    ]
    assert message.shown.splitlines()[-6:] == [
        "I'll take it",
        "Snooze",
        "Wrong company",
        "Not useful",
        "Timeline",
        "CRM",
    ]


def test_the_bare_message_fits_too() -> None:
    """A message of few facts has no empty block."""
    text = alert_text(bare_signal(), bare_briefing(), zone=ZoneInfo("UTC"), needed=None, with_date=False)
    made = blocks(text, lambda action: "", ALERT)
    assert [block["type"] for block in made] == ["header", "section"]
    assert block_kit_faults({"text": notification(text), "blocks": made}) == []


def test_moment_is_a_tuesday() -> None:
    """The moment of these tests is the one of the reference."""
    assert MOMENT.weekday() == 1
