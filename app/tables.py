"""The shell's tables: people who log in, what they did, small facts."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, String, Table, Text

from core.database import UtcTime, metadata

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False, default=""),
    Column("role", String(16), nullable=False, default="admin"),
    Column("created_at", UtcTime, nullable=False),
    info={"data_class": "users"},
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True, comment="SHA-256 of the cookie's value"),
    Column("user", String(36), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    info={"data_class": "sessions"},
)

login_links = Table(
    "login_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user", String(36), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    info={"data_class": "sessions"},
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(254), nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(300), nullable=False, default=""),
    Index("ix_audit_at", "at"),
    info={"data_class": "audit"},
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    info={"data_class": "technical"},
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(64), primary_key=True, comment="random; names the file in the home folder's uploads"),
    Column("at", UtcTime, nullable=False),
    Column("by", String(254), nullable=False),
    Column("status", String(16), nullable=False),
    Column("state", JSON, nullable=False, comment="columns with samples, what was chosen, the report"),
    info={"data_class": "uploads"},
)
