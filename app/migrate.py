"""Brings the database's tables up to date, after taking a copy where it can."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

_FOLDER = Path(__file__).parent / "migrations"


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["engine"] = engine
    return config


def head() -> str:
    """Return the newest revision that this version of Dormouse knows."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def current(engine: Engine) -> str:
    """Return the database's revision; empty for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(engine: Engine) -> bool:
    """Return whether the tables are those that this version expects."""
    return current(engine) == head()


def upgrade(engine: Engine, say: Callable[[str], None]) -> None:
    """Upgrade to the newest revision; an SQLite database with content is copied first."""
    if is_current(engine):
        return
    if engine.dialect.name == "sqlite" and inspect(engine).get_table_names():
        copy = _copy_sqlite(Path(str(engine.url.database)), current(engine) or "unversioned")
        say(f"database copied to {copy} before the upgrade")
    command.upgrade(_config(engine), "head")


def _copy_sqlite(path: Path, revision: str) -> Path:
    copy = path.with_name(f"{path.name}.before-{head()}-from-{revision}")
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    return copy
