"""The message as data: what a rep reads, line by line, before any channel's taste (pure).

Every line disappears when its fact is missing; the first line alone is enough on a lock screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from alerts.buttons import Action
from alerts.opener import opener
from alerts.pages import PageSeen, page_steps
from alerts.wording import (
    about,
    clean,
    clock_time,
    cut,
    date,
    days,
    in_100,
    minutes,
    money,
    person,
    sentence_part,
    sureness,
    when,
    whole_days,
    whole_points,
)
from core.alerting import Briefing, Feedback
from core.domain import Contact, Reason, Signal

_LINE = 260  # characters of one line: two rows of Slack on a desktop


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its label and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertText:
    """All that a channel needs to show an alert; plain text, no markup."""

    name: str
    push: str
    """The one line of a notification."""
    title: str
    facts: tuple[str, ...]
    """What stands beside the title: how long silent, worth how much."""
    lines: tuple[Line, ...]
    why_now: str
    note: str = ""
    """What became of the alert, such as `Anna took it 10:44`."""
    actions: tuple[Action, ...] = ("claim", "wrong_company", "timeline")
    zone: str = "UTC"
    needed: float | None = None
    """The points that an alert needs."""


def alert_text(
    signal: Signal, briefing: Briefing, *, zone: ZoneInfo, needed: float | None, with_date: bool
) -> AlertText:
    """Return the message for `signal`; `with_date` writes the visit's day in full (for history)."""
    name = clean(signal.account.name, 100) or signal.account.id
    steps = page_steps(signal.visit.views)
    silence = _silence(signal, briefing)
    lines = (
        Line(label="Now", text=_now(signal, briefing, steps, zone, with_date)),
        Line(label="Was", text=_was(signal, briefing, zone)),
        Line(label="Call", text=_call(briefing, zone)),
        Line(label="Sure?", text=_sure(signal)),
        Line(label="Try", text=_try(signal, briefing)),
    )
    return AlertText(
        name=name,
        push=_push(name, signal, steps, silence),
        title=f"{name} is back",
        facts=tuple(filter(None, (silence, _worth(briefing)))),
        lines=tuple(line for line in lines if line.text),
        why_now=_why_now(signal, needed),
        zone=zone.key,
        needed=needed,
    )


def to_data(text: AlertText) -> Mapping[str, object]:
    """Return the message as JSON values, to be kept in the database."""
    # by way of JSON, so that a message compares equal to itself read from the database (lists, not tuples)
    return cast("Mapping[str, object]", msgspec.json.decode(msgspec.json.encode(text)))


def from_data(data: Mapping[str, object]) -> AlertText:
    """Return the message that `to_data` gave away."""
    return msgspec.convert(data, AlertText)


def with_feedback(text: AlertText, feedback: Sequence[Feedback]) -> AlertText:
    """Return the message as it reads after what people did with it; what was undone doesn't count."""
    standing = {one.kind: one for one in feedback if one.undone_at is None}
    zone = ZoneInfo(text.zone)
    if wrong := standing.get("wrong_company"):
        return replace(
            text,
            title=f"Not {text.name}",
            push=cut(f"Removed: it wasn't {text.name}", 150),
            facts=(),
            lines=(),
            why_now="",
            note=f"Removed, sorry. This network will not mean {text.name} again. "
            f"({person(wrong.by)} {clock_time(wrong.at, zone)})",
            actions=("undo",),
        )
    if claimed := standing.get("claimed"):
        return replace(
            text,
            note=f"{person(claimed.by)} took it {clock_time(claimed.at, zone)}",
            actions=("wrong_company", "timeline", "undo"),
        )
    return text


def as_text(text: AlertText) -> str:
    """Return the message as plain lines, for a terminal or a file."""
    rows = [" · ".join((text.title, *text.facts)), *(f"{line.label:<6}{line.text}" for line in text.lines)]
    if text.why_now:
        rows.append(f"Why now: {text.why_now}")
    if text.note:
        rows.append(text.note)
    return "\n".join(rows)


def _likely_them(confidence: float) -> str:
    word = sureness(confidence)
    return f"{'certainly' if word == 'certain' else word} them"


def _push(name: str, signal: Signal, steps: tuple[PageSeen, ...], silence: str) -> str:
    top = max(steps, key=lambda step: step.engaged_ms, default=None)
    page = " ".join(filter(None, (cut(top.label, 30), about(top.engaged_ms)))) if top else ""
    facts = ", ".join(filter(None, (page, silence, _likely_them(signal.confidence))))
    return cut(f"{cut(name, 60)} is back: {facts}", 150)


def _silence(signal: Signal, briefing: Briefing) -> str:
    last = briefing.purchases.last_at
    if last is not None and last <= signal.at:
        return f"no order for {days(whole_days(last, signal.at))}"
    silent = signal.dormancy.silent_days
    return f"silent for {days(silent)}" if silent is not None else ""


def _worth(briefing: Briefing) -> str:
    lifetime = briefing.purchases.lifetime
    if lifetime is None or lifetime <= 0:
        return ""
    return f"{money(lifetime, briefing.purchases.currency, digits=2)} lifetime"


def _now(signal: Signal, briefing: Briefing, steps: tuple[PageSeen, ...], zone: ZoneInfo, with_date: bool) -> str:
    shown = sorted(sorted(steps, key=lambda step: -step.engaged_ms)[:4], key=lambda step: step.position)
    path = " → ".join(" ".join(filter(None, (step.label, minutes(step.engaged_ms)))) for step in shown)
    more = f"{len(steps)} pages" if len(steps) > len(shown) else ""
    visitors = f"{briefing.visitors} visitors" if briefing.visitors > 1 else ""
    parts = (cut(path, _LINE - 60), more, visitors, when(signal.visit.started_at, zone, with_date))
    return " · ".join(filter(None, parts))


def _was(signal: Signal, briefing: Briefing, zone: ZoneInfo) -> str:
    bought, parts = briefing.purchases, []
    if bought.last_at is not None and bought.last_at <= signal.at:
        parts.append(", ".join(filter(None, (f"last order {date(bought.last_at, zone)}", *_last_order(briefing)))))
    gap = signal.dormancy.usual_gap_days
    if gap is not None and gap >= 1:
        parts.append(f"used to order every ~{days(round(gap))}")
    if left_over := sentence_part(signal.dormancy.left_over, 60):
        parts.append(f"left over: {left_over}")
    return cut(" · ".join(parts), _LINE)


def _last_order(briefing: Briefing) -> tuple[str, str]:
    bought = briefing.purchases
    amount: Decimal | None = bought.last_amount
    return clean(bought.last_product, 60), money(amount, bought.currency) if amount is not None and amount > 0 else ""


def _call(briefing: Briefing, zone: ZoneInfo) -> str:
    here = [contact for contact in briefing.contacts if not contact.has_left and contact.name.strip()]
    gone = [clean(contact.name, 60) for contact in briefing.contacts if contact.has_left and contact.name.strip()]
    parts = []
    if here:
        # somebody we can reach comes before somebody we can only name
        best = max(here, key=lambda contact: bool(contact.phone) + bool(contact.email))
        parts.append(_contact(best, briefing.last_contact_at, zone))
    elif briefing.last_contact_at is not None:
        parts.append(f"last spoke {date(briefing.last_contact_at, zone)}")
    if gone:
        names = ", ".join(gone[:2]) + (f" and {len(gone) - 2} more" if len(gone) > 2 else "")
        parts.append(f"{names} {'has' if len(gone) == 1 else 'have'} left")
    return cut(" · ".join(parts), _LINE)


def _contact(contact: Contact, last_spoke: datetime | None, zone: ZoneInfo) -> str:
    wants_mail = "mail" in contact.prefers.casefold()
    reach = (contact.email or contact.phone) if wants_mail else (contact.phone or contact.email)
    prefers = clean(contact.prefers, 20)
    return ", ".join(
        filter(
            None,
            (
                clean(contact.name, 60),
                clean(contact.role, 40),
                clean(reach, 60),
                f"prefers {prefers}" if prefers else "",
                f"last spoke {date(last_spoke, zone)}" if last_spoke else "",
            ),
        )
    )


def _sure(signal: Signal) -> str:
    reasons: dict[str, None] = {}
    company = signal.seen.company
    by_clue = any(reason.code.startswith("clue:") for reason in (company.why if company else ()))
    network = None if by_clue else signal.seen.network  # where somebody is who said who they are proves nothing
    for part in (signal.seen.match, company, network):
        for reason in part.why if part else ():
            # of a declared network its own reason says the same, with its prefix; a guess is the registry's word again
            repeats = reason.code == "match:declared" or (reasons and reason.code.startswith("model:"))
            if not repeats and (text := sentence_part(reason.text, 110)):
                reasons.setdefault(text)
    band = f"{sureness(signal.confidence).capitalize()} ({in_100(signal.confidence)} in 100)"
    return cut(f"{band}: {'; '.join(list(reasons)[:3])}" if reasons else band, _LINE)


def _try(signal: Signal, briefing: Briefing) -> str:
    found = opener(briefing.purchases.last_product, signal.dormancy.left_over)
    if found is None:
        return ""
    return " · ".join(filter(None, (f"“{found.say}”", "don't mention the visit", found.advice)))


def _why_now(signal: Signal, needed: float | None) -> str:
    reasons: Sequence[Reason] = signal.score.why
    points = whole_points(tuple(reason.points for reason in reasons), signal.score.points)
    shown = [(sentence_part(reason.text, 60), value) for reason, value in zip(reasons, points, strict=True) if value]
    shown.sort(key=lambda pair: -pair[1])
    if len(shown) > 6:
        rest = shown[5:]
        shown = [*shown[:5], (f"{len(rest)} more", sum(value for _, value in rest))]
    if not shown:
        return ""
    total = f"{round(signal.score.points)}"
    threshold = f" ({needed:g} needed)" if needed is not None else ""
    return " · ".join(f"{text} {value:+d}" for text, value in shown) + f" = {total}{threshold}"
