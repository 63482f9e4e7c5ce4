"""What a saved segment is: conditions on traits, transactions, behaviour and visits, read from segments.toml (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from core.domain import ActivityKind, State
from core.rule_file import decode_rules
from enrichment.account.left_because import LeftBecause

BUILT_IN = Path(__file__).with_name("segments.toml")

MOST_SEGMENTS = 100
"""Each costs one query over all accounts every few minutes."""
LONGEST_NAME = 100
MOST_QUESTIONS = 30
"""Questions about orders, behaviour and visits in one segment: databases don't join more tables than that at once."""
LONGEST_SPAN = 36_500
"""Days; more would reach before the calendar begins."""

Patterns = str | tuple[str, ...]
"""One pattern or several of which one must fit; `*` stands for anything, case doesn't matter, "" is: nothing known."""

Tier = Literal["active", "going_quiet", "6_months", "1_year", "2_years", "unknown"]

SIGNS: tuple[ActivityKind, ...] = ("purchase", "contact", "reply", "login", "usage", "email_click", "event", "ticket")
"""What breaks an account's silence where a condition doesn't say; an e-mail that was opened may be a machine's work."""


class _Closed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that it doesn't know is a mistake."""


class Count(_Closed, frozen=True, kw_only=True):
    """How often something happened; without `at_most`, at least once."""

    at_least: int | None = None
    at_most: int | None = None
    """0: never. Accounts that never did it are then meant, too."""
    within_days: int | None = None
    """Only the last so many days; without it, ever."""


class Orders(Count, frozen=True, kw_only=True):
    """Days on which something was ordered; credit notes aren't orders."""

    product: Patterns = ()


class Done(Count, frozen=True, kw_only=True):
    """What an account did, as imported or sent."""

    kind: ActivityKind | tuple[ActivityKind, ...]
    product: Patterns = ()


class Visits(Count, frozen=True, kw_only=True):
    """Visits that were recognised as the account's."""

    page: str | tuple[str, ...] = ()
    """Only visits with points for a page of one of these classes of scoring.toml."""
    points: float | None = None
    """Only visits at which the account's score was at least this."""
    qualified: bool = False
    """Only visits that passed the threshold or a trigger."""
    visitors: int | None = None
    """Only where so many different visitors made them."""


class Spent(_Closed, frozen=True, kw_only=True):
    """What the orders come to in one currency; credit notes lower it. Nothing is converted."""

    at_least: float | None = None
    at_most: float | None = None
    within_days: int | None = None
    currency: str = ""
    """Such as `EUR`; without it, any currency counts by itself."""


class Ago(_Closed, frozen=True, kw_only=True):
    """How many days ago something happened last; where it never did, this isn't met."""

    at_least: int | None = None
    at_most: int | None = None


class Silent(Ago, frozen=True, kw_only=True):
    """How many days ago the last sign of any of these kinds was."""

    kind: ActivityKind | tuple[ActivityKind, ...] = SIGNS


class Scores(_Closed, frozen=True, kw_only=True):
    """Classes from 1 (lowest fifth of all accounts that ever ordered) to 5, as last counted (every 6 hours)."""

    recency: int | None = None
    """At least this class."""
    frequency: int | None = None
    monetary: int | None = None
    recency_at_most: int | None = None
    frequency_at_most: int | None = None
    monetary_at_most: int | None = None


class Condition(_Closed, frozen=True, kw_only=True):
    """One condition; where it says several things, all of them must hold."""

    country: Patterns | None = None
    industry: Patterns | None = None
    lifecycle: Patterns | None = None
    contract: Patterns | None = None
    owner: Patterns | None = None
    location: Patterns | None = None
    name: Patterns | None = None
    do_not_contact: bool | None = None
    has_contract: bool | None = None
    """Whether a contract is live now."""
    contract_ends_within_days: int | None = None
    orders: Orders | None = None
    spent: Spent | None = None
    last_order: Ago | None = None
    rfm: Scores | None = None
    did: Done | None = None
    silent: Silent | None = None
    state: State | tuple[State, ...] | None = None
    tier: Tier | tuple[Tier, ...] | None = None
    reason: LeftBecause | tuple[LeftBecause, ...] | None = None
    """Why it went silent, by what was said last."""
    visits: Visits | None = None


TEXTS = ("country", "industry", "lifecycle", "contract", "owner", "location", "name")
"""The conditions that are patterns."""


class Segment(_Closed, frozen=True, kw_only=True):
    """Accounts that have something in common."""

    name: str
    description: str = ""
    all: tuple[Condition, ...] = ()
    """Each of these must hold."""
    any: tuple[Condition, ...] = ()
    """At least one of these must hold, where there are any."""
    none: tuple[Condition, ...] = ()
    """None of these may hold."""


class SegmentFile(_Closed, frozen=True, kw_only=True):
    """All saved segments."""

    segment: tuple[Segment, ...] = ()


def read_segments(text: str, name: str = "segments.toml") -> SegmentFile:
    """Return the segments written in the TOML `text`. Raises InputError, which names all mistakes."""
    return decode_rules(text, SegmentFile, name, contradictions)


def contradictions(file: SegmentFile) -> Iterator[str]:
    """Yield what is wrong in segments of the right shape, one sentence each."""
    if len(file.segment) > MOST_SEGMENTS:
        yield f"`segment`: {len(file.segment)} segments are more than {MOST_SEGMENTS}. Remove those that nobody uses."
    seen: set[str] = set()
    for number, segment in enumerate(file.segment):
        where = f"segment {segment.name!r}"
        if not segment.name.strip() or not segment.name.isprintable() or len(segment.name) > LONGEST_NAME:
            yield f"`segment[{number}].name` must be a line of 1 to {LONGEST_NAME} characters."
        elif segment.name.casefold() in seen:
            yield f"{where}: there is another segment of this name. Rename one of them."
        seen.add(segment.name.casefold())
        if not (segment.all or segment.any or segment.none):
            yield f"{where} has no conditions and would hold every account. Give it `all`, `any` or `none`."
        questions = sum(_questions(one) for one in (*segment.all, *segment.any, *segment.none))
        if questions > MOST_QUESTIONS:
            yield f"{where} asks {questions} questions about what accounts did; {MOST_QUESTIONS} are allowed."
        for part, conditions in (("all", segment.all), ("any", segment.any), ("none", segment.none)):
            for place, condition in enumerate(conditions):
                for mistake in _of_condition(condition):
                    yield f"{where}, {part} {place + 1}: {mistake}"


def _questions(condition: Condition) -> int:
    asked = (getattr(condition, key) for key in condition.__struct_fields__ if key not in TEXTS)
    return sum(isinstance(one, Struct | str | tuple) for one in asked)


def _of_condition(condition: Condition) -> Iterator[str]:
    said = {key: value for key in condition.__struct_fields__ if (value := getattr(condition, key)) is not None}
    if not said:
        yield "the condition says nothing. Name a trait, orders, behaviour or visits, or remove it."
    for key, value in said.items():
        if value == ():
            yield f"`{key}` is an empty list, which no account fits. Name something, or remove it."
        elif isinstance(value, Struct):
            yield from (f"`{key}`: {mistake}" for mistake in _of_table(value))
        elif isinstance(value, int) and not isinstance(value, bool) and not 0 <= value <= LONGEST_SPAN:
            yield f"`{key}` must be a number of days from 0 to {LONGEST_SPAN}."


def _of_table(table: Struct) -> Iterator[str]:
    said = {key: value for key in table.__struct_fields__ if isinstance(value := getattr(table, key), int | float)}
    low, high = said.get("at_least"), said.get("at_most")
    if low is not None and high is not None and low > high:
        yield f"`at_least` {low:g} is more than `at_most` {high:g}: no account fits."
    for key, value in said.items():
        if isinstance(table, Scores) and not 1 <= value <= 5:
            yield f"`{key}` must be a class from 1 to 5."
        elif key == "within_days" and not 1 <= value <= LONGEST_SPAN:
            yield f"`within_days` must be from 1 to {LONGEST_SPAN}."
        elif isinstance(table, Ago) and not 0 <= value <= LONGEST_SPAN:
            yield f"`{key}` must be a number of days from 0 to {LONGEST_SPAN}."
        elif isinstance(table, Count) and not isinstance(value, bool) and not 0 <= value <= 2**31:
            yield f"`{key}` must be from 0 up."
        elif isinstance(table, Spent) and not (0 <= value <= 1e13 and (key != "at_least" or value > 0)):
            yield f"`{key}` must be an amount of money{' above 0' if key == 'at_least' else ', not below 0'}."
    if isinstance(table, Spent | Ago) and low is None and high is None:
        yield "say `at_least`, `at_most` or both."
    if isinstance(table, Scores) and not said:
        yield "name a class, such as `monetary = 4`."
    if getattr(table, "kind", None) == ():
        yield "`kind` is an empty list. Name what counts."
    if isinstance(table, Visits) and table.visitors == 0:
        yield "`visitors` must be 1 or more; accounts without visits are `at_most = 0`."


def as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one or several values as several."""
    return (value,) if isinstance(value, str) else value


def defined(file: SegmentFile, name: str) -> Segment | None:
    """Return the segment of this name, whatever its case; None where there is none."""
    return next((one for one in file.segment if one.name.casefold() == name.strip().casefold()), None)


def parts(condition: Struct) -> dict[str, object]:
    """Return what a condition or one of its tables says, without what it leaves open."""
    fields = msgspec.structs.fields(type(condition))
    values = {field.name: (getattr(condition, field.name), field.default) for field in fields}
    return {name: value for name, (value, default) in values.items() if value is not None and value != default}
