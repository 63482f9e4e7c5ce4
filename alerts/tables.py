"""The alerts' tables: what was said, to whom, where it stands, and what people did with it."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, Table, Text, false

from core.database import UtcTime, metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("visit", String(36), nullable=False),
    Column("site", String(253), nullable=False),
    Column("at", UtcTime, nullable=False, comment="as of when the visit was judged"),
    Column("created_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, comment="when the hit that made us speak reached us: delays count from here"),
    Column("score", Float, nullable=False),
    Column("why", JSON, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("to", String(254), nullable=False, default=""),
    Column("message", JSON, nullable=False),
    Column("version", Integer, nullable=False, default=1, comment="grows when the message changes"),
    Column("kind", String(16), nullable=False, default="awake", server_default="awake"),
    Column("rule", String(60), nullable=False, default="score", server_default="score", comment="what fired"),
    Column("line", String(300), nullable=False, default="", server_default="", comment="the silent product line"),
    Column("hold", String(16), nullable=False, default="", server_default="", comment="why it wasn't sent at once"),
    Column("route", Text, nullable=False, default="", server_default="", comment="why it went to whom it went"),
    Column("told_in", String(36), comment="the notice that told of it, when it was held"),
    Column("released_at", UtcTime, comment="when a held one was told or set free"),
    Index("ix_alerts_account", "account", "at"),
    Index("ix_alerts_to", "to", "at"),
    Index("ix_alerts_visit", "visit"),
    Index("ix_alerts_made", "backfill", "created_at"),
    Index("ix_alerts_held", "hold", "released_at"),
    info={"data_class": "alerts"},
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("alert", String(36), nullable=False),
    Column("is_notice", Boolean, nullable=False, default=False, server_default=false(), comment="`alert` is a notice"),
    Column("channel", String(20), nullable=False),
    Column("status", String(10), nullable=False, comment="due, sending, sent, failed, dead"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", UtcTime, nullable=False),
    Column("claimed_by", String(64)),
    Column("claimed_until", UtcTime),
    Column("sent_at", UtcTime),
    Column("first_sent_at", UtcTime, comment="when it was told; `sent_at` moves on with each edit"),
    Column("heard", JSON, comment="the feedback that stood when the words were read that were sent last"),
    Column("sent_version", Integer, nullable=False, default=0),
    Column("edits", Integer, nullable=False, default=0, comment="how often the sent message was edited"),
    Column("in_doubt", Boolean, nullable=False, default=False, comment="may have arrived: ask before sending again"),
    Column("possibly_twice", Boolean, nullable=False, default=False, server_default=false()),
    Column("remote", Text, nullable=False, default=""),
    Column("error", Text, nullable=False, default=""),
    Index("ix_deliveries_due", "status", "due_at"),
    Index("ix_deliveries_alert", "alert"),
    info={"data_class": "alerts"},
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("alert", String(36), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("undone_at", UtcTime),
    Column("detail", Text, nullable=False, default="", server_default="", comment="what was chosen or said with it"),
    Column("until", UtcTime, comment="until when it is snoozed, or when the rep will call again"),
    Index("ix_feedback_alert", "alert"),
    info={"data_class": "alerts"},
)

notices = Table(
    "notices",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("to", String(254), nullable=False, default="", comment="e-mail address; empty: each channel's fallback"),
    Column("at", UtcTime, nullable=False),
    Column("alert", String(36), comment="in whose thread it stands, where the channel has threads"),
    Column("text", JSON, nullable=False),
    Column("version", Integer, nullable=False, default=1, comment="grows when the text changes"),
    Index("ix_notices_to", "to", "at"),
    Index("ix_notices_kind", "kind", "at"),
    info={"data_class": "alerts"},
)
