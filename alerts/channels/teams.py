"""Microsoft Teams by a workflow's webhook: an Adaptive Card into one channel, no edits, links instead of buttons."""

from __future__ import annotations

import json

from alerts.channels.protocol import Links, MisconfiguredError
from alerts.channels.teams_card import Card, alert_card, message, notice_card, plain_card
from alerts.deliveries.post import Post
from alerts.follow_up import follow_up
from alerts.message import AlertText
from alerts.web_post import Answer, WebPost, failed
from core.errors import ChannelError

_WHO = "The Teams workflow"


class TeamsChannel:
    """Everything goes to where the workflow posts."""

    name = "teams"
    retries: tuple[float, ...] = ()
    recognises = False

    def __init__(self, *, url: str, links: Links, timeout: float = 15.0, pace: float = 1.1) -> None:
        self.pace = pace
        self.patience = timeout + 5.0
        self._url = url
        self._links = links
        self._web = WebPost(_WHO, timeout)

    def destination(self, to: str, beside: str = "") -> str:
        return "workflow"

    def send(self, post: Post, destination: str) -> str:
        """Post the card. That the workflow took it doesn't say that Teams showed it: it answers before it posts."""
        _raise_for(self._say(self._card(post)))
        return "sent"

    def update(self, post: Post, remote: str) -> bool:
        """Say in a second message what changes whether somebody should call; there is no edit."""
        text = follow_up(post)
        if text:
            _raise_for(self._say(plain_card(text)))
        return bool(text)

    def find(self, post: Post, destination: str) -> str | None:
        raise ChannelError("a Teams workflow can't be asked what it has posted", permanent=True)

    def retract(self, remote: str) -> bool:
        return False

    def check(self) -> str:
        return "nothing can be tried without posting: `dormouse deliveries list` says how the last messages fared"

    def _card(self, post: Post) -> Card:
        if isinstance(post.words, AlertText):
            return alert_card(post.words, lambda action: self._links(post.subject, action))
        return notice_card(post.words, self._links)

    def _say(self, card: Card) -> Answer:
        return self._web.post(self._url, json.dumps(message(card), ensure_ascii=False).encode())


def _raise_for(answer: Answer) -> None:
    if answer.is_good:
        return
    if answer.status in (401, 403, 404, 410) or 300 <= answer.status < 400:
        raise MisconfiguredError(
            f"The Teams workflow is gone, switched off or closed ({answer.status}): copy its address anew and set "
            "DORMOUSE_TEAMS_URL",
            whole_channel=True,
        )
    raise failed(_WHO, answer)
