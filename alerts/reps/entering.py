"""Reads what people write of a rep, in a form, a file or a command, and says all that is wrong with it (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time

from alerts.reps.rep import RepEntry
from alerts.reps.times import DAYS, is_time, is_zone
from core.errors import InputError

FIELDS = (
    *("name", "zone", "hours", "days", "holidays", "most_a_day", "deputy", "team", "manager"),
    *("away_from", "away_until", "left", "shows_own_figures"),
)
"""What may be said of a rep, beside the address. An empty text means: as the policy says."""

OWN_FIELDS = ("name", "zone", "hours", "days", "holidays", "most_a_day", "away_from", "away_until", "shows_own_figures")
"""What reps may say of themselves."""

_YES, _NO = ("yes", "true", "1", "on", "x", "ja"), ("", "no", "false", "0", "off", "nein")


def address(text: str) -> str:
    """Return an e-mail address in lower case; raises InputError when it is none."""
    found = text.strip().lower()
    name, at, domain = found.partition("@")
    if not (name and at and domain) or any(char.isspace() for char in found) or len(found) > 254:
        raise InputError(f"{text.strip()[:60]!r} is no e-mail address: give one such as anna@example.com")
    return found


def changed(entry: RepEntry, said: Mapping[str, str]) -> RepEntry:
    """Return the entry with what is said (by the names of `FIELDS`); what isn't said stays.

    Raises InputError with every mistake, a line each.
    """
    mistakes: list[str] = []
    for field, text in said.items():
        reader = _READERS.get(field)
        if reader is None:
            mistakes.append(f"`{field}` can't be said of a rep: {', '.join(FIELDS)} can")
            continue
        try:
            entry = reader(entry, text.strip())
        except InputError as error:
            mistakes.append(f"{field}: {error}")
    if entry.away_from and entry.away_until and entry.away_from > entry.away_until:
        mistakes.append(f"away_until: {entry.away_until} lies before {entry.away_from}: give a later day")
    if entry.deputy == entry.email and entry.deputy:
        mistakes.append("deputy: nobody stands in for themselves: name somebody else")
    if mistakes:
        raise InputError("\n".join(mistakes))
    return entry


def shown(entry: RepEntry) -> Mapping[str, str]:
    """Return what was said of a rep, as `changed` reads it."""
    hours = "" if entry.begin is None or entry.end is None else f"{entry.begin:%H:%M}-{entry.end:%H:%M}"
    days = "" if entry.days is None else " ".join(DAYS[day] for day in sorted(entry.days))
    holidays = "" if entry.holidays is None else " ".join(day.isoformat() for day in sorted(entry.holidays)) or "none"
    return {
        "name": entry.name,
        "zone": entry.zone,
        "hours": hours,
        "days": days,
        "holidays": holidays,
        "most_a_day": "" if entry.most_a_day is None else str(entry.most_a_day),
        "deputy": entry.deputy,
        "team": entry.team,
        "manager": entry.manager,
        "away_from": entry.away_from.isoformat() if entry.away_from else "",
        "away_until": entry.away_until.isoformat() if entry.away_until else "",
        "left": "yes" if entry.has_left else "",
        "shows_own_figures": "yes" if entry.shows_own_figures else "",
    }


def _zone(entry: RepEntry, text: str) -> RepEntry:
    if text and not is_zone(text):
        raise InputError(f"{text!r} is no time zone: give one such as Europe/Berlin")
    return replace(entry, zone=text)


def _hours(entry: RepEntry, text: str) -> RepEntry:
    if not text:
        return replace(entry, begin=None, end=None)
    begin, _, end = re.sub(r"\s", "", text).replace("–", "-").partition("-")
    begin, end = begin.zfill(5), end.zfill(5)
    if not (is_time(begin) and is_time(end)):
        raise InputError(f"{text!r} are no hours: give them as 08:30-18:00")
    return replace(entry, begin=time.fromisoformat(begin), end=time.fromisoformat(end))


def _days(entry: RepEntry, text: str) -> RepEntry:
    if not text:
        return replace(entry, days=None)
    found: set[int] = set()
    for part in re.split(r"[,;\s]+", text.lower().replace("–", "-")):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise InputError(f"{part!r} is no weekday: give some of {', '.join(DAYS)}, or mon-thu")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return replace(entry, days=frozenset(found))


def _holidays(entry: RepEntry, text: str) -> RepEntry:
    if not text:
        return replace(entry, holidays=None)
    if text.lower() == "none":
        return replace(entry, holidays=frozenset())
    return replace(entry, holidays=frozenset(_date(part) for part in re.split(r"[,;\s]+", text)))


def _most(entry: RepEntry, text: str) -> RepEntry:
    if not text:
        return replace(entry, most_a_day=None)
    if not (text.isascii() and text.isdigit() and int(text) <= 1000):
        raise InputError(f"{text!r} is no number of alerts: give 0 or more")
    return replace(entry, most_a_day=int(text))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day: give it as 2026-12-24") from None


def _away_from(entry: RepEntry, text: str) -> RepEntry:
    return replace(entry, away_from=_date(text) if text else None)


def _away_until(entry: RepEntry, text: str) -> RepEntry:
    return replace(entry, away_until=_date(text) if text else None)


def _yes(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise InputError(f"{text!r} is neither yes nor no")
    return text.lower() in _YES


_READERS: Mapping[str, Callable[[RepEntry, str], RepEntry]] = {
    "name": lambda entry, text: replace(entry, name=text[:200]),
    "zone": _zone,
    "hours": _hours,
    "days": _days,
    "holidays": _holidays,
    "most_a_day": _most,
    "deputy": lambda entry, text: replace(entry, deputy=address(text) if text else ""),
    "team": lambda entry, text: replace(entry, team=text[:100]),
    "manager": lambda entry, text: replace(entry, manager=address(text) if text else ""),
    "away_from": _away_from,
    "away_until": _away_until,
    "left": lambda entry, text: replace(entry, has_left=_yes(text)),
    "shows_own_figures": lambda entry, text: replace(entry, shows_own_figures=_yes(text)),
}
