"""How every kind of file is imported, from the command line, the dashboard or a try-out alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from enrichment.account.importer.report import ImportReport
from enrichment.account.importer.sheet import Progress
from enrichment.account.importer.store import Database


class Importer(Protocol):
    """Imports one kind of file; the same file again changes nothing, and a killed import can be repeated."""

    def __call__(
        self,
        database: Database,
        path: Path,
        now: datetime,
        mapping: Mapping[str, str] | None = None,
        *,
        progress: Progress | None = None,
        sheet: str = "",
        dry_run: bool = False,
        forget_mapping: bool = False,
    ) -> ImportReport:
        """Import the file `path`; raises `InputError` where it can't be used at all.

        `database`: an engine, then it is written in short transactions between which others may write; or a connection,
        then all is part of the caller's transaction. `mapping` (field → column name) says which column is which; it is
        remembered for files with the same columns, unless `forget_mapping`. `sheet` names a workbook's sheet. With
        `dry_run` nothing is written, and the report counts what would be.
        """
        ...
