"""What every channel promises to the outbox."""

from __future__ import annotations

from typing import Protocol

from alerts.buttons import Action
from alerts.deliveries.post import Post
from core.domain import AlertId
from core.errors import ChannelError


class Links(Protocol):
    """Gives the address behind a button."""

    def __call__(self, subject: AlertId, action: Action, choice: str = "", /) -> str:
        """Return a signed link that asks for the action on `subject`, with what was `choice` made already; "" leaves
        the button out."""
        ...


class MisconfiguredError(ChannelError):
    """The channel can't work until a person changes something; the text says what. Nothing is lost meanwhile."""

    def __init__(self, text: str, *, whole_channel: bool, retry_after: float | None = 300.0) -> None:
        """`retry_after` None: it stays paused until a person says otherwise (the receiver said that it is gone)."""
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

    @property
    def retries(self) -> tuple[float, ...]:
        """Seconds to wait after each failed try, where the channel has a schedule of its own; empty: the outbox's."""
        ...

    @property
    def recognises(self) -> bool:
        """Whether the receiver recognises a message that it has already, by its id: then doubt is no harm."""
        ...

    def destination(self, to: str, beside: str = "") -> str:
        """Return where messages for the e-mail address `to` go; "" or a stranger means the fallback, never nobody.

        `beside` is where a message is already that this one edits or answers; it decides where there is a choice.
        """
        ...

    def send(self, post: Post, destination: str) -> str:
        """Send a new message and return where it is (never ""), for `update`. A notice with a `thread` stands in it."""
        ...

    def update(self, post: Post, remote: str) -> bool:
        """Bring what was sent up to date; False when this channel has nothing to tell of this change.

        One that people have deleted counts as up to date.
        """
        ...

    def find(self, post: Post, destination: str) -> str | None:
        """Return where the message is if it arrived, else None; asked after a failure that may have been a success.

        Raises a permanent ChannelError where the channel can't be asked. Not asked where the receiver `recognises`.
        """
        ...

    def retract(self, remote: str) -> bool:
        """Take back a message that another process sent as well; False where that can't be done."""
        ...

    def check(self) -> str:
        """Say in a few words that the channel works, or raise ChannelError; sends nothing to anybody."""
        ...
