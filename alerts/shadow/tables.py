"""The tables of shadow mode."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from core.database import UtcTime, metadata

shadow_runs = Table(
    "shadow_runs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("started_by", String(254), nullable=False),
    Column("days", Integer, nullable=False, comment="how long it was meant to run"),
    Column("ended_at", UtcTime, comment="when somebody went live; null: it runs"),
    Column("ended_by", String(254), nullable=False, default=""),
    Column("judged", Integer, nullable=False, default=0, comment="how many samples had been judged at its end"),
    Column("wrong", Integer, nullable=False, default=0, comment="how many of them were wrong"),
    info={"data_class": "configuration"},
)

shadow_verdicts = Table(
    "shadow_verdicts",
    metadata,
    Column("alert", String(36), primary_key=True),
    Column("verdict", String(8), nullable=False, comment="right, wrong, unknown"),
    Column("by", String(254), nullable=False),
    Column("at", UtcTime, nullable=False),
    info={"data_class": "alerts"},
)
