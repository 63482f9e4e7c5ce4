"""Keeps records on which the line failed, so that one bad hit never stops the others and none vanishes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from core.log import logger

_log = logger("set_aside")


class SetAside:
    """A folder of records that could not be judged, one file each; they hold addresses and share their clock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, record: bytes, why: str) -> None:
        """Keep a record under the hash of its content (again is harmless), and say so in the log."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{hashlib.sha256(record).hexdigest()[:32]}.json"
        path.touch(mode=0o600)
        path.write_bytes(record)
        _log.error("a hit can't be judged and is set aside", file=path.name, why=why)

    def kept(self) -> tuple[Path, ...]:
        """Return the files, oldest first."""
        return tuple(sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime))

    def expire(self, before: datetime) -> int:
        """Delete what was set aside before a moment; return how many."""
        old = [path for path in self.kept() if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)
