"""Turns a visit, the visits before it and the account's silence into points, each with its reason (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from core.domain import Dormancy, IntentScore, Reason, Visit
from enrichment.intent.history import PastVisit, first_visit, history_reasons, in_order, left, regular, sixteenths
from enrichment.intent.pages import PageSeen, clock, pages_seen
from enrichment.intent.rules import PageRule, ScoringRules
from enrichment.intent.triggers import fired, held

BESIDE_THE_POINT = frozenset({"careers_only", "support_only"})
"""Codes of the reason of a visit that scores 0 whatever came before."""


def past_of(visit: Visit, rules: ScoringRules) -> PastVisit:
    """Return what later scores need to know of this visit."""
    own = own_points(visit, rules)
    codes = tuple(one.code for one in held(visit, pages_seen(visit.views, rules), own.points, rules))
    return PastVisit(at=visit.last_at, visitor=visit.visitor, own_points=own.points, id=visit.id, held=codes)


def own_points(visit: Visit, rules: ScoringRules) -> IntentScore:
    """Return what the visit's own pages and identity clues are worth, as of its last moment; never below 0."""
    pages = pages_seen(visit.views, rules)
    if aside := _beside_the_point(pages):
        return _sum([aside, *_leaving_reasons(pages, ())])
    if bounced(visit, pages, rules):
        text = f"One page, open for less than {rules.file.bounce.seconds:g} seconds so far"
        return _sum([Reason(text=text, code="bounce", ref=pages[0].ref)])
    read = _page_reasons(pages, rules)
    worth = _sum([*read, *_clue_reasons(visit, rules)])
    return _sum([*worth.why, *_penalties(pages, worth.points), *_leaving_reasons(pages, read)])


def score(
    visit: Visit, past: Iterable[PastVisit], dormancy: Dormancy, rules: ScoringRules, now: datetime
) -> IntentScore:
    """Return the account's score at `now`, this visit being its latest: the sum of its reasons, always.

    `past` are the account's other visits, in any order, best from LOOK_BACK on; those after this visit are ignored,
    so history may be replayed in whatever order. A visit to careers or support pages alone scores 0, whatever came
    before. Everything fades from the visit's last moment on: half is left after the half-life. Triggers don't add to
    the score; they lower what is needed.
    """
    own = own_points(visit, rules)
    if any(reason.code in BESIDE_THE_POINT for reason in own.why):
        return own
    before = in_order(visit, past)
    reasons = [
        *own.why,
        *first_visit(visit, before, rules),
        *_silence(dormancy, rules),
        *history_reasons(visit, before, rules),
    ]
    share = left(now - visit.last_at, rules)
    total = _sum([replace(one, points=one.points * share) for one in reasons])
    own_held = held(visit, pages_seen(visit.views, rules), own.points, rules)
    comes_often = regular(visit, before, rules) is not None
    return replace(total, triggers=fired(visit, own_held, own.points, before, rules, comes_often=comes_often))


def qualifying_rule(visit: Visit, points: IntentScore, rules: ScoringRules) -> str:
    """Return what makes this the moment to speak: `score`, the code of a trigger, or "" while it isn't.

    `score` takes enough points, and besides them a commercial page read for a while, a second page or person, or an
    identity clue: never a first page view alone. With a trigger its share of the points is enough.
    """
    pages = pages_seen(visit.views, rules)
    if _beside_the_point(pages):
        return ""
    wanted = rules.file.qualify.read_seconds
    read = any(
        page.rule.commercial and page.seconds is not None and page.seconds >= max(wanted, page.rule.read_seconds)
        for page in pages
    )
    second_page = sum(page.rule.points >= 0 for page in pages) > 1
    second_person = any(reason.code == "visitors" for reason in points.why)
    if points.points >= rules.threshold and (read or second_page or second_person or bool(visit.clues)):
        return "score"
    enough = (one.code for one in points.triggers if points.points >= rules.needed(one.code))
    return min(enough, key=lambda code: (rules.needed(code), code), default="")


def qualifies(visit: Visit, points: IntentScore, rules: ScoringRules) -> bool:
    """Return whether the moment to speak has come (see `qualifying_rule`)."""
    return bool(qualifying_rule(visit, points, rules))


def bounced(visit: Visit, pages: Iterable[PageSeen], rules: ScoringRules) -> bool:
    """Return whether one page was opened and hardly looked at; forms, clues and pages of leaving say something."""
    seen = list(pages)
    if len(seen) != 1 or visit.clues or seen[0].rule.form or seen[0].rule.leaving:
        return False
    return seen[0].seconds is not None and seen[0].seconds < rules.file.bounce.seconds


def _beside_the_point(pages: Iterable[PageSeen]) -> Reason | None:
    """Return why a visit is no interest: nothing but careers or support pages, but for what one passes on the way."""
    seen = list(pages)
    against = sorted((page for page in seen if page.rule.points < 0), key=lambda page: (page.rule.points, page.path))
    if not against or not all(page.rule.points < 0 or page.rule.incidental for page in seen):
        return None
    rule, ref = against[0].rule, against[0].ref
    if rule.name == "support":
        return Reason(text="Only support pages: a customer who needs help, not a buyer", code="support_only", ref=ref)
    text = f"Only {(rule.label or rule.name).casefold()} pages: a job seeker, not a buyer"
    return Reason(text=text, code="careers_only", ref=ref)


def _leaving_reasons(pages: Iterable[PageSeen], told: Iterable[Reason]) -> list[Reason]:
    """Name the pages that people read before they leave, once per class, where no points name them already."""
    named = {reason.code for reason in told}
    found: dict[str, Reason] = {}
    for page in pages:
        code = f"page:{page.rule.name}"
        if page.rule.leaving and code not in named:
            found.setdefault(code, Reason(text=_page_text(page), code=code, ref=page.ref))
    return [found[code] for code in sorted(found)]


def _page_reasons(pages: Iterable[PageSeen], rules: ScoringRules) -> list[Reason]:
    """Return a reason for each page that counts, the weightiest first; a class never counts for more than its cap."""
    room = {page.rule.name: page.cap for page in rules.pages}
    seen = list(pages)
    product = any(page.rule.commercial and page.rule.detail and page.read and page.seconds for page in seen)
    worth = {page.path: _worth(page, rules, product=product) for page in seen}
    reasons = []
    for page in sorted(seen, key=lambda page: (-worth[page.path], page.path)):
        points = min(worth[page.path], room[page.rule.name])
        if page.rule.points > 0 and points > 0:
            room[page.rule.name] -= points
            reasons.append(Reason(text=_page_text(page), points=points, code=f"page:{page.rule.name}", ref=page.ref))
    return reasons


def _worth(page: PageSeen, rules: ScoringRules, *, product: bool) -> float:
    reading = rules.file.reading
    if page.read:
        # A log line doesn't show that a form was really opened by somebody who stayed: no full points there.
        return page.rule.points * (reading.unknown if page.seconds is None else 1)
    if page.seconds is None:
        return page.rule.points * reading.unknown
    looked_up = product and page.rule.commercial and not page.rule.detail and page.seconds >= rules.file.bounce.seconds
    return page.rule.points * (max(reading.opened, reading.with_product) if looked_up else reading.opened)


def _page_text(page: PageSeen) -> str:
    if page.seconds is None:
        return f"{page.label} seen, for how long is unknown"
    if page.rule.form or page.seconds < 1:
        return f"{page.label} opened"
    return f"{page.label} {'read' if page.read else 'open'} for {clock(page.seconds)}"


def _penalties(pages: Iterable[PageSeen], points: float) -> list[Reason]:
    """Return what careers and support pages take away: once per class, and never more than there is."""
    reasons = []
    against: dict[str, tuple[PageRule, str]] = {}
    for page in pages:
        if page.rule.points < 0:
            against.setdefault(page.rule.name, (page.rule, page.ref))
    for name, (rule, ref) in sorted(against.items()):
        taken = min(points, -rule.points)
        points -= taken
        text = f"{rule.label or name} pages seen too"
        reasons.append(Reason(text=text, points=-taken, code=f"page:{name}", ref=ref))
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
    refs: dict[str, str] = {}
    for view in sorted(visit.views, key=lambda view: (view.at, view.id)):
        for clue in view.clues:
            refs.setdefault("identify" if clue.kind == "identify_domain" else clue.kind, view.id)
    return [
        Reason(text=_CLUE_TEXTS[kind], points=points[kind], code=f"clue:{kind}", ref=ref)
        for kind, ref in sorted(refs.items())
    ]


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


def _sum(reasons: Iterable[Reason]) -> IntentScore:
    """Return the score of these reasons. Where rounding would take it below 0, the heaviest penalty is eased."""
    exact = [replace(one, points=sixteenths(one.points)) for one in reasons]
    points = sum((one.points for one in exact), 0.0)
    if points < 0:
        worst = min(range(len(exact)), key=lambda index: exact[index].points)
        exact[worst] = replace(exact[worst], points=exact[worst].points - points)
        points = 0.0
    return IntentScore(points=points, why=tuple(exact))
