"""What the outbox hands to a channel: an alert or a notice, with what a channel needs beside its words (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from alerts.message import AlertText
from alerts.notices.notice import NoticeText
from core.alerting import Alert
from core.domain import AlertId

Change = Literal["created", "updated", "claimed", "wrong", "undone"]
"""What is new since the channel last heard: it grew, somebody took it, it was another company, or that was undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message on its way to one channel."""

    id: str
    """The alert's or the notice's: channels that can carry it do, so that the message can be found again."""
    words: AlertText | NoticeText
    """As it should read now."""
    since: datetime
    """When it was made: it can't be on any channel before."""
    to: str = ""
    """E-mail address of who should read it; empty: the channel's fallback."""
    version: int = 1
    change: Change = "created"
    by: str = ""
    """Who took it, or said that it was another company."""
    said: tuple[str, ...] = ()
    """The ids of the feedback that stands as the words read now."""
    thread: str = ""
    """Where on this channel the alert's message is, in whose thread this notice stands; empty: it stands alone."""
    alert: Alert | None = None
    """The alert itself; None for a notice."""
    about: AlertId | None = None
    """The alert that a notice belongs to."""
    kind: str = ""
    """The kind of alert or notice."""

    @property
    def is_notice(self) -> bool:
        return isinstance(self.words, NoticeText)

    @property
    def subject(self) -> AlertId:
        """The id that its buttons are about."""
        return AlertId(self.id)
