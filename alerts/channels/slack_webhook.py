"""Slack by an incoming webhook: one channel, no edits, signed links instead of buttons that act at once."""

from __future__ import annotations

import json

from alerts.channels.protocol import Links, MisconfiguredError
from alerts.channels.slack_blocks import blocks, notification, reduced
from alerts.channels.slack_notice import notice_blocks
from alerts.channels.slack_parts import Block, escaped
from alerts.deliveries.post import Post
from alerts.follow_up import follow_up
from alerts.message import AlertText
from alerts.web_post import Answer, WebPost, failed
from core.errors import ChannelError

_WHO = "Slack's incoming webhook"
_TOO_LONG = ("invalid_blocks", "invalid_payload", "msg_too_long", "msg_blocks_too_long", "no_text")


class SlackWebhookChannel:
    """Everything goes to the channel that the webhook was made for."""

    name = "slack_webhook"
    retries: tuple[float, ...] = ()
    recognises = False

    def __init__(self, *, url: str, links: Links, timeout: float = 10.0, pace: float = 1.1) -> None:
        self.pace = pace
        self.patience = timeout + 5.0
        self._url = url
        self._links = links
        self._web = WebPost(_WHO, timeout)

    def destination(self, to: str, beside: str = "") -> str:
        return "webhook"

    def send(self, post: Post, destination: str) -> str:
        """Post the message; in its smallest form when Slack finds the full one too long."""
        answer = self._say(notification(post.words), self._blocks(post))
        if answer.status == 400 and answer.text.startswith(_TOO_LONG):
            answer = self._say(notification(post.words), reduced(post.words))
        _raise_for(answer)
        return "sent"

    def update(self, post: Post, remote: str) -> bool:
        """Say in a second message what changes whether somebody should call; there is no edit."""
        text = follow_up(post)
        if text:
            _raise_for(self._say(escaped(text), None))
        return bool(text)

    def find(self, post: Post, destination: str) -> str | None:
        raise ChannelError("an incoming webhook can't be asked what it has posted", permanent=True)

    def retract(self, remote: str) -> bool:
        return False

    def check(self) -> str:
        """Post an empty message, which a webhook that works refuses."""
        answer = self._web.post(self._url, b"{}")
        if answer.status == 400:
            return "the webhook answers"
        _raise_for(answer)
        return "the webhook answers"

    def _blocks(self, post: Post) -> list[Block]:
        if isinstance(post.words, AlertText):
            return blocks(post.words, lambda action: self._links(post.subject, action), post.id)
        return notice_blocks(post.words, self._links)

    def _say(self, text: str, made: list[Block] | None) -> Answer:
        body = {"text": text, "unfurl_links": False, "unfurl_media": False, **({"blocks": made} if made else {})}
        return self._web.post(self._url, json.dumps(body).encode())


def _raise_for(answer: Answer) -> None:
    if answer.is_good:
        return
    if answer.status in (401, 403, 404, 410):
        raise MisconfiguredError(
            f"Slack's webhook is gone or closed ({answer.status} {answer.text}): make a new one and set "
            "DORMOUSE_SLACK_WEBHOOK_URL",
            whole_channel=True,
        )
    raise failed(_WHO, answer)
