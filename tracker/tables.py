"""The tracker's tables: sites, hits, visits and what was counted."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, false

from core.database import UtcTime, metadata

sites = Table(
    "sites",
    metadata,
    Column("id", String(253), primary_key=True, comment="host name"),
    Column("created_at", UtcTime, nullable=False),
    Column("secret", String(64), nullable=False, comment="keys the visitor salts of past days of imported logs"),
    Column("identify_secret", String(64), comment="the site's backend signs identify calls with it"),
    Column("snippet_seen_at", UtcTime, comment="the last beacon of the snippet on this site"),
    Column("is_demo", Boolean, nullable=False, default=False),
    info={"data_class": "configuration"},
)

page_views = Table(
    "page_views",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("site", String(253), nullable=False),
    Column("visit", String(36), comment="null for hits that never formed a visit (assets, malformed lines)"),
    Column("at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("path", String(500), nullable=False),
    Column("title", String(200), nullable=False, default=""),
    Column("referrer", String(500), nullable=False, default=""),
    Column("engaged_ms", Integer, nullable=False, default=0),
    Column("source", String(16), nullable=False),
    Column("touched", Boolean, nullable=False, default=False, server_default=false(), comment="a person's input"),
    Column("clues", JSON(none_as_null=True), comment="what was proved of the visitor, and what was refused; or null"),
    Column("drop", String(32)),
    Index("ix_page_views_visit", "visit"),
    Index("ix_page_views_received_at", "received_at"),
    info={"data_class": "page_views"},
)

visits = Table(
    "visits",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("site", String(253), nullable=False),
    Column("visitor", String(64), nullable=False),
    Column("ip", String(45), comment="raw address, removed by its own clock"),
    Column("prefix", String(49), comment="the network's prefix, else /24 or /48"),
    Column("address_hash", String(64), comment="keyed hash of the address, for corrections"),
    Column("user_agent", String(400), nullable=False, default=""),
    Column("started_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("drop", String(32), comment="set when the tracker already knows that nobody is to be identified"),
    Index("ix_visits_visitor", "site", "visitor", "last_at"),
    Index("ix_visits_started_at", "started_at"),
    Index("ix_visits_last_at", "last_at"),
    Index("ix_visits_received_at", "received_at"),
    Index("ix_visits_address_hash", "address_hash"),
    info={"data_class": "visits"},
)

hit_counts = Table(
    "hit_counts",
    metadata,
    Column("site", String(253), primary_key=True),
    Column("day", String(10), primary_key=True, comment="UTC date"),
    Column("source", String(16), primary_key=True),
    Column("outcome", String(32), primary_key=True, comment="`kept` or a drop reason"),
    Column("n", BigInteger, nullable=False),
    info={"data_class": "counts"},
)

clue_counts = Table(
    "clue_counts",
    metadata,
    Column("site", String(253), primary_key=True),
    Column("day", String(10), primary_key=True, comment="UTC date"),
    Column("outcome", String(32), primary_key=True, comment="a kind of clue, or why something said was refused"),
    Column("n", BigInteger, nullable=False),
    info={"data_class": "counts"},
)

salts = Table(
    "salts",
    metadata,
    Column("site", String(253), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    info={"data_class": "salts"},
)

buffer_offsets = Table(
    "buffer_offsets",
    metadata,
    Column("segment", Text, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    info={"data_class": "technical"},
)
