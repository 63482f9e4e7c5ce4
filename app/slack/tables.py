"""The queue of clicks: kept before Slack gets its answer, worked off at once."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from core.database import UtcTime, metadata

slack_clicks = Table(
    "slack_clicks",
    metadata,
    Column("id", String(36), primary_key=True, comment="derived from what Slack says of the click"),
    Column("received_at", UtcTime, nullable=False),
    Column("team", String(200), nullable=False),
    Column("user", String(200), nullable=False),
    Column("user_name", String(200), nullable=False, default=""),
    Column("action", String(20), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("choice", String(200), nullable=False, default=""),
    Column("response_url", Text, nullable=False, default="", comment="emptied when the click is worked off"),
    Column("status", String(10), nullable=False, default="waiting", comment="waiting, done, refused, failed"),
    Column("said", Text, nullable=False, default=""),
    Column("tries", Integer, nullable=False, default=0),
    Column("taken_until", UtcTime),
    Index("ix_slack_clicks_status", "status", "received_at"),
    info={"data_class": "clicks"},
)
