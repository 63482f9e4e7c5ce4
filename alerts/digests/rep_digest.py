"""The rep's digest, their morning brief: to call, to judge, slipping, promised; None when there is nothing (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.buttons import Button
from alerts.message import AlertText
from alerts.notices.notice import NoticeText, Row, Section
from alerts.reps.rep import Rep
from alerts.routing import Routed
from alerts.wording import clean, cut, day_and_time, sentence_part, short_day
from core.alerting import Hold
from core.domain import AccountId, AlertId

MOST_ROWS = 5
"""Rows of a section; the rest is counted: more than these nobody does in a morning."""

_SHORT = 160
_HELD = {
    Hold.QUIET: "came outside your hours",
    Hold.CAP: "over your cap of the day",
    Hold.DEMOTED: "seldom useful so far",
    Hold.HOLDOUT: "held back to measure",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCall:
    """An alert that nobody has taken: told at once and still open, or held until now."""

    alert: AlertId
    message: AlertText
    at: datetime
    hold: Hold | None = None
    """Why it was held, when this digest is the first to tell of it."""
    routed: Routed | None = None
    """Whom it is for now, where the one whom it was for can't hear of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToJudge:
    """Visits that may be of one of several accounts."""

    visit: str
    names: tuple[tuple[AccountId, str], ...]
    why: str
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """An account that left its rhythm."""

    account: AccountId
    name: str
    text: str
    """How late, such as `order was due 2 Nov, 23 days late (every 30 ±6 days)`."""
    last_visit_at: datetime | None = None
    url: str = ""
    """Of its timeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A call that the rep promised."""

    alert: AlertId
    name: str
    until: datetime
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RepDay:
    """All that a rep's digest may tell of."""

    to_call: Sequence[ToCall] = ()
    to_judge: Sequence[ToJudge] = ()
    slipping: Sequence[Late] = ()
    promised: Sequence[Promised] = ()
    kept: Mapping[str, int] = field(default_factory=dict)
    """Visits since the last digest that nobody was told of: why, in words, and how many."""

    @property
    def is_empty(self) -> bool:
        return not (self.to_call or self.to_judge or self.slipping or self.promised)


def rep_digest(rep: Rep, day: RepDay, now: datetime) -> NoticeText | None:
    """Return the digest of `rep`; None when there is nothing to do: then nothing is sent."""
    if day.is_empty:
        return None
    zone = rep.hours.zone
    counts = (
        (len(day.to_call), "to call"),
        (len(day.to_judge), "to judge"),
        (len(day.slipping), "slipping"),
        (len(day.promised), "promised"),
    )
    what = ", ".join(f"{count} {words}" for count, words in counts if count)
    title = f"{_called(rep)}{short_day(now, zone)}: {what}"
    sections = (
        _section("Call", [_call(one, zone) for one in day.to_call]),
        _section("Judge", [_judge(one) for one in day.to_judge]),
        _section("Slipping", [_late(one, zone) for one in day.slipping]),
        _section("Promised", [_promised(one, zone) for one in day.promised]),
    )
    return NoticeText(
        push=cut(title, 150),
        title=title,
        sections=tuple(section for section in sections if section.rows),
        foot=_foot(day),
    )


def _called(rep: Rep) -> str:
    name = clean(rep.called, 40)
    return f"{name[:1].upper()}{name[1:]}, " if name else ""


def _section(label: str, rows: list[Row]) -> Section:
    more = len(rows) - MOST_ROWS
    if more > 0:
        rows = [*rows[:MOST_ROWS], Row(text=f"and {more} more in Dormouse")]
    return Section(label=label, rows=tuple(rows))


def _call(one: ToCall, zone: ZoneInfo) -> Row:
    """`Hartmann Pumpen · €84k lifetime · Pricing 2:10, 2 visitors · very likely · open since Tue 10:42`."""
    message = one.message
    by_label = {line.label: line.text for line in message.lines}
    pages = " · ".join(by_label.get("Now", "").split(" · ")[:-1])  # the last part says when
    sure = by_label.get("Sure?", "").partition(" (")[0].lower()
    facts = " · ".join(message.facts)
    since = f"open since {day_and_time(one.at, zone)}"
    said = f"{day_and_time(one.at, zone)}, {_HELD[one.hold]}" if one.hold in _HELD else since
    why = cut(one.routed.why.rstrip("."), _SHORT) if one.routed else ""
    parts = (clean(message.name, 80), cut(facts, 80), cut(pages, _SHORT), sure, said, why)
    buttons = (
        Button(action="claim", subject=one.alert, label="Take"),
        Button(action="wrong_company", subject=one.alert),
        Button(action="timeline", subject=one.alert),
    )
    return Row(text=" · ".join(filter(None, parts)), buttons=buttons if message.may_call else buttons[1:])


def _judge(one: ToJudge) -> Row:
    names = [clean(name, 40) for _, name in one.names]
    visits = f"{one.visits} visits" if one.visits > 1 else "1 visit"
    asked = f"{' or '.join(names)}?" if len(names) > 1 else f"Is this {names[0]}?"
    text = " · ".join(filter(None, (asked, cut(one.why.rstrip("."), _SHORT), visits)))
    picks = [
        Button(action="pick_account", subject=one.visit, choice=account, label=cut(name, 30))
        for (account, _), name in zip(one.names, names, strict=True)
    ]
    return Row(text=text, buttons=(*picks[:4], Button(action="dont_know", subject=one.visit, label="Neither")))


def _late(one: Late, zone: ZoneInfo) -> Row:
    visit = f"last visit {short_day(one.last_visit_at, zone)}" if one.last_visit_at else "no visit"
    text = " · ".join((clean(one.name, 80), _begun(one.text), visit, "cheapest now"))
    links = (Button(action="timeline", subject=one.account, url=one.url),) if one.url else ()
    return Row(
        text=text,
        buttons=(
            Button(action="take_account", subject=one.account),
            *links,
            Button(action="not_slipping", subject=one.account),
        ),
    )


def _promised(one: Promised, zone: ZoneInfo) -> Row:
    late = ", nothing logged" if one.is_overdue else ""
    return Row(
        text=f"{clean(one.name, 80)}: call again {short_day(one.until, zone)}{late}",
        buttons=(
            Button(action="reached", subject=one.alert),
            Button(action="no_answer", subject=one.alert),
            Button(action="hand_back", subject=one.alert),
        ),
    )


def _foot(day: RepDay) -> str:
    held = [one.hold for one in day.to_call]
    told = []
    if Hold.QUIET in held:
        told.append(f"Held overnight {held.count(Hold.QUIET)}")
    if Hold.CAP in held:
        told.append(f"over your cap {held.count(Hold.CAP)}")
    if total := sum(day.kept.values()):
        most = sorted(day.kept.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
        told.append(f"kept from you {total} visits: {', '.join(f'{words} {count}' for words, count in most)}")
    return " · ".join(told)


def _begun(text: str) -> str:
    """The sentence as part of a row."""
    plain = sentence_part(text, _SHORT)
    return f"{plain[:1].lower()}{plain[1:]}"
