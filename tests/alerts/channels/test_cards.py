"""Teams' cards and Slack's incoming webhook: within their limits, without markup from outside."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from alert_signals import full_briefing, full_signal
from channel_benches import MOMENT, link
from slack_stand_in import block_kit_faults
from web_stand_in import WebStandIn

from alerts.buttons import Button
from alerts.channels.slack_webhook import SlackWebhookChannel
from alerts.channels.teams_card import LIMIT, alert_card, message, notice_card
from alerts.deliveries.post import Post
from alerts.message import AlertText, Line, alert_text
from alerts.notices.notice import NoticeText, Row, Section
from core.domain import AlertId


def _words() -> AlertText:
    return alert_text(full_signal(), full_briefing(), zone=ZoneInfo("Europe/Berlin"), needed=60, with_date=False)


def _digest(rows: int, text: str = "Nordwind GmbH") -> NoticeText:
    button = Button(action="claim", subject="A-1")
    made = tuple(Row(text=f"{text} {number}", buttons=(button,)) for number in range(rows))
    return NoticeText(push="The day", title="Good morning", sections=(Section(label="Call", rows=made),), foot="end")


def test_the_card() -> None:
    """Title, facts, lines, reasons and links, in the envelope that a workflow expects."""
    made = message(alert_card(_words(), lambda action: link(AlertId("A-1"), action)))
    (attachment,) = made["attachments"]  # type: ignore[misc]
    card = attachment["content"]
    assert (made["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert card["body"][0]["inlines"][0]["text"] == _words().title
    assert [one["type"] for one in card["actions"]] == ["Action.OpenUrl"] * len(card["actions"])
    assert 1 <= len(card["actions"]) <= 6


def test_no_markup_in_cards() -> None:
    """Words stand in text runs alone, which show everything as it is; a link made of a title is no link."""
    evil = "[Click](https://evil.example) **now** <at>everyone</at>"
    words = replace(_words(), title=evil, lines=(Line(label="Now", text=evil),))
    for card in (
        alert_card(words, lambda action: ""),
        notice_card(_digest(3, evil), lambda alert, action, choice="": ""),
    ):
        text = json.dumps(card)
        assert '"TextBlock"' not in text and "Action.OpenUrl" not in text
        for block in card["body"]:  # type: ignore[attr-defined]
            assert block["type"] == "RichTextBlock"
            assert all(run["type"] == "TextRun" for run in block["inlines"])


def test_no_card_is_too_large() -> None:
    """However much there is to say, a card stays within what Teams takes."""
    chance = random.Random(5)
    for rows in (0, 1, 30, 100):
        words = "".join(chance.choice("ä株<&x ") for _ in range(900))
        card = notice_card(
            _digest(rows, words), lambda alert, action, choice="": "https://dormouse.example.com/" + "x" * 300
        )
        assert len(json.dumps(card, ensure_ascii=False).encode()) <= LIMIT + 2_000
    long = replace(_words(), lines=tuple(Line(label="Now", text="株" * 5_000) for _ in range(80)))
    assert len(json.dumps(alert_card(long, lambda action: ""), ensure_ascii=False).encode()) <= LIMIT + 2_000


@pytest.fixture
def web() -> Iterator[WebStandIn]:
    with WebStandIn() as running:
        yield running


def test_links_instead_of_buttons(web: WebStandIn) -> None:
    """By an incoming webhook each button is a link, and Slack would take the message."""
    channel = SlackWebhookChannel(url=web.url, links=link, timeout=1)
    for words in (_words(), _digest(30)):
        channel.send(Post(id="A-1", words=words, since=MOMENT), "webhook")
    for post in web.posts:
        assert block_kit_faults(post.json) == []
        buttons = [one for block in post.json["blocks"] for one in block.get("elements", ()) if one["type"] == "button"]
        assert buttons and all(one["url"].startswith("https://dormouse.example.com/") for one in buttons)
        assert not [
            one for block in post.json["blocks"] for one in block.get("elements", ()) if "select" in one["type"]
        ]


def test_a_refused_form_goes_short(web: WebStandIn) -> None:
    """Where Slack finds the blocks wrong, the facts go as plain text."""
    web.answers.append((400, b"invalid_blocks", {}))
    SlackWebhookChannel(url=web.url, links=link, timeout=1).send(
        Post(id="A-1", words=_words(), since=MOMENT), "webhook"
    )
    assert len(web.posts) == 2 and len(web.posts[1].json["blocks"]) == 1
