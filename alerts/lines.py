"""How each line of the message is made: what is said on Now, Was, Call and Try, the title and the reasons (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from alerts.buttons import REASONS
from alerts.opener import opener
from alerts.pages import PageSeen
from alerts.wording import (
    DAYS,
    about,
    clean,
    cut,
    date,
    days,
    minutes,
    money,
    sentence_part,
    sureness,
    when,
    whole_days,
    whole_points,
)
from core.alerting import Briefing
from core.domain import Contact, Reason, Signal

LINE = 240
"""Characters of one line: two rows of Slack on a desktop."""

FORMS = {"contact": "contact form", "quote": "quote request", "order": "order form"}
"""Classes of pages whose point is a form → what a rep calls it."""
_LABELS = {choice.value: choice.label.lower() for choice in REASONS}
_MONTH = re.compile(r"\([A-Z][a-z]{2,8} \d{4}\)(?=\.?$)")
_UNREACHABLE = "asked not to be contacted"


def title(name: str, signal: Signal) -> str:
    """Return the message's first line."""
    if signal.kind == "rescue":
        return f"{name} may be leaving"
    line = clean(signal.line, 40)
    return f"{name} is back in {line}" if signal.kind == "line" and line else f"{name} is back"


def facts(signal: Signal, briefing: Briefing, silence: str, zone: ZoneInfo) -> tuple[str, ...]:
    """Return what stands beside the title."""
    if signal.kind == "rescue":
        found = (_contract(signal, zone), _decline(signal), _worth(briefing))
    elif signal.kind == "line":
        found = (silence, _still_buys(signal), _worth(briefing))
    else:
        found = (silence, _worth(briefing), _contract(signal, zone))
    return tuple(filter(None, found))


def push(name: str, signal: Signal, steps: Sequence[PageSeen], silence: str, zone: ZoneInfo) -> str:
    """Return the line of a lock screen."""
    top = max(steps, key=lambda step: step.engaged_ms, default=None)
    page = " ".join(filter(None, (cut(top.label, 30), about(top.engaged_ms)))) if top else ""
    word = sureness(signal.confidence)
    them = f"{'certainly' if word == 'certain' else word} them"
    what = (_decline(signal), _contract(signal, zone, with_kind=False)) if signal.kind == "rescue" else (silence,)
    said = ", ".join(filter(None, (page, *what, them)))
    return cut(f"{title(cut(name, 60), signal)}: {said}", 150)


def silence(signal: Signal, briefing: Briefing) -> str:
    """Return how long they were silent; "" when nobody knows."""
    if signal.kind == "line":
        mine = next((one for one in signal.dormancy.lines if one.line == signal.line), None)
        if mine is None or mine.silent_days is None:
            return ""
        return f"no order in {clean(signal.line, 40)} for {days(mine.silent_days)}"
    last = briefing.purchases.last_at
    if last is not None and last <= signal.at:
        return f"no order for {days(whole_days(last, signal.at))}"
    silent = signal.dormancy.silent_days
    return f"silent for {days(silent)}" if silent is not None else ""


def now(signal: Signal, briefing: Briefing, steps: Sequence[PageSeen], zone: ZoneInfo, with_date: bool) -> str:
    """Return what they do on the website, and when."""
    shown = sorted(sorted(steps, key=lambda step: -step.engaged_ms)[:4], key=lambda step: step.position)
    path = [" ".join(filter(None, (step.label, minutes(step.engaged_ms)))) for step in shown]
    path += [f"{FORMS[form]} {_what_became(signal, briefing)}" for form in forms_opened(signal)][:1]
    more = f"{len(steps)} pages" if len(steps) > len(shown) else ""
    parts = (
        cut(" → ".join(path), LINE - 80),
        more,
        _visitors(briefing),
        when(signal.visit.started_at, zone, with_date),
    )
    return " · ".join(filter(None, parts))


def _visitors(briefing: Briefing) -> str:
    count, at_least, group = briefing.visitors, briefing.visitors_at_least, briefing.group
    said = f"{'at least ' if at_least else ''}{count} visitors" if count > 1 else ""
    if group is not None and group.days > 1 and group.count > count:
        more = f"{'at least ' if group.at_least else ''}{group.count} people on {group.days} days"
        said = f"{said}, {more}" if said else more
    return said


def forms_opened(signal: Signal) -> Iterator[str]:
    """Return the classes of the forms that were opened in this visit."""
    codes = [reason.code.removeprefix("page:") for reason in signal.score.why if reason.code.startswith("page:")]
    return iter(dict.fromkeys(code for code in codes if code in FORMS))


def form_sent(signal: Signal) -> bool:
    """Return whether a form was sent, as far as the website told."""
    return any(clue.kind == "form_domain" for clue in signal.visit.clues)


def _what_became(signal: Signal, briefing: Briefing) -> str:
    if form_sent(signal):
        return "sent"
    # a site whose forms never told us anything may have got it without our knowing
    return "opened, not sent" if briefing.forms_tell else "opened"


def was(signal: Signal, briefing: Briefing, zone: ZoneInfo) -> str:
    """Return what they bought or used before."""
    bought, parts = briefing.purchases, []
    if (decline := signal.dormancy.decline) and signal.kind == "rescue":
        parts.append(f"use {decline.baseline:,.0f} a week before, {decline.now:,.0f} now")
    if bought.last_at is not None and bought.last_at <= signal.at:
        parts.append(", ".join(filter(None, (f"last order {date(bought.last_at, zone)}", *_last_order(briefing)))))
    gap = signal.dormancy.usual_gap_days
    if signal.kind == "line":
        gap = next((one.usual_gap_days for one in signal.dormancy.lines if one.line == signal.line), None)
    if gap is not None and gap >= 1:
        where = f" {clean(signal.line, 40)}" if signal.kind == "line" else ""
        parts.append(f"used to order{where} every ~{days(round(gap))}")
    if left := left_over(signal):
        parts.append(f"left over: {left}")
    return cut(" · ".join(parts), LINE)


def left_over(signal: Signal) -> str:
    """Return why they went silent, with its month where that is known."""
    said = sentence_part(signal.dormancy.left_over, 60)
    if not said:
        return ""
    told = next((one.text for one in signal.dormancy.why if one.code == "dormancy:left_over"), "")
    month = _MONTH.search(told)
    return " ".join(filter(None, (_LABELS.get(said.casefold(), said), month[0] if month else "")))


def _last_order(briefing: Briefing) -> tuple[str, str]:
    bought = briefing.purchases
    amount: Decimal | None = bought.last_amount
    return clean(bought.last_product, 60), money(amount, bought.currency) if amount is not None and amount > 0 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    here: tuple[Contact, ...]
    gone: tuple[Contact, ...]
    silent: tuple[Contact, ...]
    """Who asked not to be contacted."""


def _people(briefing: Briefing) -> _People:
    named = [contact for contact in briefing.contacts if clean(contact.name, 60)]
    here = [one for one in named if not one.has_left]
    return _People(
        here=tuple(one for one in here if not one.do_not_contact),
        gone=tuple(one for one in named if one.has_left),
        silent=tuple(one for one in here if one.do_not_contact),
    )


def may_call(signal: Signal, briefing: Briefing) -> bool:
    """Return whether there is anybody whom one may call."""
    people = _people(briefing)
    return not signal.account.do_not_contact and not (people.silent and not people.here)


def call(signal: Signal, briefing: Briefing, zone: ZoneInfo) -> str:
    """Return whom to call and how, when one last spoke, and who is gone."""
    if signal.account.do_not_contact:
        return f"Nobody: they {_UNREACHABLE}"
    people = _people(briefing)
    gone = _names(people.gone)
    parts = []
    if people.here:
        # somebody we can reach comes before somebody we can only name, then whom we spoke to last
        best = max(people.here, key=_worth_calling)
        spoke = best.last_spoke_at or briefing.last_contact_at
        parts.append(_contact(best, spoke if spoke and spoke <= signal.at else None, zone))
    elif not people.silent and briefing.last_contact_at is not None:
        parts.append(f"last spoke {date(briefing.last_contact_at, zone)}")
    if people.silent:
        nobody = "" if people.here else "Nobody: "
        parts.append(f"{nobody}{_names(people.silent)} {_UNREACHABLE}")
    if gone:
        parts.append(f"{gone} {'has' if len(people.gone) == 1 else 'have'} left")
    return cut(" · ".join(parts), LINE)


def _worth_calling(contact: Contact) -> tuple[int, float]:
    spoke = contact.last_spoke_at.timestamp() if contact.last_spoke_at else 0.0
    return bool(contact.phone.strip()) + bool(contact.email.strip()), spoke


def _names(people: Sequence[Contact]) -> str:
    names = [clean(one.name, 60) for one in people]
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _contact(contact: Contact, last_spoke: datetime | None, zone: ZoneInfo) -> str:
    wants_mail = "mail" in contact.prefers.casefold()
    reach = (contact.email or contact.phone) if wants_mail else (contact.phone or contact.email)
    prefers = clean(contact.prefers, 20)
    said = (
        clean(contact.name, 60),
        clean(contact.role, 40),
        clean(reach, 60),
        f"prefers {prefers}" if prefers else "",
        f"last spoke {date(last_spoke, zone)}" if last_spoke else "",
    )
    return ", ".join(filter(None, said))


def attempt(signal: Signal, briefing: Briefing, zone: ZoneInfo) -> str:
    """Return how to begin, when, and what better not to do."""
    found = opener(signal, briefing)
    if found is None:
        return ""
    hours = _best_hours(signal, briefing, zone)
    return " · ".join(filter(None, (f"“{found.say}”", hours, "don't mention the visit", found.advice)))


def _best_hours(signal: Signal, briefing: Briefing, zone: ZoneInfo) -> str:
    """Return when they used to be reached: `today 14-16 h or tomorrow`; "" when nobody knows."""
    window = best_hours([at.astimezone(zone) for at in briefing.reached_at if at < signal.at])
    if window is None:
        return ""
    start, end = window
    local = signal.at.astimezone(zone)
    ahead = next(day for day in (1, 2, 3) if (local + timedelta(days=day)).weekday() < 5)
    later = "tomorrow" if ahead == 1 else DAYS[(local + timedelta(days=ahead)).weekday()]
    if local.weekday() < 5 and local.hour < end - 1:
        return f"today {start}-{end} h or {later}"
    return f"{later} {start}-{end} h"


ENOUGH_CALLS = 5
"""Calls that were answered before we say when they can be reached; fewer are chance."""


def best_hours(local: Sequence[datetime]) -> tuple[int, int] | None:
    """Return the two hours of the day in which most calls were answered; None when there is no habit.

    `local` are times in the zone of who reads it. A midnight sharp is a date without a time.
    """
    hours = [at.hour for at in local if (at.hour, at.minute, at.second) != (0, 0, 0)]
    if len(hours) < ENOUGH_CALLS:
        return None
    best = max(range(6, 20), key=lambda start: sum(start <= hour < start + 2 for hour in hours))
    return (best, best + 2) if sum(best <= hour < best + 2 for hour in hours) * 2 >= len(hours) else None


def why_now(signal: Signal, needed: float | None, today: tuple[int, int] | None) -> str:
    """Return what made us speak, in points that add up, and which of the day's alerts this is."""
    reasons: Sequence[Reason] = signal.score.why
    points = whole_points(tuple(reason.points for reason in reasons), signal.score.points)
    shown = [(sentence_part(reason.text, 60), value) for reason, value in zip(reasons, points, strict=True) if value]
    shown.sort(key=lambda pair: -pair[1])
    if len(shown) > 6:
        rest = shown[5:]
        shown = [*shown[:5], (f"{len(rest)} more", sum(value for _, value in rest))]
    said = []
    if (at_once := _at_once(signal)) and all(text != sentence_part(at_once, 60) for text, _ in shown):
        said.append(f"at once: {sentence_part(at_once, 80)}")
    if shown:
        enough = needed is not None and signal.score.points >= needed - 0.5  # else another rule made us speak
        threshold = f" ({needed:g} needed)" if enough else ""
        total = f" = {round(signal.score.points)}{threshold}"
        said.append(" · ".join(f"{text} {value:+d}" for text, value in shown) + total)
    if today is not None and said:
        said.append(f"{today[0]} of max {today[1]} today")
    return " · ".join(said)


def _at_once(signal: Signal) -> str:
    """Return what made us speak whatever the points: a trigger, or the page that people read before they leave."""
    page = f"page:{signal.rule.removeprefix('rescue:')}"
    codes = (signal.rule, page) if signal.kind == "rescue" else (signal.rule,)
    said = (*signal.score.triggers, *signal.score.why)
    return next((one.text for one in said if one.code in codes), "")


def _worth(briefing: Briefing) -> str:
    lifetime = briefing.purchases.lifetime
    if lifetime is None or lifetime <= 0:
        return ""
    return f"{money(lifetime, briefing.purchases.currency, digits=2)} lifetime"


def _contract(signal: Signal, zone: ZoneInfo, *, with_kind: bool = True) -> str:
    if not signal.dormancy.has_contract:
        return ""
    kind = clean(signal.account.contract, 40) if with_kind else ""
    kind = kind if "contract" in kind.casefold() else f"{kind} contract".strip()
    until = signal.account.contract_until
    return f"{kind} until {date(until, zone)}" if until else f"live {kind}"


def _decline(signal: Signal) -> str:
    decline = signal.dormancy.decline
    if decline is None or decline.share <= 0:
        return ""
    weeks = f"{decline.weeks} weeks" if decline.weeks != 1 else "1 week"
    return f"use down {round(decline.share * 100)} % in {weeks}"


def _still_buys(signal: Signal) -> str:
    others = [clean(one.line, 40) for one in signal.dormancy.lines if one.line != signal.line and not one.dormant]
    others = [one for one in others if one][:2]
    return f"still buys {' and '.join(others)}" if others else ""
