"""The API's tables: keys, answers to repeated requests, what became of events."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text

from core.database import UtcTime, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("prefix", String(16), nullable=False, comment="the key's first characters, by which people know it"),
    Column("key_hash", String(64), nullable=False, unique=True, comment="SHA-256 of the key, which is kept nowhere"),
    Column("scopes", String(100), nullable=False, comment="separated by spaces"),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    Column("revoked_at", UtcTime),
    info={"data_class": "api_keys"},
)

api_answers = Table(
    "api_answers",
    metadata,
    Column("key", String(36), primary_key=True, comment="the API key's id"),
    Column("request", String(64), primary_key=True, comment="SHA-256 of the Idempotency-Key and the path"),
    Column("body_hash", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("status", Integer, nullable=False, default=0, comment="0 while the request is in flight"),
    Column("answer", Text, nullable=False, default=""),
    Index("ix_api_answers_at", "at"),
    info={"data_class": "api_answers"},
)

event_counts = Table(
    "event_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("outcome", String(32), primary_key=True, comment="`accepted`, `duplicate`, or why it was rejected"),
    Column("number", Integer, nullable=False),
    info={"data_class": "counts"},
)
