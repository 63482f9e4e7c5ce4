"""What the visits before this one say: how long away, how often, how many people, and what they still count for (pure).

Whatever order history is replayed in, the same visits give the same reasons: they are put in order of time first, and
those after this visit are ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from statistics import fmean, pstdev

from core.domain import Reason, Visit, VisitId, VisitorId
from enrichment.dormancy.states import day
from enrichment.intent.rules import SIXTEENTHS, ScoringRules

LOOK_BACK = timedelta(days=730)
"""How far back `past` should reach, so that "first visit in 398 days" can be said truly."""

_DAY = timedelta(days=1)
_WEEK = 7 * _DAY
_TOLD_VISITS = 5
"""Earlier visits that get a reason of their own; the others share one."""
_NONE = VisitId("")
VISITS_A_DAY = 2
"""So many visits of a day count when weeks are compared: one busy afternoon is no busy week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisit:
    """An earlier visit of the same account, whoever came."""

    at: datetime
    """Its last moment."""
    visitor: VisitorId
    own_points: float
    """What `own_points` said of it."""
    id: VisitId = _NONE
    held: tuple[str, ...] = ()
    """The codes of the triggers whose conditions its own pages and clues met."""


def in_order(visit: Visit, past: Iterable[PastVisit]) -> tuple[PastVisit, ...]:
    """Return the visits of `past` that say something of `visit`, the latest first."""
    return tuple(
        sorted(
            (one for one in past if one.at <= visit.last_at and one.own_points > 0),
            key=lambda one: (one.at, one.visitor, one.own_points, one.id),
            reverse=True,
        )
    )


def history_reasons(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    """Return what coming back, or several people, count for; `before` is what `in_order` returned."""
    surge = _surge(visit, before, rules)
    if usual := regular(visit, before, rules):
        return [usual, *surge]
    return [
        *_visitors(visit, before, rules),
        *_return(visit, before, rules),
        *surge,
        *_past(visit, before, rules),
    ]


def first_visit(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    """Credit the end of a long absence from the website; it fades from the day on which the account came back."""
    rule = rules.file.first_visit
    back, away, ref = visit.started_at, None, visit.id
    for one in before:
        if back - one.at >= rule.after_days * _DAY:
            away = (back - one.at) // _DAY
            break
        if one.at < back:
            back, ref = one.at, one.id
    points = rule.points * left(visit.last_at - back, rules)
    if sixteenths(points) <= 0:
        return []
    first = "First visit on record" if away is None else f"First visit in {away} days"
    when = "" if _day_of(back) == _day_of(visit.last_at) else f", on {day(back)}"
    return [Reason(text=first + when, points=points, code="first_visit", ref=ref)]


def regular(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> Reason | None:
    """Return why coming back says nothing of this account, when it comes nearly every day."""
    rule = rules.file.regular
    today = _day_of(visit.last_at)
    days = {_day_of(one.at) for one in before if visit.last_at - one.at <= rule.of_days * _DAY} - {today}
    if len(days) < rule.days:
        return None
    text = f"A regular visitor, here on {len(days)} of the last {rule.of_days} days: coming back says nothing"
    return Reason(text=text, code="regular")


def _visitors(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    """Credit further visitors of the same day; ids change with the day, so days can't be added up."""
    rule = rules.file.visitors
    today = _day_of(visit.last_at)
    of_today = list(takewhile(lambda one: _day_of(one.at) == today, before))  # the latest come first
    people = {visit.visitor} | {one.visitor for one in of_today if one.visitor}
    other = next((one.id for one in of_today if one.visitor and one.visitor != visit.visitor), "")
    points = min(rule.at_most, rule.points * (len(people) - 1))
    return [Reason(text=f"{len(people)} visitors", points=points, code="visitors", ref=other)] if points > 0 else []


def _return(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    rule = rules.file.return_visit
    today = _day_of(visit.last_at)
    last = next((one for one in before if _day_of(one.at) < today), None)
    if last is None or visit.last_at - last.at > rule.within_days * _DAY:
        return []
    days = (today - _day_of(last.at)).days
    text = f"Came back after {days} {'day' if days == 1 else 'days'}"
    return [Reason(text=text, points=rule.points, code="return", ref=last.id)]


def _past(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    """Credit what earlier visits still count for, the latest first, up to the cap."""
    room = rules.file.past.at_most
    told: list[Reason] = []
    more = more_points = 0.0
    for one in before:
        if room <= 0:
            break
        points = min(room, one.own_points * left(visit.last_at - one.at, rules))
        if sixteenths(points) <= 0:
            continue
        room -= points
        if len(told) < _TOLD_VISITS:
            told.append(Reason(text=f"Visit on {day(one.at)}", points=points, code="past", ref=one.id))
        else:
            more, more_points = more + 1, more_points + points
    if more:
        told.append(Reason(text=f"{more:.0f} visits before that", points=more_points, code="past"))
    return told


def _surge(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    """Credit coming more often than is normal for this account: its own weeks before this one say what is."""
    rule = rules.file.surge
    per_day = Counter(_day_of(moment) for moment in (visit.last_at, *(one.at for one in before)))
    weeks = [0] * (rule.weeks + 1)
    for on, number in per_day.items():
        week = (_day_of(visit.last_at) - on).days // 7
        if week <= rule.weeks:
            weeks[week] += min(VISITS_A_DAY, number)
    now, *usual = weeks
    if sum(number > 0 for number in usual) < rule.known_weeks or now < rule.least or now <= max(usual):
        return []
    mean = fmean(usual)
    if now <= mean + rule.deviations * pstdev(usual):
        return []
    text = f"{now} visits in 7 days, usually {mean:.1f}".replace(".0", "")
    return [Reason(text=text, points=rule.points, code="surge", ref=visit.id)]


def left(age: timedelta, rules: ScoringRules) -> float:
    """Return the share that is left of points of that age."""
    days = max(0.0, age / _DAY)
    return float(0.5 ** (days / rules.half_life_days))


def sixteenths(points: float) -> float:
    """Return points as they are kept."""
    return round(points * SIXTEENTHS) / SIXTEENTHS


def _day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
