"""Reads the files of a try-out into its workspace; what is wrong with them is kept, not raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app import wiring
from app.log_import import import_logs
from app.tryout.findings import Imported, Log
from app.tryout.inputs import Logs
from app.tryout.workspace import Workspace
from core.database import writing
from core.errors import InputError
from enrichment.account.importer.headers import What
from enrichment.account.importer.registry import IMPORTERS
from enrichment.account.importer.report import ImportReport
from tracker.site_store import add_site

SHOWN_PROBLEMS = 5
"""Rows that are named for each file; the rest are counted by reason."""

Watch = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What a try-out is given."""

    accounts: Path
    logs: Logs
    activities: Path | None = None
    contacts: Path | None = None
    columns: Mapping[What, Mapping[str, str]]

    @property
    def sheets(self) -> tuple[tuple[What, Path], ...]:
        named: tuple[tuple[What, Path | None], ...] = (
            ("accounts", self.accounts),
            ("activities", self.activities),
            ("contacts", self.contacts),
        )
        return tuple((what, path) for what, path in named if path is not None)


def import_sheets(place: Workspace, files: Files, now: datetime, say: Say, watch: Watch) -> tuple[Imported, ...]:
    """Import the accounts and what they did; raises InputError where a file can't be used at all."""
    done = []
    for what, path in files.sheets:
        report = IMPORTERS[what](
            place.engine,
            path,
            now,
            files.columns.get(what) or None,
            progress=lambda part, whole, name=path.name: watch(name, part, whole),  # type: ignore[misc]
        )
        imported = _imported(what, path, report)
        for line in lines_of(imported):
            say(line)
        done.append(imported)
    return tuple(done)


def _imported(what: What, path: Path, report: ImportReport) -> Imported:
    return Imported(
        what=what,
        file=path.name,
        columns=report.columns.text,
        rows=report.rows,
        taken=report.rows - report.skipped - report.merged,
        merged=report.merged,
        left_out=report.skipped,
        warnings=report.warnings,
        reasons=report.reasons,
        problems=tuple(f"line {one.line}: {one.reason} → {one.advice}" for one in report.problems[:SHOWN_PROBLEMS]),
    )


def lines_of(imported: Imported) -> list[str]:
    """Return how a file was read, as lines to print."""
    counts = f"{imported.rows:,} {imported.what}"
    if imported.merged:
        counts += f", {imported.merged:,} merged with another row"
    if imported.left_out:
        counts += f", {imported.left_out:,} left out"
    lines = [f"{imported.file}: {counts}", f"  {imported.columns}"]
    lines += [f"  note: {warning}" for warning in imported.warnings]
    lines += [f"  {number:,} x {reason}" for reason, number in imported.reasons]
    return lines + [f"    {problem}" for problem in imported.problems]


def import_all_logs(place: Workspace, logs: Logs, now: datetime, say: Say, watch: Watch) -> tuple[Log, ...]:
    """Put every log through the line, the oldest first; a damaged one is named and the rest goes on."""
    with writing(place.engine) as connection:
        add_site(connection, logs.site, now)
    line = wiring.pipeline(place.settings, place.engine, lambda: now)
    done = []
    for path in logs.paths:
        problem, lines = "", 0
        try:
            lines = import_logs(place.engine, line, (path,), logs.site, now, watch).lines
        except InputError as error:
            problem = str(error)
        say(f"{path.name}: {problem or f'{lines:,} lines'}")
        done.append(Log(file=path.name, lines=lines, problem=problem))
    return tuple(done)
