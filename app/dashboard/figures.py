"""The geometry of the small pictures: sparklines, the timeline, the funnel (pure numbers; templates draw them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, in the picture's own units."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: float


def sparkline(values: Sequence[int], labels: Sequence[str], *, step: float = 6, height: float = 24) -> tuple[Bar, ...]:
    """Return a bar for each value; days without anything keep a thin line, so that the rhythm of days stays visible."""
    most = max([1, *values])
    return tuple(
        Bar(
            x=index * step,
            y=round(height - max(1.5, value / most * height), 2),
            width=step - 2,
            height=round(max(1.5, value / most * height), 2),
            label=label,
            value=value,
        )
        for index, (value, label) in enumerate(zip(values, labels, strict=True))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A week of an account's life: what happened in it, and where it is drawn."""

    start: date
    x: float
    visits: int
    orders: int
    contacts: int
    alerts: int
    visit_height: float
    order_height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A month's name under the picture."""

    x: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The timeline: visits grow upwards from the middle line, orders downwards."""

    width: float
    slot_width: float
    slots: tuple[Slot, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened on a day, for the picture."""

    day: date
    kind: str
    """`visit`, `order`, `contact` or `alert`."""
    amount: float = 0


def timeline(happenings: Sequence[Happening], last: date, days: int, *, width: float, slots: int) -> Picture:
    """Return the picture of the `days` days up to and with `last`, in about `slots` bars (days, weeks or longer)."""
    step = max(1, round(days / slots))
    count = -(-days // step)
    first = last - timedelta(days=count * step - 1)
    counts: list[dict[str, float]] = [{} for _ in range(count)]
    for happening in happenings:
        index = (happening.day - first).days // step
        if 0 <= index < count:
            slot = counts[index]
            slot[happening.kind] = slot.get(happening.kind, 0) + 1
            slot["amount"] = slot.get("amount", 0) + happening.amount
    most_visits = max([1.0, *(slot.get("visit", 0) for slot in counts)])
    most_amount = max([1.0, *(slot.get("amount", 0) for slot in counts)])
    wide = width / count
    drawn = tuple(
        Slot(
            start=first + timedelta(days=index * step),
            x=round(index * wide, 2),
            visits=int(slot.get("visit", 0)),
            orders=int(slot.get("order", 0)),
            contacts=int(slot.get("contact", 0)),
            alerts=int(slot.get("alert", 0)),
            visit_height=round(slot.get("visit", 0) / most_visits * 48, 2),
            order_height=round(max(6.0, slot.get("amount", 0) / most_amount * 40), 2) if slot.get("order") else 0,
        )
        for index, slot in enumerate(counts)
    )
    return Picture(width=width, slot_width=round(wide, 2), slots=drawn, marks=_marks(first, last, width))


def _marks(first: date, last: date, width: float) -> tuple[Mark, ...]:
    """Name months or years, never so many that their names touch."""
    total = (last - first).days + 1
    starts = [day for n in range(total) if (day := first + timedelta(days=n)).day == 1]
    room = max(2, int(width // 48))
    every = next((months for months in (1, 2, 3, 6, 12, 24, 60) if len(starts) / months <= room), 120)
    named = (day for day in starts if (day.year * 12 + day.month - 1) % every == 0)
    marks = (Mark(x=round((day - first).days / total * width, 2), text=_month(day)) for day in named)
    return tuple(mark for mark in marks if mark.x < width - 30)


def _month(day: date) -> str:
    return str(day.year) if day.month == 1 else day.strftime("%b")


def share(part: int, whole: int, width: float) -> float:
    """Return how wide `part` of `whole` is drawn; never invisible unless it is nothing."""
    if part <= 0 or whole <= 0:
        return 0
    return round(max(2.0, part / whole * width), 2)
