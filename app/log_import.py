"""Puts web servers' access logs through the line, from local sources alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from app.locks import giving_way, visit_builder
from app.pipeline import Batch, Pipeline, Result
from core.database import writing
from core.domain import PageView, Signal
from core.errors import InputError
from tracker.bots import judge_agent
from tracker.site_store import log_salts, site_id
from tracker.sources.access_log import Repeats, page_views
from tracker.sources.log_file import read_log, size_of

SLICE = 10_000
"""Lines judged under one hold of the builder's lock, so that a running worker gets its turn in between."""

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class LogReport:
    """What became of the lines."""

    lines: int = 0
    new_hits: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    """`kept` or a drop reason → lines, repeated ones too."""
    visits: set[str] = field(default_factory=set)
    recognised: set[str] = field(default_factory=set)
    """Accounts seen."""
    alerts: int = 0

    def add(self, views: Sequence[PageView], result: Result) -> None:
        """Add what became of one slice."""
        self.lines += len(views)
        self.new_hits += result.new_hits
        self.outcomes.update(str(view.drop or "kept") for view in views)
        self.visits.update(item.visit.id for item in result.visits)
        self.recognised.update(item.outcome.account.id for item in result.visits if isinstance(item.outcome, Signal))
        self.alerts += len(result.alerts)


def import_logs(
    engine: Engine, pipeline: Pipeline, paths: Sequence[Path], site: str, now: datetime, progress: Progress
) -> LogReport:
    """Judge every line of the files and write the results; returns when all is done.

    Doing it again changes nothing. Raises InputError for an unknown site or an unreadable file.
    """
    key = site_id(site)
    with writing(engine) as connection:
        salts = log_salts(connection, key, now)
        salts(now.date())
    report = LogReport()
    for path in paths:
        total, repeats = size_of(path), Repeats()

        def work_off(lines: list[str], repeats: Repeats = repeats) -> None:
            views = list(page_views(lines, key, salts, now, repeats, lambda agent: judge_agent(agent)[0]))
            with giving_way(), visit_builder(engine):
                report.add(views, pipeline.run(Batch(views=views)))

        lines: list[str] = []
        try:
            for line, done in read_log(path):
                lines.append(line)
                if len(lines) >= SLICE:
                    work_off(lines)
                    progress(f"{path.name}: {report.lines:,} lines", done, total)
                    lines = []
        except InputError:
            work_off(lines)  # the lines before the damage count
            raise
        work_off(lines)
        progress(f"{path.name}: {report.lines:,} lines", total, total)
    return report
