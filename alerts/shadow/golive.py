"""What speaks for and against going live, from a shadow run's figures (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from alerts.policy import ShadowRules

Verdict = Literal["right", "wrong", "unknown"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "unknown")

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One stretch of shadow mode."""

    id: str
    started_at: datetime
    started_by: str
    days: int
    ended_at: datetime | None = None
    ended_by: str = ""
    judged: int = 0
    wrong: int = 0
    """As they stood when somebody went live."""

    @property
    def planned_end(self) -> datetime:
        return self.started_at + timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a run brought so far."""

    run: Run
    at: datetime
    per_rep: Mapping[str, int]
    """How many alerts each rep would have had; under "" those without an owner."""
    right: int
    wrong: int
    unknown: int

    @property
    def judged(self) -> int:
        """How many samples say something: those of which nobody can tell don't."""
        return self.right + self.wrong

    @property
    def wrong_share(self) -> float:
        return self.wrong / self.judged if self.judged else 0.0

    def a_week(self, rep: str) -> float:
        """How many alerts a week the rep would have had; a run of less than a day counts as a day."""
        length = max((self.run.ended_at or self.at) - self.run.started_at, timedelta(days=1))
        return self.per_rep.get(rep, 0) / (length / _WEEK)


def warnings(figures: Figures, rules: ShadowRules) -> tuple[str, ...]:
    """Return what speaks against going live now, as sentences; nothing when nothing does."""
    found = []
    if figures.judged < rules.judged:
        found.append(f"Only {figures.judged} of at least {rules.judged} samples were judged.")
    if figures.judged and figures.wrong_share > rules.most_wrong:
        found.append(
            f"{figures.wrong} of {figures.judged} judged were wrong; more than {rules.most_wrong:.0%} is too many."
        )
    if figures.at < figures.run.planned_end and not figures.run.ended_at:
        left = (figures.run.planned_end - figures.at).days + 1
        found.append(f"It was to run for {figures.run.days} days; {left} {'is' if left == 1 else 'are'} left.")
    return tuple(found)
