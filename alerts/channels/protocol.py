"""What every channel promises to the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from alerts.buttons import Action
from alerts.message import AlertText
from core.domain import AlertId
from core.errors import ChannelError

Links = Callable[[AlertId, Action], str]
"""The address behind a button of an alert: a signed link; "" leaves the button out."""


class MisconfiguredError(ChannelError):
    """The channel can't work until a person changes something; the text says what. Nothing is lost meanwhile."""

    def __init__(self, text: str, *, whole_channel: bool, retry_after: float = 300.0) -> None:
        super().__init__(text, retry_after=retry_after)
        self.whole_channel = whole_channel
        """True when no destination of the channel can be reached (a revoked token), False for this one alone."""


class Channel(Protocol):
    """A way to reach people. Every method may raise ChannelError; all may be called from several threads at once."""

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        ...

    @property
    def pace(self) -> float:
        """Seconds that must pass between two messages, and between two edits, at one destination."""
        ...

    @property
    def patience(self) -> float:
        """Seconds after which one call to the channel is over at the latest."""
        ...

    def destination(self, to: str) -> str:
        """Return where messages for the e-mail address `to` go; "" or a stranger means the fallback, never nobody."""
        ...

    def send(self, message: AlertText, destination: str, alert: AlertId) -> str:
        """Send a new message and return where it is, for `update`."""
        ...

    def update(self, message: AlertText, remote: str, alert: AlertId) -> None:
        """Replace the message at `remote`; one that people have deleted counts as replaced."""
        ...

    def find(self, destination: str, alert: AlertId, since: datetime) -> str | None:
        """Return where the message of `alert` is if it arrived after `since`, else None; asked after a failure that
        may have been a success. Raises a permanent ChannelError where the channel can't be asked."""
        ...

    def check(self) -> str:
        """Say in a few words that the channel works, or raise ChannelError; sends nothing to anybody."""
        ...
