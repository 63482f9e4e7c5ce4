"""Which text of a rule file acts: whoever spoke last, the folder of rules or the newest saved version; else the
built-in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from app.rulebook import store
from app.rulebook.files import FILES, RuleFile, mistakes
from core.database import reading, writing
from core.errors import InputError
from core.log import logger
from core.rule_file import rule_text

BY_FILE = "file"
"""In whose name a text of the folder of rules becomes a version."""

_log = logger("rulebook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The text that acts."""

    file: RuleFile
    text: str
    number: int | None
    """Its version; 0: built-in; None: a file that is to become the next version."""
    where: str
    """As shown to people, such as `version 3` or a file's path."""


def current(connection: Connection | None, file: RuleFile, folder: Path | None) -> Current:
    """Return the text of `file` that acts; without a connection versions are left out. Raises InputError.

    A file in the folder acts from when it changes until a version is saved; it is new when its text isn't that of
    the last version taken from a file. When that file is gone, what it said is gone with it.
    """
    head = store.newest(connection, file.name) if connection is not None else None
    taken = store.newest(connection, file.name, "file") if connection is not None else None
    path = _own(file, folder)
    if path is not None:
        text = rule_text(path)
        if taken is None or taken.hash != store.hash_of(text):
            return Current(file=file, text=text, number=None, where=str(path))
    elif folder is not None and head is not None and head.source == "file" and head.text:
        return Current(file=file, text="", number=None, where="built-in rules: the file is gone")
    if head is not None:
        where = f"version {head.number}" if head.text else f"version {head.number}: the built-in rules"
        return Current(file=file, text=head.text or file.built_in_text(), number=head.number, where=where)
    return Current(file=file, text=file.built_in_text(), number=0, where="built-in rules")


def acting(engine: Engine | None, file: RuleFile, folder: Path | None) -> Current:
    """Return the text of `file` that acts and can be read.

    A faulty file in the folder gives way to the newest version, and the log says so; where there is none, InputError
    names its mistakes. Without tables or an engine, the folder and the built-in rules count.
    """
    try:
        if engine is None:
            return current(None, file, folder)
        with reading(engine) as connection:
            found = current(connection, file, folder)
            if found.number is None and (wrong := mistakes(file, found.text)):
                saved = current(connection, file, None)
                if not saved.number:
                    return found
                _log.error(
                    "a rule file has mistakes; the newest version goes on acting",
                    file=found.where,
                    mistakes=len(wrong),
                    first=wrong[0].text,
                )
                return saved
            return found
    except Exception as error:
        if not store.is_missing_table(error):
            raise
        return current(None, file, folder)


def take_up(engine: Engine, folder: Path | None, now: datetime) -> int:
    """Make versions of files that are new in the folder, or gone from it; return how many. Faulty ones are left."""
    if folder is None:
        return 0
    count = 0
    for file in FILES:
        with reading(engine) as connection:
            found = _news(connection, file, folder)
        if found is not None:
            with writing(engine) as connection:
                count += take_up_file(connection, file, folder, now)
    return count


def take_up_file(connection: Connection, file: RuleFile, folder: Path | None, now: datetime) -> bool:
    """Make a version of one file of the folder if it is new; the caller's transaction writes."""
    found = _news(connection, file, folder)
    if found is None:
        return False
    why = f"{file.file_name} in the folder of rules was changed" if found.text else f"{file.file_name} was removed"
    return store.add(connection, file.name, found.text, "file", BY_FILE, why, now) is not None


def _news(connection: Connection, file: RuleFile, folder: Path | None) -> Current | None:
    try:
        found = current(connection, file, folder)
    except InputError as error:
        _log.error("a rule file can't be read", why=str(error))
        return None
    return found if found.number is None and not mistakes(file, found.text) else None


def _own(file: RuleFile, folder: Path | None) -> Path | None:
    path = folder / file.file_name if folder else None
    return path if path and path.is_file() else None
