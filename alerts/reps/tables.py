"""The tables of the people who get alerts."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Integer, String, Table, false

from core.database import UtcTime, metadata

reps = Table(
    "reps",
    metadata,
    Column("email", String(254), primary_key=True, comment="lower case"),
    Column("name", String(200), nullable=False, default=""),
    Column("zone", String(60), nullable=False, default="", comment="empty: the operator's"),
    Column("hours", JSON(none_as_null=True), comment="begin, end, days, holidays that differ from the policy's"),
    Column("most_a_day", Integer, comment="null: the policy's"),
    Column("deputy", String(254), nullable=False, default=""),
    Column("team", String(100), nullable=False, default=""),
    Column("manager", String(254), nullable=False, default=""),
    Column("away_from", Date),
    Column("away_until", Date),
    Column("has_left", Boolean, nullable=False, default=False, server_default=false()),
    Column("shows_own_figures", Boolean, nullable=False, default=False, server_default=false()),
    Column("changed_at", UtcTime, nullable=False),
    info={"data_class": "users"},
)
