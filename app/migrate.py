"""Brings the database's tables up to date, after taking a copy where it can."""

from __future__ import annotations

import glob
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from core.errors import UnavailableError

_FOLDER = Path(__file__).parent / "migrations"


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["engine"] = engine
    return config


def head() -> str:
    """Return the newest revision that this version of Dormouse knows."""
    return _scripts().get_current_head() or ""


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return ScriptDirectory.from_config(config)


def current(engine: Engine) -> str:
    """Return the database's revision; empty for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(engine: Engine) -> bool:
    """Return whether the tables are those that this version expects."""
    return current(engine) == head()


def upgrade(engine: Engine, say: Callable[[str], None]) -> None:
    """Upgrade to the newest revision; an SQLite database with content is copied first.

    Raises UnavailableError for a database of a newer version: nothing is touched then.
    """
    if is_current(engine):
        return
    revision = current(engine)
    if revision and revision not in _revisions():
        raise UnavailableError(
            f"the database is at revision {revision}, which this version doesn't know: install the newer version again"
        )
    if engine.dialect.name == "sqlite" and inspect(engine).get_table_names():
        copy = _copy_sqlite(Path(str(engine.url.database)), revision or "unversioned")
        say(f"database copied to {copy} before the upgrade, without visitors' addresses")
    command.upgrade(_config(engine), "head")


def copies(engine: Engine) -> list[Path]:
    """Return the copies that upgrades have left beside an SQLite database."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return []
    path = Path(engine.url.database)
    return sorted(path.parent.glob(f"{glob.escape(path.name)}.before-*"))


def _revisions() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _copy_sqlite(path: Path, revision: str) -> Path:
    """Copy all but what lives for hours only: no clock would remove that from a copy."""
    copy = path.with_name(f"{path.name}.before-{head()}-from-{revision}")
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA secure_delete=ON")
        for statement in ("UPDATE visits SET ip = NULL WHERE ip IS NOT NULL", "DELETE FROM salts"):
            with suppress(sqlite3.OperationalError):  # from before there was such a table
                target.execute(statement)
        target.commit()
        target.execute("VACUUM")
    return copy
