"""Tables of the sources that are asked over the network: the queue, the budgets, and what was answered."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from core.database import UtcTime, metadata

ask_queue = Table(
    "ask_queue",
    metadata,
    Column("source", String(8), primary_key=True, comment="`rdap` or `rdns`"),
    Column("address", String(45), primary_key=True, comment="raw address, removed by the clock of raw addresses"),
    Column("lane", String(16), nullable=False, comment="whose budget it costs: a registry, or `dns`"),
    Column("around", String(49), nullable=False, comment="/24 or /48: only one of it is asked for at a time"),
    Column("worth", Float, nullable=False),
    Column("seen_at", UtcTime, nullable=False, comment="when the newest hit from there reached us"),
    Column("due_at", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("claimed_until", UtcTime),
    Index("ix_ask_queue_lane", "lane", "worth"),
    Index("ix_ask_queue_seen_at", "seen_at"),
    Index("ix_ask_queue_around", "around"),
    Index("ix_ask_queue_claimed_until", "claimed_until"),
    info={"data_class": "ask_queue"},
)

ask_budgets = Table(
    "ask_budgets",
    metadata,
    Column("name", String(16), primary_key=True, comment="a registry, or `dns`"),
    Column("tokens", Float, nullable=False),
    Column("filled_at", UtcTime, nullable=False),
    Column("day", String(10), nullable=False, default=""),
    Column("day_used", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("opened", Integer, nullable=False, default=0),
    Column("open_until", UtcTime),
    Column("probed_at", UtcTime),
    Column("last_error", String(300), nullable=False, default=""),
    Column("asked", BigInteger, nullable=False, default=0),
    Column("answered", BigInteger, nullable=False, default=0),
    info={"data_class": "technical"},
)

registry_answers = Table(
    "registry_answers",
    metadata,
    Column("range", String(80), primary_key=True, comment="first-last, as the registry has it"),
    Column("registry", String(16), nullable=False),
    Column("found", Boolean, nullable=False, comment="false: the registry knows nothing about this"),
    Column("organisation", String(300)),
    Column("is_person", Boolean, nullable=False, default=False, comment="then no name is kept"),
    Column("netname", String(120)),
    Column("status", String(60)),
    Column("country", String(2)),
    Column("domain", String(253)),
    Column("text", Text, nullable=False, default=""),
    Column("is_narrow", Boolean, nullable=False, comment="so few addresses that the clock of raw addresses holds"),
    Column("at", UtcTime, nullable=False),
    Column("fresh_until", UtcTime, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("ix_registry_answers_seq", "seq"),
    Index("ix_registry_answers_at", "at"),
    info={"data_class": "registry_answers"},
)

host_answers = Table(
    "host_answers",
    metadata,
    Column("address_hash", String(64), primary_key=True, comment="keyed hash of the address"),
    Column("host", String(253), comment="null: the address has no name; numbers of the address are left out"),
    Column("confirmed", Boolean, nullable=False, default=False),
    Column("domain", String(253)),
    Column("at", UtcTime, nullable=False),
    Column("fresh_until", UtcTime, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("ix_host_answers_seq", "seq"),
    Index("ix_host_answers_at", "at"),
    info={"data_class": "host_answers"},
)

ask_changes = Table(
    "ask_changes",
    metadata,
    Column("name", String(16), primary_key=True, comment="the table of answers"),
    Column("seq", BigInteger, nullable=False, comment="of its newest answer"),
    Column("removed", BigInteger, nullable=False, default=0, comment="how often answers were removed"),
    info={"data_class": "technical"},
)
