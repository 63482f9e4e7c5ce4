"""Turns a visit, the visits before it and the account's silence into points, each with its reason (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

from core.domain import Dormancy, IntentScore, Reason, Visit, VisitorId
from enrichment.dormancy.states import day
from enrichment.intent.pages import PageSeen, pages_seen
from enrichment.intent.rules import ScoringRules

LOOK_BACK = timedelta(days=730)
"""How far back `past` should reach, so that "first visit in 398 days" can be said truly."""

_STEP = 16
"""Points are kept in sixteenths: sums are exact, and the seconds between a visit and its judgement change nothing."""

_DAY = timedelta(days=1)
_TOLD_VISITS = 5
"""Earlier visits that get a reason of their own; the others share one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisit:
    """An earlier visit of the same account, whoever came."""

    at: datetime
    """Its last moment."""
    visitor: VisitorId
    own_points: float
    """What `own_points` said of it."""


def own_points(visit: Visit, rules: ScoringRules) -> IntentScore:
    """Return what the visit's own pages and identity clues are worth, as of its last moment; never below 0."""
    pages = pages_seen(visit.views, rules)
    if careers_only(pages):
        return _sum([Reason(text="Only careers pages: a job seeker, not a buyer", code="careers_only")])
    worth = _sum([*_page_reasons(pages, rules), *_clue_reasons(visit, rules)])
    return _sum([*worth.why, *_penalties(pages, worth.points)])


def score(
    visit: Visit, past: Sequence[PastVisit], dormancy: Dormancy, rules: ScoringRules, now: datetime
) -> IntentScore:
    """Return the account's score at `now`, this visit being its latest: the sum of its reasons, always.

    `past` are the account's other visits, in any order, best from LOOK_BACK on; those after this visit are ignored,
    so history may be replayed in whatever order. A visit to careers pages alone scores 0, whatever came before.
    Everything fades from the visit's last moment on: half is left after the half-life.
    """
    own = own_points(visit, rules)
    if any(reason.code == "careers_only" for reason in own.why):
        return own
    before = sorted(
        (one for one in past if one.at <= visit.last_at and one.own_points > 0),
        key=lambda one: (one.at, one.visitor, one.own_points),
        reverse=True,
    )
    reasons = [*own.why, *_first_visit(visit, before, rules), *_silence(dormancy, rules)]
    regular = _regular(visit, before, rules)
    if regular:
        reasons.append(regular)
    else:
        reasons += [*_visitors(visit, before, rules), *_return(visit, before, rules), *_past(visit, before, rules)]
    left = _left(now - visit.last_at, rules)
    return _sum([replace(one, points=one.points * left) for one in reasons])


def qualifies(visit: Visit, points: IntentScore, rules: ScoringRules) -> bool:
    """Return whether the moment to speak has come.

    That takes enough points, and besides them a commercial page read for a while, a second page or person, or an
    identity clue: never a first page view alone.
    """
    pages = pages_seen(visit.views, rules)
    if points.points < rules.threshold or careers_only(pages):
        return False
    wanted = rules.file.qualify.read_seconds
    read = any(
        page.rule.commercial and page.seconds is not None and page.seconds >= max(wanted, page.rule.read_seconds)
        for page in pages
    )
    second_page = sum(page.rule.points >= 0 for page in pages) > 1
    second_person = any(reason.code == "visitors" for reason in points.why)
    return read or second_page or second_person or bool(visit.clues)


def careers_only(pages: Iterable[PageSeen]) -> bool:
    """Return whether nothing but careers pages was looked at, apart from what one passes on the way."""
    seen = list(pages)
    return any(page.rule.points < 0 for page in seen) and all(
        page.rule.points < 0 or page.rule.incidental for page in seen
    )


def _page_reasons(pages: Iterable[PageSeen], rules: ScoringRules) -> list[Reason]:
    """Return a reason for each page that counts, the weightiest first; a class never counts for more than its cap."""
    left = {page.rule.name: page.cap for page in rules.pages}
    reasons = []
    for page in sorted(pages, key=lambda page: (-_worth(page, rules), page.path)):
        points = min(_worth(page, rules), left[page.rule.name])
        if page.rule.points > 0 and points > 0:
            left[page.rule.name] -= points
            reasons.append(Reason(text=_page_text(page), points=points, code=f"page:{page.rule.name}"))
    return reasons


def _worth(page: PageSeen, rules: ScoringRules) -> float:
    reading = rules.file.reading
    if page.read:
        # A log line doesn't show that a form was really opened by somebody who stayed: no full points there.
        return page.rule.points * (reading.unknown if page.seconds is None else 1)
    return page.rule.points * (reading.unknown if page.seconds is None else reading.opened)


def _page_text(page: PageSeen) -> str:
    if page.seconds is None:
        return f"{page.label} seen, for how long is unknown"
    if page.rule.form or page.seconds < 1:
        return f"{page.label} opened"
    return f"{page.label} {'read' if page.read else 'open'} for {clock(page.seconds)}"


def _penalties(pages: Iterable[PageSeen], points: float) -> list[Reason]:
    """Return what careers pages take away: once per class, and never more than there is."""
    reasons = []
    for rule in sorted({page.rule for page in pages if page.rule.points < 0}, key=lambda rule: rule.name):
        taken = min(points, -rule.points)
        points -= taken
        reasons.append(
            Reason(text=f"{rule.label or rule.name} pages seen too", points=-taken, code=f"page:{rule.name}")
        )
    return reasons


_CLUE_TEXTS = {
    "signed_link": "Came by a link that was sent to them",
    "identify": "Signed in",
    "form_domain": "Gave a company e-mail address in a form",
}


def _clue_reasons(visit: Visit, rules: ScoringRules) -> list[Reason]:
    points = {
        "signed_link": rules.file.clues.signed_link,
        "identify": rules.file.clues.identify,
        "form_domain": rules.file.clues.form_domain,
    }
    kinds = sorted({"identify" if clue.kind == "identify_domain" else clue.kind for clue in visit.clues})
    return [Reason(text=_CLUE_TEXTS[kind], points=points[kind], code=f"clue:{kind}") for kind in kinds]


def _first_visit(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    """Credit the end of a long absence from the website; it fades from the day on which the account came back."""
    rule = rules.file.first_visit
    back, away = visit.started_at, None
    for one in before:
        if back - one.at >= rule.after_days * _DAY:
            away = (back - one.at) // _DAY
            break
        back = min(back, one.at)
    points = rule.points * _left(visit.last_at - back, rules)
    if _sixteenths(points) <= 0:
        return []
    first = "First visit on record" if away is None else f"First visit in {away} days"
    when = "" if _day_of(back) == _day_of(visit.last_at) else f", on {day(back)}"
    return [Reason(text=first + when, points=points, code="first_visit")]


def _silence(dormancy: Dormancy, rules: ScoringRules) -> list[Reason]:
    rule = rules.file.silence
    silent, usual = dormancy.silent_days, dormancy.usual_gap_days
    if silent is not None and usual and silent / usual >= rule.overdue:
        text = f"Silent for {silent / usual:.1f} times its usual rhythm"
    elif dormancy.dormant:
        text = f"Dormant: silent for {silent} days" if silent is not None else "Dormant"
    else:
        return []
    return [Reason(text=text, points=rule.points, code="silence")]


def _regular(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> Reason | None:
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
    of_today = takewhile(lambda one: _day_of(one.at) == today, before)  # the latest come first
    people = {visit.visitor} | {one.visitor for one in of_today if one.visitor}
    points = min(rule.at_most, rule.points * (len(people) - 1))
    return [Reason(text=f"{len(people)} visitors", points=points, code="visitors")] if points > 0 else []


def _return(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    rule = rules.file.return_visit
    today = _day_of(visit.last_at)
    last = next((one.at for one in before if _day_of(one.at) < today), None)
    if last is None or visit.last_at - last > rule.within_days * _DAY:
        return []
    days = (today - _day_of(last)).days
    text = f"Came back after {days} {'day' if days == 1 else 'days'}"
    return [Reason(text=text, points=rule.points, code="return")]


def _past(visit: Visit, before: Sequence[PastVisit], rules: ScoringRules) -> list[Reason]:
    """Credit what earlier visits still count for, the latest first, up to the cap."""
    room = rules.file.past.at_most
    told: list[Reason] = []
    more = more_points = 0.0
    for one in before:
        if room <= 0:
            break
        points = min(room, one.own_points * _left(visit.last_at - one.at, rules))
        if _sixteenths(points) <= 0:
            continue
        room -= points
        if len(told) < _TOLD_VISITS:
            told.append(Reason(text=f"Visit on {day(one.at)}", points=points, code="past"))
        else:
            more, more_points = more + 1, more_points + points
    if more:
        told.append(Reason(text=f"{more:.0f} visits before that", points=more_points, code="past"))
    return told


def clock(seconds: float) -> str:
    """Return a duration as people write it: `2:10`, or `1:02:10` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _left(age: timedelta, rules: ScoringRules) -> float:
    """Return the share that is left of points of that age."""
    days = max(0.0, age / _DAY)
    return float(0.5 ** (days / rules.half_life_days))


def _day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _sixteenths(points: float) -> float:
    return round(points * _STEP) / _STEP


def _sum(reasons: Iterable[Reason]) -> IntentScore:
    """Return the score of these reasons. Where rounding would take it below 0, the heaviest penalty is eased."""
    exact = [replace(one, points=_sixteenths(one.points)) for one in reasons]
    points = sum((one.points for one in exact), 0.0)
    if points < 0:
        worst = min(range(len(exact)), key=lambda index: exact[index].points)
        exact[worst] = replace(exact[worst], points=exact[worst].points - points)
        points = 0.0
    return IntentScore(points=points, why=tuple(exact))
