"""The rules of dormancy: what counts as silence, for whom, and how long, read from dormancy.toml."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from core.errors import InputError
from core.rule_file import decode_rules, rule_text
from enrichment.dormancy.criteria import CRITERIA, Criterion

BUILT_IN = Path(__file__).with_name("dormancy.toml")
PRESETS = Path(__file__).with_name("presets")

Combine = Literal["all", "any"]
Patterns = str | tuple[str, ...]
"""One pattern or several of which one must fit; `*` stands for anything, case doesn't matter."""


class _Closed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that it doesn't know is a mistake."""


class Criteria(_Closed, frozen=True, kw_only=True):
    """Days of silence by criterion; one that is left out doesn't count."""

    purchase: int | None = None
    contact: int | None = None
    login: int | None = None
    reply: int | None = None
    usage: int | None = None
    communication: int | None = None
    """A word in either direction: a contact, an answer, a ticket."""
    email_open: int | None = None
    email_click: int | None = None
    event: int | None = None
    ticket: int | None = None
    engagement: int | None = None
    """Any sign but orders; where such signs are known, an order is one, too."""
    unanswered: int | None = None
    """No days but a number: so many approaches, on different days, without an answer."""


class Group(Criteria, frozen=True, kw_only=True):
    """Criteria that count together as one."""

    combine: Combine = "all"


class Usage(_Closed, frozen=True, kw_only=True):
    """When use of the product counts as fallen, by the account's own measure."""

    decline: int = 60
    """Percent of the baseline (median of 8 weeks) that must be gone."""
    weeks: int = 3
    least: float = 5.0
    """Uses a week below which nothing is said."""
    dormant: bool = False
    """Whether fallen use is dormancy, besides the criteria."""


class Tiers(_Closed, frozen=True, kw_only=True):
    """More than so many days of silence."""

    going_quiet: int = 120
    six_months: int = field(default=182, name="6_months")
    one_year: int = field(default=365, name="1_year")
    two_years: int = field(default=730, name="2_years")


class Rhythm(_Closed, frozen=True, kw_only=True):
    """When an account is late by its own rhythm."""

    overdue: float = 1.5
    """Going quiet when silent for more than this many usual gaps."""


class StateDays(_Closed, frozen=True, kw_only=True):
    """How long a state lasts without news, in days."""

    awake_days: int = 30
    contact_days: int = 60
    reactivated_days: int = 90


class Override(_Closed, frozen=True, kw_only=True):
    """Other thresholds for some accounts; what it leaves out is inherited from the rules above it."""

    name: str
    product: Patterns = ""
    """Patterns of the product bought last."""
    industry: Patterns = ""
    lifecycle: Patterns = ""
    """Patterns of the account's lifecycle, as imported."""
    contract: Patterns = ""
    """Patterns of the kind of contract, as imported."""
    segment: Patterns = ""
    """Patterns of a saved segment that the account is in."""
    combine: Combine | UnsetType = UNSET
    purchase: int | UnsetType = UNSET
    contact: int | UnsetType = UNSET
    login: int | UnsetType = UNSET
    reply: int | UnsetType = UNSET
    usage: int | UnsetType = UNSET
    communication: int | UnsetType = UNSET
    email_open: int | UnsetType = UNSET
    email_click: int | UnsetType = UNSET
    event: int | UnsetType = UNSET
    ticket: int | UnsetType = UNSET
    engagement: int | UnsetType = UNSET
    unanswered: int | UnsetType = UNSET
    group: tuple[Group, ...] | UnsetType = UNSET
    """These groups instead of those above."""
    without: tuple[Criterion | Literal["unanswered"], ...] = ()
    """Criteria that don't count here."""


class Line(_Closed, frozen=True, kw_only=True):
    """A product line: what belongs to it, and which pages are about it."""

    name: str
    products: Patterns
    pages: Patterns = ""
    """Patterns of paths; without them pages are known by the words of the line and its products."""
    purchase: int | None = None
    """Days without an order in this line; without it the rule for these products decides."""


class DormancyRules(_Closed, frozen=True, kw_only=True):
    """A whole dormancy.toml."""

    preset: str = ""
    """The preset that the rest is said on top of; see `presets()`."""
    title: str = ""
    """The rule in words, as people are shown it; empty for the built-in one."""
    combine: Combine = "all"
    criteria: Criteria = Criteria(purchase=365)
    group: tuple[Group, ...] = ()
    usage: Usage = Usage()
    tiers: Tiers = Tiers()
    rhythm: Rhythm = Rhythm()
    states: StateDays = StateDays()
    override: tuple[Override, ...] = ()
    line: tuple[Line, ...] = ()


class _Named(Struct, frozen=True):
    """The first look at a file: which preset does it name, and which tables has it itself?"""

    preset: str = ""


NAMES = (*CRITERIA, "unanswered")
"""Everything that a table of criteria may set."""


def load_rules(path: Path | None = None) -> DormancyRules:
    """Return the rules in the file at `path`, or the built-in ones. Raises InputError, which names what to change."""
    source = path or BUILT_IN
    return read_rules(rule_text(source), str(source))


def read_rules(text: str, name: str = "dormancy.toml") -> DormancyRules:
    """Return the rules written in the TOML `text`; `name` stands for the file in errors. Raises InputError."""
    rules = decode_rules(text, DormancyRules, name, lambda own: () if own.preset else _mistakes(own))
    if rules.preset:
        rules = _on_preset(rules, text, name)
    mistakes = list(_mistakes(rules))
    if mistakes:
        raise InputError("\n".join(f"{name}: {mistake}" for mistake in mistakes))
    return rules


@cache
def presets() -> dict[str, DormancyRules]:
    """Return the rules that come with Dormouse, by the name under which a file may take them."""
    return {path.stem: load_rules(path) for path in sorted(PRESETS.glob("*.toml"))}


def _on_preset(own: DormancyRules, text: str, name: str) -> DormancyRules:
    """Return a preset changed by what a file says: a table of its own replaces the preset's, overrides are added."""
    base = presets().get(own.preset)
    if base is None:
        raise InputError(f"{name}: there is no preset {own.preset!r}: choose from {', '.join(presets())}.")
    said = set(msgspec.toml.decode(text))
    if said & {"combine", "criteria", "group"}:
        said |= {"combine", "criteria", "group"}  # one rule: half of it from elsewhere would be another
    changed = {key: getattr(own, key) for key in said - {"override"}}
    return msgspec.structs.replace(base, **changed, override=base.override + own.override)


def _mistakes(rules: DormancyRules) -> Iterator[str]:
    yield from _criteria_mistakes("criteria", rules.criteria)
    for number, group in enumerate(rules.group, 1):
        yield from _criteria_mistakes(f"group {number}", group)
        if _is_empty(group):
            yield f"group {number} is empty: set one of {', '.join(CRITERIA)} in days."
    if _is_empty(rules.criteria) and not rules.group and not rules.usage.dormant:
        yield f"[criteria] is empty, so nobody could be dormant: set one of {', '.join(CRITERIA)} in days."
    steps = (rules.tiers.going_quiet, rules.tiers.six_months, rules.tiers.one_year, rules.tiers.two_years)
    if not 0 < steps[0] < steps[1] < steps[2] < steps[3]:
        yield f"[tiers] must rise from going_quiet to 2_years; they are {', '.join(map(str, steps))}."
    if rules.rhythm.overdue <= 1:
        yield f"rhythm.overdue = {rules.rhythm.overdue}: give more than 1, or every account would be late."
    if min(rules.states.awake_days, rules.states.contact_days, rules.states.reactivated_days) < 1:
        yield "[states]: give 1 day or more."
    if not (0 < rules.usage.decline < 100 and rules.usage.weeks >= 1 and rules.usage.least > 0):
        yield "[usage]: give a decline of 1 to 99 percent, 1 week or more, and a least above 0."
    for override in rules.override:
        yield from _override_mistakes(override)
    names = [line.name for line in rules.line]
    for line in rules.line:
        if not line.name.strip() or not line.products:
            yield "a [[line]] needs a name and the patterns of its products, such as products = ['*pump*']."
        if line.purchase is not None and line.purchase < 1:
            yield f"line {line.name!r}: purchase = {line.purchase}: give 1 day or more."
    yield from (f"two [[line]] are called {one!r}: keep one." for one in sorted(set(names)) if names.count(one) > 1)


def _is_empty(criteria: Criteria) -> bool:
    return all(getattr(criteria, kind) is None for kind in NAMES)


def _criteria_mistakes(place: str, criteria: Criteria) -> Iterator[str]:
    for kind in CRITERIA:
        days = getattr(criteria, kind)
        if days is not None and days < 1:
            yield f"{place}.{kind} = {days}: give 1 day or more, or remove the line."
    if criteria.unanswered is not None and criteria.unanswered < 1:
        yield f"{place}.unanswered = {criteria.unanswered}: give 1 approach or more, or remove the line."


def _override_mistakes(override: Override) -> Iterator[str]:
    if not override.name.strip():
        yield "an [[override]] has an empty name: name it, it is shown as the rule that decided."
    for_whom = (override.product, override.industry, override.lifecycle, override.contract, override.segment)
    if not any(for_whom):
        yield f"override {override.name!r} is for nobody: set product, industry, lifecycle, contract or segment."
    for kind in NAMES:
        days = getattr(override, kind)
        if days is not UNSET and days < 1:
            yield f"override {override.name!r}: {kind} = {days}: give 1 or more, or use without."
        if days is not UNSET and kind in override.without:
            yield f"override {override.name!r} sets {kind} and leaves it out: keep one of the two."
    for group in () if isinstance(override.group, UnsetType) else override.group:
        yield from _criteria_mistakes(f"override {override.name!r}, group", group)
