"""Imports uploaded files: kept for an hour at most, looked through, checked, then imported in a thread."""

from __future__ import annotations

import re
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast

import msgspec
from sqlalchemy import Connection, Engine

from app import audit
from app import upload_queries as queries
from app.upload_queries import Upload
from core.clock import Clock
from core.database import reading, writing
from core.errors import InputError
from core.ids import random_token
from core.log import logger
from enrichment.account.importer import mapping_store
from enrichment.account.importer.columns import guess_columns
from enrichment.account.importer.headers import FIELDS, LABELS, What
from enrichment.account.importer.registry import IMPORTERS
from enrichment.account.importer.report import ImportReport
from enrichment.account.importer.table import read_table
from enrichment.account.importer.workbook import is_workbook
from enrichment.account.plain_words import normalise

KINDS: tuple[What, ...] = ("accounts", "contacts", "activities")
LARGEST = 50_000_000
"""Bytes of an upload; `dormouse import` takes larger files."""
LARGEST_UNPACKED = 200_000_000
"""Bytes that an uploaded workbook may unpack to."""
KEEP = timedelta(hours=1)
SAMPLES, SAMPLE_LENGTH = 3, 60

_log = logger("uploads")


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the file, with some of its cells."""

    header: str
    samples: tuple[str, ...]
    field: str = ""
    """What it holds, as guessed or chosen; empty where it isn't used."""
    is_named: bool = True
    """Whether its name tells it from the others: only then it can be chosen."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was left out, or taken in part."""

    line: int
    reason: str
    advice: str
    skipped: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do."""

    rows: int
    added: int
    changed: int
    unchanged: int
    merged: int
    skipped: int
    purchases_added: int
    warnings: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]
    problems: tuple[Problem, ...]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an upload."""

    what: What
    name: str
    """How the sender called the file: shown, never used as a path."""
    columns: tuple[Column, ...]
    sheet: str = ""
    report: Report | None = None
    mistake: str = ""


@dataclass(slots=True)
class _Work:
    done: int = 0
    total: int = 0
    finished: bool = False
    """Only its outcome is still to be written."""


class Uploads:
    """The uploads of this process; one is worked on at a time."""

    def __init__(self, engine: Engine, folder: Path, clock: Clock) -> None:
        self._engine = engine
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._works: dict[str, _Work] = {}

    def take(self, file: IO[bytes], what: What, name: str, sheet: str, by: str) -> str:
        """Keep a file, guess its columns and return its id. Raises InputError where it can't be used."""
        expire_files(self._folder, self._clock())
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = random_token(18)
        path, shown = self._path(key), _shown(name)
        try:
            _write(file, path)
            _refuse_bomb(path, shown)
            columns = self._columns(path, what, sheet)
        except InputError as error:
            path.unlink(missing_ok=True)
            raise InputError(str(error).replace(str(path), shown)) from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        state = State(what=what, name=shown, columns=columns, sheet=sheet)
        upload = Upload(id=key, at=self._clock(), by=by, status="ready", state=_plain(state))
        with writing(self._engine) as connection:
            queries.add(connection, upload)
        return key

    def one(self, key: str) -> tuple[Upload, State] | None:
        """Return an upload; one whose work ended with its process says so. None when it is gone."""
        with reading(self._engine) as connection:
            found = queries.one(connection, key)
        if found is None or (found.at + KEEP < self._clock() and key not in self._works):
            return None
        return found, msgspec.convert(found.state, State)

    def is_interrupted(self, upload: Upload) -> bool:
        """Whether the process that worked on it ended meanwhile."""
        if upload.status not in ("checking", "running") or upload.id in self._works:
            return False
        now = self.one(upload.id)  # it may have ended since its state was read
        return now is not None and now[0].status in ("checking", "running") and upload.id not in self._works

    def progress(self, key: str) -> tuple[int, int]:
        """Return how far the work is: rows done, rows in all (0, 0 before the file is read)."""
        work = self._works.get(key, _Work())
        return work.done, work.total

    def start(self, key: str, chosen: Mapping[int, str], by: str, *, dry_run: bool) -> None:
        """Check or import in the background; `chosen` is what each column holds. Raises InputError."""
        found = self.one(key)
        if found is None or not self._path(key).exists():
            raise InputError("this file is gone: files are kept for an hour. Upload it again")
        state = _chosen(found[1], chosen)
        with self._lock:
            if any(not work.finished for work in self._works.values()):
                raise InputError("another file is being worked on: wait until it is done, then press the button again")
            self._works[key] = _Work()
        try:
            with writing(self._engine) as connection:
                queries.put(connection, key, "checking" if dry_run else "running", _plain(state))
                if not dry_run:
                    audit.record(connection, by, f"import.{state.what}", state.name, self._clock())
        except BaseException:
            self._works.pop(key, None)
            raise
        thread = threading.Thread(target=self._work, args=(key, state, dry_run), name=f"import-{key[:6]}", daemon=True)
        thread.start()

    def drop(self, key: str) -> None:
        """Throw a file away. Raises InputError while it is worked on."""
        if key in self._works:
            raise InputError("this file is being worked on: wait until it is done")
        with writing(self._engine) as connection:
            queries.remove(connection, key)
        if _is_key(key):
            self._path(key).unlink(missing_ok=True)

    def _work(self, key: str, state: State, dry_run: bool) -> None:
        path, work = self._path(key), self._works[key]

        def progress(done: int, total: int) -> None:
            work.done, work.total = done, total

        mapping = dict.fromkeys(FIELDS[state.what], "")
        mapping |= {column.field: column.header for column in state.columns if column.field}
        status, after = "checked" if dry_run else "done", state
        try:
            report = IMPORTERS[state.what](
                self._engine, path, self._clock(), mapping, progress=progress, sheet=state.sheet, dry_run=dry_run
            )
            after = msgspec.structs.replace(state, report=_report(report), mistake="")
            if not dry_run:
                path.unlink(missing_ok=True)
        except InputError as error:
            status, after = "failed", msgspec.structs.replace(state, mistake=str(error).replace(str(path), state.name))
        except Exception as error:
            _log.error("an import failed", what=state.what, error=type(error).__name__)
            text = "Something went wrong; the log says what. Importing again is harmless"
            status, after = "failed", msgspec.structs.replace(state, mistake=text)
        work.finished = True  # whoever reads the status that is written now may go on with another file
        try:
            with writing(self._engine) as connection:
                queries.put(connection, key, status, _plain(after))
        finally:
            self._works.pop(key, None)

    def _columns(self, path: Path, what: What, sheet: str) -> tuple[Column, ...]:
        table = read_table(path, sheet)
        with reading(self._engine) as connection:
            before = _remembered(connection, what, table.headers)
        rows = [row.cells for row in table.rows[:200]]
        guess = guess_columns(table.headers, rows, what, before)
        fields = {position: field for field, position in guess.columns}
        found, names = [], set[str]()
        for position, header in enumerate(table.headers):
            cells = [cells[position] for cells in rows if position < len(cells) and cells[position]]
            samples = tuple(text[:SAMPLE_LENGTH] for text in dict.fromkeys(cells))[:SAMPLES]
            is_named = bool(normalise(header)) and normalise(header) not in names
            names.add(normalise(header))
            field = fields.get(position, "") if is_named else ""
            found.append(Column(header=header, samples=samples, field=field, is_named=is_named))
        return tuple(found)

    def _path(self, key: str) -> Path:
        if not _is_key(key):
            raise InputError("there is no such file: upload it again")
        return self._folder / f"{key}.xlsx"  # openpyxl reads no other name; text is told by its bytes


def expire_files(folder: Path, now: datetime) -> int:
    """Remove uploaded files that are older than they may be kept; return their number."""
    removed = 0
    for path in folder.glob("*"):
        try:
            if path.stat().st_mtime < (now - KEEP).timestamp():
                path.unlink()
                removed += 1
        except OSError:  # another process was quicker
            continue
    return removed


def labels(what: What) -> tuple[tuple[str, str], ...]:
    """Return the fields that a column may hold, with how people are told about them."""
    return tuple((field, LABELS[field]) for field in FIELDS[what])


def _remembered(connection: Connection, what: What, headers: tuple[str, ...]) -> Mapping[str, str]:
    known = {normalise(header) for header in headers} | {""}
    before = mapping_store.remembered(connection, what, headers)
    return {field: header for field, header in before.items() if field in FIELDS[what] and normalise(header) in known}


def _chosen(state: State, chosen: Mapping[int, str]) -> State:
    """The state with what somebody chose. Raises InputError where two columns are to hold the same."""
    columns, taken = [], dict[str, str]()
    for position, column in enumerate(state.columns):
        field = chosen.get(position, column.field) if column.is_named else ""
        if field and field not in FIELDS[state.what]:
            raise InputError("one of the choices isn't offered here: open the page again")
        if field and field in taken:
            raise InputError(f"two columns, {taken[field]!r} and {column.header!r}, can't both be the {LABELS[field]}")
        if field:
            taken[field] = column.header
        columns.append(msgspec.structs.replace(column, field=field))
    return msgspec.structs.replace(state, columns=tuple(columns), mistake="")


def _write(file: IO[bytes], path: Path) -> None:
    size = 0
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as kept:
        while part := file.read(1 << 20):
            size += len(part)
            if size > LARGEST:
                raise InputError(f"{path} is larger than 50 MB: split it, or use `dormouse import` at the command line")
            kept.write(part)
    if not size:
        raise InputError(f"{path} is empty: choose the file again")


def _refuse_bomb(path: Path, shown: str) -> None:
    """Raise InputError for an archive that unpacks to more than any list of customers."""
    with path.open("rb") as file:
        if not is_workbook(file.read(4)):
            return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile as error:
        raise InputError(f"{shown} is a damaged workbook: save it again and upload that") from error
    if unpacked > LARGEST_UNPACKED:
        raise InputError(f"{shown} unpacks to {unpacked // 1_000_000:,} MB: save the sheet as CSV UTF-8, upload that")


def _report(report: ImportReport) -> Report:
    problems = tuple(
        Problem(line=each.line, reason=each.reason, advice=each.advice, skipped=each.skipped)
        for each in report.problems
    )
    return Report(
        rows=report.rows,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        merged=report.merged,
        skipped=report.skipped,
        purchases_added=report.purchases_added,
        warnings=report.warnings,
        reasons=report.reasons,
        problems=problems,
    )


def _shown(name: str) -> str:
    """The sender's name of a file, to show: without folders and signs that no name has."""
    last = re.split(r"[\\/]", name)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[:100] or "the file"


def _is_key(key: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{10,64}", key))


def _plain(state: State) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], msgspec.to_builtins(state))
