"""Knows every table: importing this module fills `metadata` with the tables of all stages."""

from __future__ import annotations

from types import ModuleType

import alerts.deliveries.tables
import alerts.precision.tables
import alerts.reps.tables
import alerts.shadow.tables
import alerts.tables
import app.api.tables
import app.rulebook.tables
import app.slack.tables
import app.tables
import enrichment.account.discovery.tables
import enrichment.network.learned.tables
import enrichment.network.remote.tables
import enrichment.tables
import tracker.tables
from core.database import metadata as metadata

MODULES: tuple[ModuleType, ...] = (
    tracker.tables,
    enrichment.tables,
    enrichment.account.discovery.tables,
    enrichment.network.learned.tables,
    enrichment.network.remote.tables,
    alerts.tables,
    alerts.deliveries.tables,
    alerts.reps.tables,
    alerts.shadow.tables,
    alerts.precision.tables,
    app.tables,
    app.api.tables,
    app.rulebook.tables,
    app.slack.tables,
)
"""The modules that define tables, in the order in which data flows."""
