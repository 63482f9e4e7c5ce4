"""The manager's week: who woke up, what is open, what it brought; None when there is nothing (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.notices.notice import NoticeText, Row, Section
from alerts.wording import clean, cut, short_day

MOST_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAlert:
    """An alert of the week, for a manager."""

    name: str
    facts: str
    who: str
    """Whom it was for, as people call them; empty: nobody in particular."""
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A team's week."""

    alerts: Sequence[WeekAlert]
    """The most valuable first."""
    judged: int
    useful: int
    won: Sequence[str]
    """Accounts that ordered after an alert, in words."""
    slipping: int
    verdict: str
    """Whether orders are due to the alerts."""


def weekly_digest(week: Week, team: str, now: datetime, zone: ZoneInfo) -> NoticeText | None:
    """Return the week in words; None when nothing happened in it: then nothing is sent."""
    if not (week.alerts or week.won or week.slipping):
        return None
    open_ones = [one for one in week.alerts if one.is_open]
    counts = f"{len(week.alerts)} alerts" if len(week.alerts) != 1 else "1 alert"
    title = f"Week to {short_day(now, zone)}{f', {clean(team, 40)}' if team else ''}: {counts}, {len(open_ones)} open"
    useful = f"{week.useful} of {week.judged} judged alerts were useful" if week.judged else ""
    slipping = f"{week.slipping} accounts left their rhythm this week" if week.slipping else ""
    sections = (
        _section("Won back", [*week.won, f"Due to the alerts? {week.verdict}"] if week.won else []),
        _section("Open", [_told(one) for one in open_ones]),
        _section("Awake", [_told(one) for one in week.alerts if not one.is_open]),
        _section("Slipping", [slipping] if slipping else []),
        _section("Useful", [useful] if useful else []),
    )
    return NoticeText(push=cut(title, 150), title=title, sections=tuple(one for one in sections if one.rows))


def _told(one: WeekAlert) -> str:
    who = f"for {clean(one.who, 40)}" if one.who else "no owner"
    return " · ".join(filter(None, (clean(one.name, 80), cut(one.facts, 120), who)))


def _section(label: str, texts: Sequence[str]) -> Section:
    shown = list(texts[:MOST_ROWS])
    if len(texts) > MOST_ROWS:
        shown.append(f"and {len(texts) - MOST_ROWS} more in Dormouse")
    return Section(label=label, rows=tuple(Row(text=text) for text in shown))
