"""The rules of scoring: what each kind of page is worth, and how long it stays worth it, read from scoring.toml."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct, field

from core.errors import InputError
from core.rule_file import decode_rules, rule_text

SIXTEENTHS = 16
"""Points are kept in sixteenths: sums are exact, and the seconds between a visit and its judgement change nothing."""

MOST_WEEKS = 26
"""How far back rules may ask how often an account came."""

MOST_SECONDS = 1800
"""A page is left for longer than this only by those who went away: no rule waits for more."""

BUILT_IN = Path(__file__).with_name("scoring.toml")


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Share of a page's points that it counts for without having been read for `read_seconds`."""

    opened: float = 0.25
    unknown: float = 0.7
    """When nobody knows for how long: access logs have no reading time, and none is invented."""
    with_product: float = 0.75
    """When a page that shows a product (`detail`) was read in the same visit: whoever looks up what they read of."""


class FirstVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for coming to the website after a long time, or for the first time on record."""

    after_days: int = 90
    points: float = 20


class Silence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for a dormant account, or one that is late by its own rhythm."""

    overdue: float = 2.0
    """So many times the account's usual gap between orders."""
    points: float = 10


class Visitors(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for each further visitor of the account on the same day (UTC)."""

    points: float = 10
    at_most: float = 20


class ReturnVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for coming back on another day."""

    within_days: int = 7
    points: float = 10


class Past(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What earlier visits still count for, all together."""

    at_most: float = 20


class Regular(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who comes so often that coming back says nothing."""

    days: int = 8
    of_days: int = 28


class Surge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for coming more often than the account's own weeks before; a day counts for two visits at most."""

    weeks: int = 8
    known_weeks: int = 3
    """In so many of them it must have come: else there is no normal to compare with."""
    least: int = 4
    """Visits this week below which nothing is a surge."""
    deviations: float = 2.0
    """So many standard deviations above its mean week, and more than in any of them."""
    points: float = 10


class Bounce(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A single page, left sooner than this, counts nothing."""

    seconds: float = 3


class Clues(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for something that a visitor told about who they are."""

    signed_link: float = 25
    identify: float = 15
    form_domain: float = 25


class Qualify(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes besides points: a commercial page must have been read for so long."""

    read_seconds: float = 10


class PricingTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody read prices: a page of these classes, for so long."""

    on: bool = True
    pages: tuple[str, ...] = ("pricing",)
    seconds: float = 30
    share: float = 0.7
    """Of the threshold: so much is enough when the trigger fires; 0: it speaks alone."""


class FormTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody began a form: stayed on a page with `form = true` for so long, or sent one."""

    on: bool = True
    seconds: float = 30
    share: float = 0.8


class SignedClickTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person (no mail scanner) came by a link that was sent to them."""

    on: bool = True
    share: float = 0


class ReturnTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account was here with interest, and is again within so many days."""

    on: bool = True
    within_days: int = 7
    points: float = 20
    """Points that the pages of either visit must be worth by themselves."""
    share: float = 0.75


class Triggers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What speaks for itself; each fires once per window."""

    window_days: int = 7
    pricing: PricingTrigger = PricingTrigger()
    form: FormTrigger = FormTrigger()
    signed_click: SignedClickTrigger = SignedClickTrigger()
    came_back: ReturnTrigger = field(name="return", default=ReturnTrigger())

    @property
    def shares(self) -> Mapping[str, float]:
        """The share of the threshold that is enough when a trigger fires, by its code."""
        return {
            "trigger:pricing": self.pricing.share,
            "trigger:form": self.form.share,
            "trigger:signed_click": self.signed_click.share,
            "trigger:return": self.came_back.share,
        }


class PageRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[page]]` of the file."""

    name: str
    paths: tuple[str, ...]
    points: float
    label: str = ""
    """As shown to people; without one, the page's own title."""
    at_most: float | None = None
    """What all pages of this class count for in one visit; without it, once the points."""
    read_seconds: float = 0
    """Full points once read for so long; 0: at once."""
    commercial: bool = False
    """Whoever reads it thinks of buying."""
    form: bool = False
    """Opening it is an act already."""
    incidental: bool = False
    """Seen on the way; doesn't make up for a look at the careers pages."""
    detail: bool = False
    """The label is followed by what the page is about, such as `Spare parts X200`."""
    leaving: bool = False
    """People read it before they leave: named among the reasons, whatever it is worth, for rescue alerts."""


class ScoringFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole scoring.toml."""

    threshold: float = 60
    half_life_days: float = 7
    reading: Reading = Reading()
    first_visit: FirstVisit = FirstVisit()
    silence: Silence = Silence()
    visitors: Visitors = Visitors()
    return_visit: ReturnVisit = ReturnVisit()
    past: Past = Past()
    regular: Regular = Regular()
    surge: Surge = Surge()
    bounce: Bounce = Bounce()
    clues: Clues = Clues()
    qualify: Qualify = Qualify()
    trigger: Triggers = Triggers()
    built_in_pages: bool = True
    """Whether the built-in page classes are tried after the file's own."""
    page: tuple[PageRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClass:
    """A page rule with its patterns ready to use."""

    rule: PageRule
    matcher: re.Pattern[str]

    @property
    def cap(self) -> float:
        """The most that pages of this class count for in one visit."""
        return self.rule.points if self.rule.at_most is None else self.rule.at_most


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRules:
    """A scoring.toml, checked and ready to use."""

    file: ScoringFile
    pages: tuple[PageClass, ...]
    """In the order in which they are tried; the last one matches everything."""

    @property
    def threshold(self) -> float:
        """Points needed before anybody is told."""
        return self.file.threshold

    @property
    def half_life_days(self) -> float:
        return self.file.half_life_days

    @property
    def horizon_days(self) -> float:
        """How far back single visits may matter: what is older has faded, and no rule asks for it."""
        file = self.file
        most = max(1.0, file.first_visit.points, file.past.at_most)
        faded = file.half_life_days * math.log2(most * 2 * SIXTEENTHS)
        asked = (file.regular.of_days, file.return_visit.within_days, (file.surge.weeks + 1) * 7)
        triggers = (file.trigger.window_days + file.trigger.came_back.within_days,)
        return max(faded, *asked, *triggers) + 1

    def needed(self, rule: str) -> float:
        """Return the points that are enough for `rule`: `score`, or a trigger's code."""
        return self.threshold * self.file.trigger.shares.get(rule, 1.0)

    def page_class(self, path: str) -> PageClass:
        """Return the class of the page at `path`."""
        plain = plain_path(path)
        return next((page for page in self.pages if page.matcher.search(plain)), self.pages[-1])


def load_scoring(path: Path | None = None) -> ScoringRules:
    """Return the rules in the file at `path`, or the built-in ones. Raises InputError, which names what to change."""
    return _built_in() if path is None else read_scoring(rule_text(path), str(path))


def read_scoring(text: str, name: str = "scoring.toml") -> ScoringRules:
    """Return the rules written in the TOML `text`; `name` stands for the file in errors. Raises InputError."""
    return _ready(decode_rules(text, ScoringFile, name, _mistakes), _built_in(), name)


@cache
def _built_in() -> ScoringRules:
    return _ready(decode_rules(rule_text(BUILT_IN), ScoringFile, str(BUILT_IN)), None, str(BUILT_IN))


def _ready(file: ScoringFile, base: ScoringRules | None, name: str) -> ScoringRules:
    mistakes = _mistakes(file)
    if mistakes:
        raise InputError("\n".join(f"{name}: {mistake}" for mistake in mistakes))
    own = {rule.name: PageClass(rule=rule, matcher=_matcher(rule.paths)) for rule in file.page}
    if base is None:
        return ScoringRules(file=file, pages=tuple(own.values()))
    rest = base.pages if file.built_in_pages else base.pages[-1:]
    changed = tuple(own.pop(page.rule.name, page) for page in rest)
    return ScoringRules(file=file, pages=(*own.values(), *changed))


def plain_path(path: str) -> str:
    """Return a path as patterns see it: decoded, in lower case, full-width signs made plain, without a last slash."""
    decoded = unicodedata.normalize("NFKC", unquote(path)).casefold()
    return "/" + decoded.strip("/")


def _matcher(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return one expression for all patterns of a class."""
    parts, whole = [], []
    for pattern in patterns:
        plain = unicodedata.normalize("NFKC", pattern).casefold()
        if "/" in plain:
            whole.append(_expression("/" + plain.strip("/"), r".*"))
        else:
            parts.append(_expression(plain, r"[^/]*"))
    ways = []
    if whole:
        ways.append(rf"^(?:{'|'.join(whole)})(?:\.\w{{2,5}})?$")
    if parts:
        ways.append(rf"/(?:{'|'.join(parts)})(?:\.\w{{2,5}})?(?=/|$)")
    return re.compile("|".join(ways), re.DOTALL)


def _expression(pattern: str, anything: str) -> str:
    signs = {"*": anything, "?": r"[^/]"}
    return "".join(signs.get(sign) or re.escape(sign) for sign in pattern)


def _mistakes(file: ScoringFile) -> list[str]:
    found = []
    if file.threshold <= 0:
        found.append(f"threshold = {file.threshold:g}: give more than 0, or every visit would be told.")
    if file.half_life_days <= 0:
        found.append(f"half_life_days = {file.half_life_days:g}: give more than 0.")
    if not all(0 <= share <= 1 for share in (file.reading.opened, file.reading.unknown, file.reading.with_product)):
        found.append("[reading]: opened, unknown and with_product are shares; give 0 to 1.")
    if file.first_visit.after_days < 1 or file.return_visit.within_days < 1:
        found.append("first_visit.after_days and return_visit.within_days: give 1 day or more.")
    if not 1 <= file.regular.days <= file.regular.of_days:
        found.append("[regular]: days must be between 1 and of_days.")
    if not 1 <= file.surge.known_weeks <= file.surge.weeks <= MOST_WEEKS:
        found.append(f"[surge]: known_weeks must be between 1 and weeks, and weeks at most {MOST_WEEKS}.")
    if file.regular.of_days > MOST_WEEKS * 7:
        found.append(f"[regular]: of_days can be {MOST_WEEKS * 7} at most.")
    found.extend(_trigger_mistakes(file))
    names = [page.name for page in file.page]
    found.extend(f"two [[page]] are called {name!r}: keep one." for name in sorted(set(names)) if names.count(name) > 1)
    found.extend(mistake for page in file.page for mistake in _page_mistakes(page))
    return found


def _trigger_mistakes(file: ScoringFile) -> list[str]:
    found, triggers = [], file.trigger
    if not 1 <= triggers.window_days <= 90 or not 1 <= triggers.came_back.within_days <= 90:
        found.append("[trigger]: window_days and return.within_days are days; give 1 to 90.")
    found.extend(
        f"[{code.replace(':', '.')}]: share is a share of the threshold; give 0 (speaks alone) to 1."
        for code, share in triggers.shares.items()
        if not 0 <= share <= 1
    )
    for name, seconds in (("pricing", triggers.pricing.seconds), ("form", triggers.form.seconds)):
        if not 0 <= seconds <= MOST_SECONDS:
            found.append(f"[trigger.{name}]: seconds = {seconds:g}; give 0 to {MOST_SECONDS}.")
    if triggers.came_back.points < 0:
        found.append(f"[trigger.return]: points = {triggers.came_back.points:g}; give 0 or more.")
    if triggers.pricing.on and not triggers.pricing.pages:
        found.append("[trigger.pricing]: pages names no page class; give some, or on = false.")
    return found


def _page_mistakes(page: PageRule) -> list[str]:
    found = []
    if not page.paths or not all(path.strip() for path in page.paths):
        found.append(f"page {page.name!r} has no paths: give patterns such as paths = ['pricing*'].")
    if page.at_most is not None and page.at_most < page.points:
        found.append(f"page {page.name!r}: at_most is less than points; raise it or leave it out.")
    if page.points < 0 and (page.commercial or page.form):
        found.append(f"page {page.name!r} takes points away and is commercial: choose one.")
    if page.read_seconds < 0:
        found.append(f"page {page.name!r}: read_seconds can't be negative.")
    return found
