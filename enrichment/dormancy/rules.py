"""The rules of dormancy: what counts as silence, for whom, and how long, read from dormancy.toml."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from core.domain import Account, ActivityKind
from core.errors import InputError
from core.rule_file import decode_rules, rule_text

BUILT_IN = Path(__file__).with_name("dormancy.toml")

CRITERIA: tuple[ActivityKind, ...] = ("purchase", "contact", "login", "reply", "usage")
"""The kinds of activity whose absence can be silence, the most telling first."""

Combine = Literal["all", "any"]


class _Closed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that it doesn't know is a mistake."""


class Criteria(_Closed, frozen=True, kw_only=True):
    """Days of silence by kind of activity; a kind that is left out doesn't count."""

    purchase: int | None = None
    contact: int | None = None
    login: int | None = None
    reply: int | None = None
    usage: int | None = None


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
    product: str = ""
    """A pattern (`*` stands for anything) of the product bought last."""
    industry: str = ""
    lifecycle: str = ""
    """A pattern of the account's lifecycle or contract, as imported."""
    combine: Combine | UnsetType = UNSET
    purchase: int | UnsetType = UNSET
    contact: int | UnsetType = UNSET
    login: int | UnsetType = UNSET
    reply: int | UnsetType = UNSET
    usage: int | UnsetType = UNSET
    without: tuple[Literal["purchase", "contact", "login", "reply", "usage"], ...] = ()
    """Criteria that don't count here."""

    def matches(self, account: Account, products: frozenset[str]) -> bool:
        """Return whether this override is meant for `account`, whose last order was for `products`."""
        return (
            _like(account.industry, self.industry)
            and _like(account.lifecycle, self.lifecycle)
            and (not self.product or any(_like(product, self.product) for product in products))
        )


class DormancyRules(_Closed, frozen=True, kw_only=True):
    """A whole dormancy.toml."""

    combine: Combine = "all"
    criteria: Criteria = Criteria(purchase=365)
    tiers: Tiers = Tiers()
    rhythm: Rhythm = Rhythm()
    states: StateDays = StateDays()
    override: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The rule as it applies to one account, after inheritance."""

    rule: str
    """`default`, or the names of the overrides that applied, in the order of the file."""
    combine: Combine
    days: tuple[tuple[ActivityKind, int], ...]
    """Days of silence by criterion, in the order of CRITERIA."""


def load_rules(path: Path | None = None) -> DormancyRules:
    """Return the rules in the file at `path`, or the built-in ones. Raises InputError, which names what to change."""
    source = path or BUILT_IN
    return read_rules(rule_text(source), str(source))


def read_rules(text: str, name: str = "dormancy.toml") -> DormancyRules:
    """Return the rules written in the TOML `text`; `name` stands for the file in errors. Raises InputError."""
    rules = decode_rules(text, DormancyRules, name)
    mistakes = list(_mistakes(rules))
    if mistakes:
        raise InputError("\n".join(f"{name}: {mistake}" for mistake in mistakes))
    return rules


def thresholds_for(account: Account, products: frozenset[str], rules: DormancyRules) -> Thresholds:
    """Return the rule for `account`: the default, changed by each override that matches, in the file's order."""
    days = {kind: getattr(rules.criteria, kind) for kind in CRITERIA}
    combine = rules.combine
    names = []
    for override in rules.override:
        if not override.matches(account, products):
            continue
        names.append(override.name)
        if override.combine is not UNSET:
            combine = override.combine
        for kind in CRITERIA:
            changed = getattr(override, kind)
            if changed is not UNSET:
                days[kind] = changed
        days.update(dict.fromkeys(override.without))
    return Thresholds(
        rule=" + ".join(names) or "default",
        combine=combine,
        days=tuple((kind, limit) for kind, limit in days.items() if limit is not None),
    )


def _like(text: str, pattern: str) -> bool:
    return not pattern or fnmatchcase(text.casefold(), pattern.casefold())


def _mistakes(rules: DormancyRules) -> list[str]:
    found = []
    for kind in CRITERIA:
        days = getattr(rules.criteria, kind)
        if days is not None and days < 1:
            found.append(f"criteria.{kind} = {days}: give 1 day or more, or remove the line.")
    if all(getattr(rules.criteria, kind) is None for kind in CRITERIA):
        found.append(f"[criteria] is empty, so nobody could be dormant: set one of {', '.join(CRITERIA)} in days.")
    steps = (rules.tiers.going_quiet, rules.tiers.six_months, rules.tiers.one_year, rules.tiers.two_years)
    if not 0 < steps[0] < steps[1] < steps[2] < steps[3]:
        found.append(f"[tiers] must rise from going_quiet to 2_years; they are {', '.join(map(str, steps))}.")
    if rules.rhythm.overdue <= 1:
        found.append(f"rhythm.overdue = {rules.rhythm.overdue}: give more than 1, or every account would be late.")
    if min(rules.states.awake_days, rules.states.contact_days, rules.states.reactivated_days) < 1:
        found.append("[states]: give 1 day or more.")
    found.extend(mistake for override in rules.override for mistake in _override_mistakes(override))
    return found


def _override_mistakes(override: Override) -> list[str]:
    found = []
    if not override.name.strip():
        found.append("an [[override]] has an empty name: name it, it is shown as the rule that decided.")
    if not (override.product or override.industry or override.lifecycle):
        found.append(f"override {override.name!r} is for nobody: set product, industry or lifecycle.")
    for kind in CRITERIA:
        days = getattr(override, kind)
        if days is not UNSET and days < 1:
            found.append(f"override {override.name!r}: {kind} = {days}: give 1 day or more, or use without.")
        if days is not UNSET and kind in override.without:
            found.append(f"override {override.name!r} sets {kind} and leaves it out: keep one of the two.")
    return found
