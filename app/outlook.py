"""Keeps the model of orders that was fitted on the imported accounts, and fits it anew every week."""

from __future__ import annotations

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app import store
from core.database import open_engine, reading
from core.errors import DormouseError
from core.settings import read_settings
from enrichment.dormancy.fit import FittedCadence

FACT = "cadence"


def fitted(engine: Engine) -> FittedCadence | None:
    """Return the model last fitted on the imported accounts; None before the first time."""
    with reading(engine) as connection:
        text = store.fact(connection, FACT)
    try:
        return msgspec.json.decode(text, type=FittedCadence) if text else None
    except msgspec.MsgspecError:
        return None  # of an older release: the next fit replaces it


def fitted_or_none() -> FittedCadence | None:
    """Return the model of this installation; None where there is no installation, or none was fitted."""
    from app.wiring import has_no_database

    try:
        settings = read_settings()
        return None if has_no_database(settings) else fitted(open_engine(settings.database_url))
    except (DormouseError, SQLAlchemyError, OSError):
        return None  # explain needs no installation
