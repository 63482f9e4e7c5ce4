"""Sends one alert to one person, as a test: the newest one's words, or a sample's, and nobody else sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

import alerts.store
from alerts.channels.protocol import Links
from alerts.channels.slack import SlackChannel
from alerts.deliveries.post import Post
from alerts.message import AlertText, Line, from_data
from alerts.store import AlertRow
from core.alerting import USELESS, Hold
from core.domain import AlertId
from core.errors import ChannelError, InputError
from core.ids import random_token
from core.settings import Settings

PREFIX = "test-"
"""What the id of a test begins with: a click on it proves the way back, and does nothing."""

LOOK_BACK = timedelta(days=365)

NOTE = "A test by `dormouse slack test`: only you see it, and nothing that you press here is kept."

SAMPLE = AlertText(
    name="Hartmann Pumpen GmbH",
    push="Hartmann Pumpen GmbH is back: Pricing 2 min, no order for 412 days, very likely them",
    title="Hartmann Pumpen GmbH is back (a sample)",
    facts=("no order for 412 days", "€84k lifetime"),
    lines=(
        Line(label="Now", text="Pricing 2:10 → Spare parts X200 0:45 → contact form opened, not sent · 2 visitors"),
        Line(label="Was", text="last order 8 Oct 2025, X200 ×4, €12.4k · used to order every ~90 days"),
        Line(label="Sure?", text="Very likely (98 in 100): office network registered to them"),
    ),
    why_now="Pricing ≥ 30 s +30 · form opened +25 · first visit in 398 d +20 · 2 visitors +10 = 85 (60 needed)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was sent."""

    about: str
    """The account's name."""
    is_sample: bool


def try_out(connection: Connection, settings: Settings, links: Links, to: str, now: datetime) -> Tried:
    """Send the best alert of the last week, else the newest, else a sample, to `to` alone.

    Raises InputError when Slack doesn't know the person or refuses: never does it fall back on a channel.
    """
    words = _words(connection, now)
    channel = SlackChannel(
        token=settings.slack_token,
        fallback="",  # nobody else may see it
        api_url=settings.slack_api_url,
        links=links,
        interactive=bool(settings.slack_signing_secret or settings.slack_app_token),
    )
    shown = replace(words or SAMPLE, note=NOTE)
    try:
        where = channel.destination(to)
        channel.send(Post(id=f"{PREFIX}{random_token(8)}", words=shown, since=now, to=to), where)
    except ChannelError as error:
        raise InputError(f"nothing was sent: {error}") from error
    return Tried(about=shown.name, is_sample=words is None)


def _words(connection: Connection, now: datetime) -> AlertText | None:
    rows = [row for row in alerts.store.alert_rows(connection, now - LOOK_BACK, limit=200) if _is_fit(row)]
    week = [row for row in rows if row.alert.at >= now - timedelta(days=7)]
    best = max(week, key=lambda row: row.alert.score, default=rows[0] if rows else None)
    return from_data(best.alert.message) if best else None


def _is_fit(row: AlertRow) -> bool:
    """Whether an alert is a good first message: news that was told, and that nobody found wrong or useless."""
    standing = {one.kind for one in row.feedback if one.undone_at is None}
    return not row.alert.backfill and row.alert.hold is not Hold.SHADOW and not standing & USELESS


def is_test(subject: str) -> bool:
    """Say whether a click is on a test's message."""
    return AlertId(subject).startswith(PREFIX)
