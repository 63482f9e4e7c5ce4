"""What every channel promises to the outbox, tried on each beside its stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from alert_signals import full_briefing, full_signal
from channel_benches import NAMES, Bench, bench, link

from alerts.buttons import Button
from alerts.channels.protocol import MisconfiguredError
from alerts.channels.registry import CHANNELS
from alerts.deliveries.post import Post
from alerts.message import alert_text
from alerts.notices.notice import NoticeText, Row, Section
from core.clock import now
from core.domain import AlertId
from core.errors import ChannelError

ID = "11111111-2222-3333-4444-555555555555"
SPEAKING = [name for name in NAMES if name != "preview"]


@pytest.fixture(params=NAMES)
def any_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


@pytest.fixture(params=SPEAKING)
def speaking(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def _alert(**changed: object) -> Post:
    words = alert_text(full_signal(), full_briefing(), zone=ZoneInfo("Europe/Berlin"), needed=60, with_date=False)
    post = Post(id=ID, words=words, since=now(), to="anna@example.com", kind="awake")
    return replace(post, **changed)  # type: ignore[arg-type]


def _notice() -> Post:
    row = Row(text="Call <Maria> & co", buttons=(Button(action="claim", subject=ID),))
    text = NoticeText(push="3 to call today", title="Good morning", sections=(Section(label="Call", rows=(row,)),))
    return Post(id="notice-1", words=text, since=now(), to="anna@example.com", kind="digest")


def _send(bench: Bench, post: Post) -> str:
    return bench.channel.send(post, bench.channel.destination(post.to))


def test_every_channel_is_tried() -> None:
    """A channel that the registry knows stands in this contract."""
    assert tuple(CHANNELS) == NAMES


def test_it_says_where_the_message_is(any_bench: Bench) -> None:
    """A sent message is somewhere: an empty place would let it be sent again."""
    assert _send(any_bench, _alert()) != ""


def test_nobody_is_left_out(any_bench: Bench) -> None:
    """An alert without an owner, or with one that is no address, goes to somebody."""
    for to in ("", "not an address\r\nBcc: x@example.com"):
        if any_bench.channel.name != "slack" or not to:
            assert any_bench.channel.destination(to) != ""


def test_alert_and_notice_are_shown(speaking: Bench) -> None:
    """Both bring their words; an alert its links too."""
    _send(speaking, _alert())
    _send(speaking, _notice())
    alert, notice = speaking.shown()
    assert "Hartmann Pumpen GmbH" in alert and "Maria Keller" in alert
    assert "Good morning" in notice and "Maria" in notice
    assert link(AlertId(ID), "timeline") in alert.replace("=\n", "") or speaking.channel.name == "slack"


def test_a_claim_reaches_the_others(speaking: Bench) -> None:
    """What a colleague did is told: by an edit, or where there is none by a second message."""
    remote = _send(speaking, _alert())
    words = replace(_alert().words, note="Jo took it 10:44")  # type: ignore[type-var]
    assert speaking.channel.update(_alert(words=words, version=2, change="claimed", by="jo@example.com"), remote)
    assert "Jo took it 10:44" in speaking.shown()[-1]
    assert len(speaking.shown()) == (1 if speaking.channel.name == "slack" else 2)


def test_growth_is_an_edit_or_nothing(speaking: Bench) -> None:
    """A visit that grows causes no second message to people, and says so."""
    remote = _send(speaking, _alert())
    assert speaking.channel.update(_alert(version=2, change="updated"), remote) == speaking.edits
    expected = 2 if speaking.channel.name.startswith("webhook") else 1
    assert len(speaking.shown()) == expected


def test_a_lost_answer_is_ambiguous(speaking: Bench) -> None:
    """When it was taken and the answer was lost, the error says that it may be there; so it is."""
    speaking.fail("lost_answer")
    with pytest.raises(ChannelError) as caught:
        _send(speaking, _alert())
    assert (caught.value.ambiguous, caught.value.permanent, len(speaking.shown())) == (True, False, 1)


def test_found_or_recognised_or_unknown(speaking: Bench) -> None:
    """After a doubt a channel finds the message, or its receiver recognises it, or it says that nobody can tell."""
    channel = speaking.channel
    remote = _send(speaking, _alert())
    if speaking.finds:
        assert channel.find(_alert(), channel.destination("anna@example.com")) == remote
        assert channel.find(_alert(id="another"), channel.destination("anna@example.com")) is None
    elif not channel.recognises:
        with pytest.raises(ChannelError) as caught:
            channel.find(_alert(), channel.destination("anna@example.com"))
        assert caught.value.permanent


def test_asked_to_wait(speaking: Bench) -> None:
    """Who is asked to wait says for how long, where that was said; nothing was taken."""
    speaking.fail("wait")
    with pytest.raises(ChannelError) as caught:
        _send(speaking, _alert())
    assert not caught.value.permanent
    assert caught.value.retry_after == (None if speaking.channel.name == "email" else 7.0)


def test_busy_is_tried_again(speaking: Bench) -> None:
    """A passing failure is neither permanent nor a matter of settings."""
    speaking.fail("busy")
    with pytest.raises(ChannelError) as caught:
        _send(speaking, _alert())
    assert (caught.value.permanent, isinstance(caught.value, MisconfiguredError)) == (False, False)


def test_refused_for_good(speaking: Bench) -> None:
    """A message that won't ever be taken is permanent; events for programs end by their schedule instead."""
    speaking.fail("refused")
    with pytest.raises(ChannelError) as caught:
        _send(speaking, _alert())
    assert caught.value.permanent == (not speaking.channel.retries)
    assert not caught.value.ambiguous


def test_a_closed_door_names_its_setting(speaking: Bench) -> None:
    """What only a person can mend pauses the channel, and the text names the setting or the command."""
    speaking.fail("closed")
    with pytest.raises(MisconfiguredError, match=r"DORMOUSE_|dormouse") as caught:
        _send(speaking, _alert())
    assert caught.value.whole_channel
    assert (caught.value.retry_after is None) == (speaking.channel.name == "webhook:1")


def test_many_at_once(speaking: Bench) -> None:
    """A channel may be used from several threads."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: _send(speaking, _alert(id=f"{ID[:-2]}{number:02}")), range(8)))
    assert len(speaking.shown()) == 8


def test_the_check_says_something(any_bench: Bench) -> None:
    """`doctor` gets a few words and sends nothing to anybody."""
    assert any_bench.channel.check()
    assert [one for one in any_bench.shown() if one != "{}"] == []


def test_patience_is_shorter_than_a_lease(any_bench: Bench) -> None:
    """A call is over before another process may take the delivery over."""
    from alerts.outbox import Policy

    assert any_bench.channel.patience < Policy().lease
