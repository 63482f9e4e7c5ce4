"""How far visits come, from hits to dormant customers, with every loss: the same figures for command, API and page."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from app.dashboard import queries_losses
from app.dashboard.funnel import Loss, Stage
from app.dashboard.wording import drop_words
from core.clock import iso

STEP_WORDS = {
    "page_views": "page views by people",
    "human": "visits by people",
    "business": "visits from companies",
    "named": "visits whose company is known",
    "customers": "visits of customers",
    "dormant": "visits of dormant customers",
    "alerted": "visits that somebody was told of",
}


class LossLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many did not come further, and why."""

    reason: str
    words: str
    count: int
    share: float
    """Of what came to the step, from 0 to 1."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step: `before` = `after` + all its losses, always."""

    step: str
    words: str
    unit: str
    """What is counted: `hits` or `visits`."""
    before: int
    after: int
    share: float
    """How much of `before` went on, from 0 to 1."""
    losses: tuple[LossLine, ...]


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The funnel of one site (empty: all) since a day (UTC)."""

    site: str
    since: str
    steps: tuple[Step, ...]


def coverage(connection: Connection, since: datetime, site: str = "") -> Coverage:
    """Return the funnel of what was received since the day of `since` (UTC)."""
    hits = queries_losses.hits(connection, since, site)
    first = Stage(name="page_views", before=hits.total, after=hits.kept, losses=hits.losses)
    stages = queries_losses.visit_stages(connection, since, site)
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = (_step(first, "hits"), *(_step(stage, "visits") for stage in stages))
    return Coverage(site=site, since=iso(midnight), steps=steps)


def _step(stage: Stage, unit: str) -> Step:
    return Step(
        step=stage.name,
        words=STEP_WORDS[stage.name],
        unit=unit,
        before=stage.before,
        after=stage.after,
        share=share(stage.after, stage.before),
        losses=tuple(_line(loss, stage.before) for loss in stage.losses),
    )


def _line(loss: Loss, before: int) -> LossLine:
    return LossLine(reason=loss.code, words=drop_words(loss.code), count=loss.count, share=share(loss.count, before))


def share(part: int, whole: int) -> float:
    """Return `part` of `whole` from 0 to 1, to four digits; 0 of nothing."""
    return round(part / whole, 4) if whole else 0.0
