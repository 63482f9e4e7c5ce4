"""Keeps the model of orders that is fitted on the imported accounts every week."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine

from app import store
from core.database import UNUSABLE, has_no_database, open_engine, reading, writing
from core.errors import DormouseError
from core.settings import read_settings
from enrichment.dormancy.cadence import WINDOW_DAYS
from enrichment.dormancy.fit import FittedCadence, fit_histories
from enrichment.dormancy.history_queries import histories

_NONE_HERE: tuple[type[Exception], ...] = (*UNUSABLE, DormouseError)

FACT = "cadence"
FITTED_AT = "cadence:at"
"""Changes whenever the model does."""


def fit_imported(engine: Engine, now: datetime) -> int:
    """Learn from the orders of all imported accounts up to `now`, and keep it; return how many rows taught it.

    Where they are too few, nothing is kept, and what was learnt before is forgotten: the built-in prior answers.
    """
    with reading(engine) as connection:
        known = [one.orders for one in histories(connection, now)]
    model = fit_histories(known, WINDOW_DAYS)
    with writing(engine) as connection:
        store.set_fact(connection, FACT, msgspec.json.encode(model).decode() if model.rows else "")
        store.set_fact(connection, FITTED_AT, now.isoformat())
    return model.rows


def fitted(connection: Connection) -> FittedCadence | None:
    """Return the model last fitted on the imported accounts; None where there is none."""
    text = store.fact(connection, FACT)
    try:
        return msgspec.json.decode(text, type=FittedCadence) if text else None
    except msgspec.MsgspecError:
        return None  # of an older release: the next fit replaces it


def fitted_or_none() -> FittedCadence | None:
    """Return the model of this installation; None where there is no installation, or none was fitted."""

    try:
        settings = read_settings()
        if has_no_database(settings.database_url):
            return None
        with reading(open_engine(settings.database_url)) as connection:
            return fitted(connection)
    except _NONE_HERE:
        return None  # explain needs no installation
