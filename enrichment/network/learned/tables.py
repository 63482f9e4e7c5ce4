"""The table of the learned map: its evidence. The map itself is judged anew from it."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from core.database import UtcTime, metadata

learned_observations = Table(
    "learned_observations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("host", String(32), nullable=False, comment="keyed hash of the address (IPv6: of its /64)"),
    Column("block", String(49), nullable=False, comment="the /28 (IPv6: /56) around it"),
    Column("kind", String(16), nullable=False, comment="signed_link, form, identify or login"),
    Column("person", String(32), nullable=False, default="", comment="keyed hash: u… a user, v… a visitor of one day"),
    Column("at", UtcTime, nullable=False),
    Column("kept_at", UtcTime, nullable=False, comment="when it was written: newer ones are read without the others"),
    Index("ix_learned_observations_at", "at"),
    Index("ix_learned_observations_kept", "kept_at"),
    Index("ix_learned_observations_account", "account"),
    info={"data_class": "learned"},
)
