"""Who comes to a dormant customer's pages without wanting to buy, and how a buyer comes back: what `bench.noise` draws.

Fitted to the visitors of no organisation in the training log (`python -m bench.noise --fit` prints it) is how many
visits a visitor makes and whether on one day, how many pages a visit has, and what readers read there: a blog,
documentation. But that site has no prices, no careers pages, no reading times. What the log can't say is assumed, and
was written down before any rule was changed:

- each dormant account gets on average one such visitor a month, who is taken for it (somebody at home behind its
  network, a neighbour, an employee who wants something else): 2,000 dormant accounts mean 2,000 of them a month;
- half of them are readers as in the log; the rest are job seekers, students, passers-by and users of support;
- a page is read for a log-normal time: median 18 s (40 s for what readers read), σ 1.1;
- a buyer who comes back reads prices and a product page in one of 1 to 3 visits, each page for a log-normal time of
  median 45 s, σ 0.8; opens a form in one visit of four; a colleague comes too in one case of three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from core.domain import PageView, PageViewId, SiteId, Visit, VisitId, VisitorId

SITE = SiteId("shop.example.com")

# Fitted: 391 visitors of no organisation, 456 visits in 3.5 days.
VISITS_OF_A_VISITOR: Mapping[int, int] = {1: 340, 2: 42, 3: 7, 4: 1, 7: 1}
SAME_DAY = 33 / 51
"""Visitors with several visits who made all of them on one day."""
PAGES_OF_A_VISIT: Mapping[int, int] = {1: 367, 2: 72, 3: 3, 4: 2, 5: 1, 6: 1, 8: 1, 9: 3, 10: 4, 19: 1, 20: 1}
READ_IN_THE_LOG: Mapping[str, int] = {"/about-x": 365, "/blog/": 213, "/": 56, "/docs/": 13, "/about": 6}
"""Pages by the class that the built-in rules give them; `/about-x` stands for pages of no class."""

# Assumed.
VISITORS_A_MONTH = 1.0
KINDS: Mapping[str, float] = {"reader": 0.50, "job seeker": 0.15, "student": 0.10, "passer-by": 0.20, "support": 0.05}
PAGES: Mapping[str, Mapping[str, float]] = {
    "reader": READ_IN_THE_LOG,
    "job seeker": {"/careers/": 6, "/": 2, "/about": 2, "/products/": 1, "/contact": 0.5},
    "student": {
        "/products/": 4,
        "/docs/": 4,
        "/case-studies/": 2,
        "/blog/": 2,
        "/pricing": 0.4,
        "/compare": 0.4,
        "/": 1,
    },
    "passer-by": {"/": 6, "/products/": 3, "/about": 2, "/blog/": 2, "/contact": 0.3, "/pricing": 0.3, "/impressum": 1},
    "support": {"/support/": 5, "/login": 3, "/docs/": 3, "/spare-parts/": 0.3},
}
NOISE_SECONDS = (18.0, 1.1)
READER_SECONDS = (40.0, 1.1)
BUYER_SECONDS = (45.0, 0.8)
BUYER_VISITS: Mapping[int, float] = {1: 0.45, 2: 0.30, 3: 0.25}
BUYER_FORM = 0.25
BUYER_COLLEAGUE = 0.35

T = TypeVar("T")
Page = tuple[str, float]
"""Path and seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A visit to come: when, by whom, which pages."""

    at: datetime
    visitor: str
    pages: tuple[Page, ...]

    def prefixes(self) -> Sequence[Visit]:
        """The visit after each of its pages: it is judged as often."""
        views: list[PageView] = []
        found, moment = [], self.at
        first = VisitId(f"{self.visitor} {self.at.isoformat()}")
        for number, (path, seconds) in enumerate(self.pages):
            views.append(
                PageView(
                    id=PageViewId(f"{first} {number}"),
                    site=SITE,
                    at=moment,
                    received_at=moment,
                    visitor=VisitorId(self.visitor),
                    ip=None,
                    path=path,
                    engaged_ms=round(seconds * 1000),
                )
            )
            moment += timedelta(seconds=seconds)
            found.append(
                Visit(
                    id=first,
                    site=SITE,
                    visitor=VisitorId(self.visitor),
                    ip=None,
                    user_agent="",
                    started_at=self.at,
                    last_at=moment,
                    received_at=moment,
                    views=tuple(views),
                )
            )
        return found


def noise(dice: Random, start: datetime, days: float) -> list[Planned]:
    """Return the visits of those who don't want to buy, taken for one account, from `start` on."""
    found: list[Planned] = []
    at = start + timedelta(days=dice.expovariate(VISITORS_A_MONTH / 30))
    while at < start + timedelta(days=days):
        kind, came, who = _one(dice, KINDS), at, _name(dice)
        is_one_day = dice.random() < SAME_DAY
        for _ in range(_one(dice, VISITS_OF_A_VISITOR)):
            found.append(Planned(at=came, visitor=_id(who, came), pages=_noise_pages(dice, kind)))
            hours = dice.uniform(1, 6) if is_one_day else dice.uniform(18, 72)
            came += timedelta(hours=hours)
        at += timedelta(days=dice.expovariate(VISITORS_A_MONTH / 30))
    return found


def wake_up(dice: Random, start: datetime) -> list[Planned]:
    """Return the visits of a buyer who comes back at `start`, perhaps with a colleague."""
    number = _one(dice, BUYER_VISITS)
    decisive = dice.randrange(number)
    found, at, who = [], start, _name(dice)
    for index in range(number):
        found.append(Planned(at=at, visitor=_id(who, at), pages=_buyer_pages(dice, is_decisive=index == decisive)))
        at += timedelta(hours=dice.uniform(20, 72))
    if dice.random() < BUYER_COLLEAGUE:
        when = start + timedelta(hours=dice.choice([dice.uniform(0.2, 4), dice.uniform(20, 50)]))
        pages = tuple((path, _seconds(dice, BUYER_SECONDS)) for path in ("/products/x200", "/pricing"))
        found.append(Planned(at=when, visitor=_id(_name(dice), when), pages=pages))
    return sorted(found, key=lambda visit: visit.at)


def _noise_pages(dice: Random, kind: str) -> tuple[Page, ...]:
    seconds = READER_SECONDS if kind == "reader" else NOISE_SECONDS
    paths = [_named(dice, _one(dice, PAGES[kind])) for _ in range(_one(dice, PAGES_OF_A_VISIT))]
    return tuple((path, _seconds(dice, seconds)) for path in dict.fromkeys(paths))


def _buyer_pages(dice: Random, *, is_decisive: bool) -> tuple[Page, ...]:
    paths = [dice.choice(["/", "/", "/products/", "/products/", "/blog/"])]
    paths += ["/products/"] * _one(dice, {1: 0.5, 2: 0.3, 3: 0.2})
    if is_decisive:
        paths.append("/pricing")
    if dice.random() < BUYER_FORM:
        paths.append("/contact")
    named = dict.fromkeys(_named(dice, path) for path in paths)
    return tuple((path, _seconds(dice, (12.0, 0.8) if path == "/" else BUYER_SECONDS)) for path in named)


def _named(dice: Random, path: str) -> str:
    """Give one of several pages of a kind its own address."""
    return f"{path}{dice.randrange(30)}" if path.endswith("/") and path != "/" else path


def _seconds(dice: Random, median_and_sigma: tuple[float, float]) -> float:
    median, sigma = median_and_sigma
    return min(1_800.0, median * dice.lognormvariate(0, sigma))


def _one(dice: Random, weights: Mapping[T, float]) -> T:
    return dice.choices(list(weights), list(weights.values()))[0]


def _name(dice: Random) -> str:
    return f"v{dice.randrange(10**9)}"


def _id(who: str, at: datetime) -> str:
    """A visitor's id: the same all day, another one each day."""
    return f"{who}-{at.date()}"
