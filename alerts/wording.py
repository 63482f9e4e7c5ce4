"""Facts in words: outside text made harmless, money, days, times, confidence (pure)."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫"}
_UNITS = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"), (Decimal(1), ""))
_JOINERS = "\u200c\u200d"
_JOINED = frozenset(("Lo", "Mn", "Mc", "So", "Sk"))  # joiners are needed between signs of Persian, Indic scripts, emoji
_BANDS = ((0.99, "certain"), (0.9, "very likely"), (0.75, "likely"), (0.5, "possible"), (0.0, "unlikely"))


def clean(text: str, limit: int) -> str:
    """Return outside text as one line of at most `limit` characters.

    Control, bidirectional and other invisible characters go: they can hide or reorder what a rep reads.
    """
    kept = "".join(
        " " if char.isspace() else char
        for char in text[: limit * 20]
        if char.isspace() or char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    if any(joiner in kept for joiner in _JOINERS):
        kept = "".join(char for at, char in enumerate(kept) if char not in _JOINERS or _joins(kept, at))
    return cut(" ".join(kept.split()), limit).strip(_JOINERS)


def _joins(text: str, at: int) -> bool:
    """Say whether the joiner at this place stands between two signs that it can join; elsewhere it only hides."""
    around = (text[at - 1 : at], text[at + 1 : at + 2])
    return all(char and char not in _JOINERS and unicodedata.category(char) in _JOINED for char in around)


def cut(text: str, limit: int) -> str:
    """Return `text`, ended with an ellipsis when it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip(" ,;·") + "…"


def sentence_part(text: str, limit: int) -> str:
    """Return a sentence ready to stand in a row of others: clean and without its full stop."""
    return clean(text, limit).rstrip(".。")


def money(amount: Decimal, currency: str, digits: int = 3) -> str:
    """Return an amount in short form with about `digits` significant digits, such as `€12.4k` or `CHF 1.2m`.

    Whole units are never lost: 184,000 with two digits is `184k`.
    """
    size = abs(amount)
    # rounded before it is compared: 999,600 is "1m", never "1000k"
    scaled = [(_rounded(size / scale, digits), unit) for scale, unit in _UNITS]
    number, unit = next((pair for pair in scaled if pair[0] >= 1), scaled[-1])
    shown = f"{number:f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    code = clean(currency, 3).upper()
    sign = _SIGNS.get(code, f"{code} " if code else "")
    return f"{'-' if amount < 0 else ''}{sign}{shown}{unit}"


def _rounded(number: Decimal, digits: int) -> Decimal:
    # one decimal at most: "£6.08k" is more exact than anybody reads
    places = min(1, max(0, digits - (number.adjusted() + 1))) if number >= 1 else 3
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def days(count: int) -> str:
    """Return a number of days, such as `412 days`."""
    return "1 day" if count == 1 else f"{count:,} days"


def minutes(milliseconds: int) -> str:
    """Return a duration as m:ss (or h:mm:ss); "" for less than a second, which means unknown."""
    seconds = milliseconds // 1000
    if seconds <= 0:
        return ""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def about(milliseconds: int) -> str:
    """Return a duration in one word for a lock screen: `45 s`, `2 min`; "" when unknown."""
    seconds = milliseconds // 1000
    if seconds <= 0:
        return ""
    return f"{seconds} s" if seconds < 60 else f"{round(seconds / 60)} min"


def date(moment: datetime, zone: ZoneInfo) -> str:
    """Return the day in `zone`, such as `8 Oct 2025`."""
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return the time of day in `zone`, such as `10:42`."""
    return f"{moment.astimezone(zone):%H:%M}"


def when(moment: datetime, zone: ZoneInfo, with_date: bool) -> str:
    """Return `Tue 10:42`, or `3 Nov 2025 10:42` with its date."""
    day = date(moment, zone) if with_date else DAYS[moment.astimezone(zone).weekday()]
    return f"{day} {clock_time(moment, zone)}"


def day_and_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return `Wed 25 Nov 10:42`, for what is said some days later."""
    local = moment.astimezone(zone)
    return f"{short_day(moment, zone)} {local:%H:%M}"


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """Return the day without its year, such as `Wed 25 Nov`."""
    local = moment.astimezone(zone)
    return f"{DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def whole_days(since: datetime, until: datetime) -> int:
    """Return the full days from `since` to `until`, at least 0."""
    return max(0, (until - since) // timedelta(days=1))


def sureness(confidence: float) -> str:
    """Return the word for a confidence from 0 to 1, such as `very likely`."""
    return next((word for at_least, word in _BANDS if confidence >= at_least), "unlikely")


def in_100(confidence: float) -> int:
    """Return how often in 100 we expect to be right: rounded down, and never 100."""
    return max(0, min(99, int(confidence * 100 + 1e-9)))


def whole_points(points: tuple[float, ...], total: float) -> tuple[int, ...]:
    """Return `points` as whole numbers that add up to `total` rounded, each less than 1 off (largest remainders)."""
    floors = [int(value // 1) for value in points]
    missing = round(total) - sum(floors)
    by_remainder = sorted(range(len(points)), key=lambda at: floors[at] - points[at])
    for at in by_remainder[: max(0, missing)]:
        floors[at] += 1
    return tuple(floors)


def person(name: str) -> str:
    """Return how to call somebody known by a name or an e-mail address: `anna.meier@…` is `Anna Meier`."""
    local = clean(name, 80).partition("@")[0]
    words = local.replace("_", " ").replace(".", " ").split()
    if "@" not in name or not all(word.isalpha() for word in words):
        return local
    return " ".join(word.capitalize() for word in words)
