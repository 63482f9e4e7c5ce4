"""The rules in a running process: read anew within a second of a change, by whichever process it was made."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from alerts.policy import AlertPolicy, read_policy
from app import outlook, store
from app.rulebook.current import Current, acting, take_up
from app.rulebook.files import FILES, rule_file
from app.rulebook.store import heads, is_missing_table
from core import clock
from core.clock import Clock
from core.database import AWAY, reading
from core.errors import InputError
from core.log import logger
from enrichment.dormancy.fit import FittedCadence
from enrichment.dormancy.rules import read_rules
from enrichment.enrich import Rules
from enrichment.intent.rules import read_scoring
from enrichment.segments.definitions import SegmentFile, read_segments

LOOK_AGAIN_SECONDS = 0.5
"""How stale rules may be in a running process."""

_log = logger("rulebook")

_Stamp = tuple[object, ...]
_NOT_NOW: tuple[type[Exception], ...] = (InputError, *AWAY)


class LiveRules:
    """`rules()` and `policy()` are cheap to call; `look()` asks whether there are newer ones, at most twice a second.

    The first look raises InputError when the rules can't be read; later ones keep what was read last, and log it.
    """

    def __init__(self, engine: Engine, folder: Path | None, now: Clock = clock.now, *, takes_up: bool = False) -> None:
        self._engine, self._folder, self._now = engine, folder, now
        self._takes_up = takes_up
        """Whether files that are new become versions: the line does that."""
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._stamp: _Stamp | None = None
        self._rules: Rules | None = None
        self._policy = AlertPolicy()

    def rules(self) -> Rules:
        """Return the rules of dormancy and scoring as they were at the last look."""
        if self._rules is None:
            self.look()
        assert self._rules is not None
        return self._rules

    def policy(self) -> AlertPolicy:
        """Return when to speak and to whom, as it was at the last look."""
        if self._rules is None:
            self.look()
        return self._policy

    def look(self) -> None:
        """Take up what is new."""
        if clock.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        with self._lock:
            if clock.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
                return
            try:
                self._read_if_new()
            except _NOT_NOW as error:
                if self._rules is None:
                    raise
                _log.error("new rules can't be used; the old ones stay", why=str(error))
            self._looked_at = clock.monotonic()

    def _read_if_new(self) -> None:
        stamp = self._seen()
        if stamp == self._stamp and self._rules is not None:
            return
        if self._takes_up and _has_versions(stamp) and take_up(self._engine, self._folder, self._now()):
            stamp = self._seen()
        texts = {file.name: acting(self._engine, file, self._folder) for file in FILES}
        rules = Rules(
            dormancy=read_rules(texts["dormancy"].text, _name(texts["dormancy"])),
            scoring=read_scoring(texts["scoring"].text, _name(texts["scoring"])),
        )
        rules = replace(rules, learnt=self._learnt(stamp))
        self._policy = read_policy(texts["alerting"].text, _name(texts["alerting"]))
        if self._stamp is not None:
            _log.info("rules taken up", **{name: one.where for name, one in texts.items()})
        self._rules, self._stamp = rules, stamp

    def _learnt(self, stamp: _Stamp) -> FittedCadence | None:
        """Return what was learnt from the imported orders; None before the first time, or without tables."""
        if not stamp[2]:
            return None
        with reading(self._engine) as connection:
            return outlook.fitted(connection)

    def _seen(self) -> _Stamp:
        """What changes whenever the rules do: the newest versions, the folder's files, what was learnt of orders."""
        files = tuple(_stat(self._folder / file.file_name) for file in FILES) if self._folder else ()
        try:
            with reading(self._engine) as connection:
                learnt_at = store.fact(connection, outlook.FITTED_AT) or ""
                return (tuple(sorted(heads(connection).items())), files, learnt_at)
        except Exception as error:
            if not is_missing_table(error):
                raise
            return (None, files, "")


def read_once(engine: Engine | None, folder: Path | None) -> Rules:
    """Return the rules as they are now; `engine` None leaves saved versions out. Raises InputError."""
    scoring, dormancy = (acting(engine, rule_file(name), folder) for name in ("scoring", "dormancy"))
    return Rules(
        dormancy=read_rules(dormancy.text, _name(dormancy)), scoring=read_scoring(scoring.text, _name(scoring))
    )


def read_policy_once(engine: Engine | None, folder: Path | None) -> AlertPolicy:
    """Return when to speak and to whom, as it is now. Raises InputError."""
    found = acting(engine, rule_file("alerting"), folder)
    return read_policy(found.text, _name(found))


def read_segments_once(engine: Engine | None, folder: Path | None) -> SegmentFile:
    """Return the saved segments as they are defined now. Raises InputError."""
    found = acting(engine, rule_file("segments"), folder)
    return read_segments(found.text, _name(found))


def _name(found: Current) -> str:
    return found.where if found.number is None else f"{found.file.file_name} ({found.where})"


def _has_versions(stamp: _Stamp) -> bool:
    return stamp[0] is not None


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size
