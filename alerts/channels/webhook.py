"""Events for programs, by Standard Webhooks (standardwebhooks.com): signed, tried again for days, recognisable."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

import msgspec

from alerts.channels.protocol import Links, MisconfiguredError
from alerts.channels.webhook_event import event_of
from alerts.deliveries.post import Post
from alerts.web_post import WebPost, failed
from core import clock
from core.clock import Clock
from core.errors import ChannelError

NAME = "webhook"
RETRIES = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""The specification's own example: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h."""


class WebhookChannel:
    """One receiver; each has deliveries of its own, so that one that is down delays no other."""

    pace = 0.0
    retries = RETRIES
    recognises = True

    def __init__(
        self,
        *,
        name: str,
        url: str,
        secret: str,
        source: str,
        links: Links,
        timeout: float = 20.0,
        now: Clock = clock.now,
    ) -> None:
        """`secret` is `whsec_…`; `source` the address of this installation."""
        self.name = name
        self.patience = timeout + 5.0
        self._url = url
        self._host = urlsplit(url).hostname or "?"
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._source = source
        self._links = links
        self._clock = now
        self._web = WebPost(f"The webhook at {self._host}", timeout)

    def destination(self, to: str, beside: str = "") -> str:
        return self._host

    def send(self, post: Post, destination: str) -> str:
        self._post(post)
        return "sent"

    def update(self, post: Post, remote: str) -> bool:
        """Every change is an event of its own."""
        self._post(post)
        return True

    def find(self, post: Post, destination: str) -> str | None:
        return None

    def retract(self, remote: str) -> bool:
        return False

    def check(self) -> str:
        return f"{self._host}: nothing can be tried without posting; `dormouse deliveries list` says how it fares"

    def _post(self, post: Post) -> None:
        event = event_of(post, self._source, self._links)
        body = msgspec.json.encode(event)
        at = int(self._clock().timestamp())
        headers = {
            "webhook-id": event.id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(self._key, event.id, at, body),
        }
        answer = self._web.post(self._url, body, headers)
        if answer.is_good:
            return
        if answer.status == 410:
            raise MisconfiguredError(
                f"{self._host} says that its webhook is gone (410): take it out of DORMOUSE_WEBHOOK_URLS, or run "
                f"`dormouse deliveries resume {self.name}` when it is back",
                whole_channel=True,
                retry_after=None,
            )
        error = failed(f"The webhook at {self._host}", answer)
        # whatever it says, a receiver that is being repaired takes it later: the schedule ends it, not one answer
        raise ChannelError(str(error), retry_after=error.retry_after, ambiguous=error.ambiguous)


def signature(key: bytes, id: str, at: int, body: bytes) -> str:
    """Return the value of `webhook-signature` for a message sent at the second `at`."""
    signed = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"
