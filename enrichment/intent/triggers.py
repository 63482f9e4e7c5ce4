"""What speaks for itself, whatever the points: prices read for long, a form begun, a signed link followed (pure).

A trigger *holds* by what a visit shows itself; it *fires* unless it held in an earlier visit of its window. So each
fires once per window, and which visits it fires in doesn't depend on the order in which history is replayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

from core.domain import Reason, Visit
from enrichment.intent.history import PastVisit
from enrichment.intent.pages import PageSeen, clock
from enrichment.intent.rules import ScoringRules

RETURN = "trigger:return"


def held(visit: Visit, pages: Sequence[PageSeen], own_points: float, rules: ScoringRules) -> tuple[Reason, ...]:
    """Return the triggers whose conditions this visit meets by itself; `own_points` are those of its pages and clues.

    Where careers pages took most of a page's points away, that page triggers nothing.
    """
    file = rules.file.trigger
    clues = {clue.kind: view.id for view in reversed(visit.views) for clue in view.clues}
    counted = [page for page in pages if page.seconds is not None and own_points * 2 >= page.rule.points]
    found = []
    prices = [page for page in counted if page.rule.name in file.pricing.pages]
    if file.pricing.on and (page := _longest(prices, file.pricing.seconds)):
        text = f"{page.label} read for {clock(page.seconds or 0)}"
        found.append(Reason(text=text, code="trigger:pricing", ref=page.ref))
    forms = [page for page in counted if page.rule.form]
    if file.form.on and "form_domain" in clues:
        found.append(Reason(text="A form sent", code="trigger:form", ref=clues["form_domain"]))
    elif file.form.on and (page := _longest(forms, file.form.seconds)):
        found.append(Reason(text=f"{page.label} begun", code="trigger:form", ref=page.ref))
    if file.signed_click.on and "signed_link" in clues:
        text = "Came by a link that was sent to them"
        found.append(Reason(text=text, code="trigger:signed_click", ref=clues["signed_link"]))
    return tuple(found)


def fired(
    visit: Visit,
    own_held: Sequence[Reason],
    own_points: float,
    before: Sequence[PastVisit],
    rules: ScoringRules,
    *,
    comes_often: bool,
) -> tuple[Reason, ...]:
    """Return the triggers that fire: those held now, and in no visit that ended before this one in the window.

    Coming back says nothing of an account that comes often.
    """
    window = timedelta(days=rules.file.trigger.window_days)
    earlier = [one for one in before if one.at < visit.started_at]
    already = {code for one in earlier if visit.started_at - one.at <= window for code in one.held}
    found = [one for one in own_held if one.code not in already]
    if not comes_often and (back := _came_back(visit, own_points, earlier, rules)):
        found.append(back)
    return tuple(found)


def _came_back(visit: Visit, own_points: float, earlier: Sequence[PastVisit], rules: ScoringRules) -> Reason | None:
    rule, window = rules.file.trigger.came_back, timedelta(days=rules.file.trigger.window_days)
    if not rule.on or own_points < rule.points:
        return None
    with_interest = [one for one in earlier if one.own_points >= rule.points]  # the latest first
    today = visit.last_at.astimezone(UTC).date()
    days = [today, *(one.at.astimezone(UTC).date() for one in with_interest)]
    is_return = [
        any(0 < (on - then).days <= rule.within_days for then in days[index + 1 :]) for index, on in enumerate(days)
    ]
    if not is_return[0]:
        return None
    if any(
        again and visit.started_at - one.at <= window for again, one in zip(is_return[1:], with_interest, strict=True)
    ):
        return None
    last = next(one for one, on in zip(with_interest, days[1:], strict=True) if on < today)
    number = (today - last.at.astimezone(UTC).date()).days
    text = f"Back with interest after {number} {'day' if number == 1 else 'days'}"
    return Reason(text=text, code=RETURN, ref=last.id)


def _longest(pages: Sequence[PageSeen], seconds: float) -> PageSeen | None:
    """Return the page of these that was read longest, if that was long enough."""
    best = max(pages, key=lambda page: (page.seconds or 0, page.path), default=None)
    return best if best and (best.seconds or 0) >= seconds else None
