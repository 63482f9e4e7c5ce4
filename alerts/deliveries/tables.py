"""The outbox's own tables: each try of a delivery, and the channels that are paused."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from core.database import UtcTime, metadata

delivery_log = Table(
    "delivery_log",
    metadata,
    Column("delivery", String(36), primary_key=True),
    Column("n", Integer, primary_key=True, comment="counts a delivery's tries; the oldest are forgotten"),
    Column("at", UtcTime, nullable=False),
    Column("outcome", String(10), nullable=False, comment="sent, edited, untold, found, waits, failed, dead"),
    Column("error", Text, nullable=False, default=""),
    info={"data_class": "alerts"},
)

channel_pauses = Table(
    "channel_pauses",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, comment="null: until a person says otherwise"),
    Column("why", Text, nullable=False),
    info={"data_class": "technical"},
)
