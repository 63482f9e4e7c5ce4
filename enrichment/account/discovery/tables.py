"""The tables of discovery: proposed networks, and how far which file was read."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, String, Table

from core.database import UtcTime, metadata

network_proposals = Table(
    "network_proposals",
    metadata,
    Column("id", String(36), primary_key=True, comment="derived from account and prefix"),
    Column("account", String(100), nullable=False),
    Column("prefix", String(49), nullable=False),
    Column("organisation", String(300), nullable=False, default="", comment="as the source names it"),
    Column("confidence", Float, nullable=False),
    Column("waits", String(300), nullable=False, default="", comment="why a person must look first; empty: it acts"),
    Column("evidence", JSON, nullable=False, comment="what each source said"),
    Column("status", String(10), nullable=False, comment="proposed, accepted or rejected"),
    Column("first_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("by", String(254), nullable=False, default="", comment="who accepted or rejected it"),
    Column("at", UtcTime, comment="when"),
    Index("ix_network_proposals_account", "account", "prefix", unique=True),
    Index("ix_network_proposals_status", "status", "waits", "confidence"),
    info={"data_class": "accounts"},
)

discovery_progress = Table(
    "discovery_progress",
    metadata,
    Column("work", String(64), primary_key=True, comment="digest of the file, the accounts and the rules"),
    Column("pass_number", Integer, primary_key=True, comment="1: organisations, 2: ranges"),
    Column("file", String(300), nullable=False),
    Column("position", BigInteger, nullable=False, comment="bytes of the unpacked file, or elements of an XML file"),
    Column("objects", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    info={"data_class": "technical"},
)

discovered_owners = Table(
    "discovered_owners",
    metadata,
    Column("work", String(64), primary_key=True, comment="as in discovery_progress"),
    Column("handle", String(100), primary_key=True, comment="the registry's handle of an organisation"),
    Column("name", String(300), nullable=False),
    Column("country", String(2), nullable=False, default=""),
    Column("domain", String(253), nullable=False, default=""),
    info={"data_class": "technical"},
)
