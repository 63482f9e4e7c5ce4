"""The table of rules that are told of in the digest alone."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from core.database import UtcTime, metadata

demotions = Table(
    "demotions",
    metadata,
    Column("rule", String(60), primary_key=True),
    Column("demoted_at", UtcTime, nullable=False),
    Column("demoted_by", String(254), nullable=False),
    Column("restored_at", UtcTime, comment="when it was let speak again; null: it is demoted"),
    Column("restored_by", String(254), nullable=False, default=""),
    info={"data_class": "configuration"},
)
