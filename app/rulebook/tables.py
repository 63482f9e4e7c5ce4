"""The rulebook's table: every version of each rule file, and drafts that wait to be accepted."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, UniqueConstraint

from core.database import UtcTime, metadata

rule_versions = Table(
    "rule_versions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("file", String(20), nullable=False, comment="scoring, dormancy, alerting"),
    Column("number", Integer, comment="the newest one acts; null: a draft, which acts only once accepted"),
    Column("text", Text, nullable=False, comment="TOML"),
    Column("hash", String(64), nullable=False, comment="SHA-256 of the text"),
    Column("source", String(12), nullable=False, comment="saved, file, restored, proposal"),
    Column("by", String(254), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False, default=""),
    Column("base", Integer, comment="the version that acted when this one was made"),
    Column("backtest", JSON(none_as_null=True), comment="what the replay of stored visits said, or null"),
    UniqueConstraint("file", "number"),
    Index("ix_rule_versions_at", "file", "at"),
    info={"data_class": "configuration"},
)
