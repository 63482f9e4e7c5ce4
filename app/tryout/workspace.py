"""A home of its own for one try-out: made, used, thrown away; the real database is never opened."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from app import privacy, wiring
from app.setup import initialise
from core.settings import Settings

_LOCK, _KEPT = "in-use.lock", "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An initialised home with its database."""

    settings: Settings
    engine: Engine

    @property
    def home(self) -> Path:
        return self.settings.home


@contextmanager
def workspace(settings: Settings, *, keep: bool, now: datetime) -> Iterator[Workspace]:
    """Make a workspace under `tryout/` in the home folder, and remove it at the end unless `keep`.

    It has its own SQLite database and secret, sends nothing (channel `preview` alone), and takes over the rules and
    network databases. What a killed try-out left behind is removed first. With `keep`, raw addresses go at the end.
    """
    root = settings.home / "tryout"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(root)
    home = Path(tempfile.mkdtemp(prefix="", dir=root))
    with (home / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        own, _ = initialise(
            replace(
                settings,
                home=home,
                database_url=f"sqlite:///{home / 'dormouse.db'}",
                buffer="segment_log",
                channels=("preview",),
                slack_token="",
                secret="",
            ),
            lambda _line: None,
        )
        engine = wiring.engine(own)
        try:
            yield Workspace(settings=own, engine=engine)
            if keep:
                privacy.expire(engine, now + timedelta(seconds=1), timedelta(0))
                (home / _KEPT).touch()
        finally:
            engine.dispose()
            if not (home / _KEPT).exists():
                shutil.rmtree(home, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Remove workspaces whose try-out is gone; one that is still running holds its lock."""
    for home in root.iterdir():
        if not home.is_dir() or (home / _KEPT).exists():
            continue
        lock = home / _LOCK
        if not lock.exists():
            continue
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(home, ignore_errors=True)
