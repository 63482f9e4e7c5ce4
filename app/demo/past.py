"""Ninety days of fictional visits to the demo shop, as page views in order of time (pure)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from app.demo.data import SEED, Story
from app.demo.networks import CARRIER, CRAWLER, HOSTER, MOBILE, NO_CUSTOMERS
from app.signed import DEMO_SITE
from core.domain import PageView, PageViewId, SiteId
from core.ids import derived
from tracker.bots import judge_agent
from tracker.visitor import past_salt, visitor_id

DAYS = 90

TITLES = {
    "/": "Example Pumps",
    "/products/x200": "Spare parts X200",
    "/products/x300": "X300 series",
    "/pricing": "Pricing",
    "/contact": "Request a quote",
    "/docs/maintenance": "Maintenance guide",
    "/docs/installation": "Installation",
    "/blog/seals-compared": "Seals compared",
    "/careers": "Careers",
    "/support/login": "Customer login",
    "/pricing/x200": "X200 prices",
    "/compare/x200": "X200 and others compared",
    "/account/export": "Data export",
    "/account/cancel": "Cancel a contract",
}

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18 Safari/605.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
)
CRAWLER_AGENT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

_BACK = (
    ("/", "/products/x200", "/pricing"),
    ("/products/x300", "/pricing", "/contact"),
    ("/blog/seals-compared", "/products/x200", "/pricing", "/contact"),
)
_BUSY = (("/support/login",), ("/docs/maintenance", "/docs/installation"), ("/", "/docs/maintenance"))
_FAINT = ("/", "/products/x300")
"""What a customer reads who comes back without much interest: not enough for an alert."""
_UNDECIDED = (("/docs/maintenance", "/products/x200"), ("/docs/installation", "/docs/maintenance", "/products/x300"))
"""What was read from a network that several accounts call theirs."""
_LOOKING = (("/", "/products/x300"), ("/blog/seals-compared",), ("/products/x200", "/docs/installation"), ("/careers",))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisit:
    """One visit, ready for the line; `ends_at` is when the line is to judge it."""

    views: tuple[PageView, ...]
    ends_at: datetime
    may_be_told: bool
    """Whether somebody may be told of it: then it is judged alone, at its own moment."""


def past_visits(stories: Sequence[Story], secret: str, now: datetime) -> list[PastVisit]:
    """Return the visits of the 90 days before `now`, oldest first: the same ones for the same day."""
    dice = random.Random(SEED)
    visits = [*_of_accounts(stories, secret, now, dice), *_of_others(secret, now, dice)]
    visits += _of_shared(stories, secret, now, dice)
    return sorted((visit for visit in visits if visit.ends_at < now), key=lambda visit: visit.ends_at)


def address_in(prefix: str, number: int) -> str:
    """Return an address of the prefix; the same number gives the same one."""
    network = ip_network(prefix)
    return str(network[1 + number % (min(network.num_addresses, 65_536) - 2)])


def _of_accounts(stories: Sequence[Story], secret: str, now: datetime, dice: random.Random) -> Iterator[PastVisit]:
    for story in stories:
        if story.is_live:
            continue
        if story.awake_days_ago is not None:
            times = dice.randint(1, 3)
            for number in range(1 if story.answers else times):
                day = story.awake_days_ago - number * dice.randint(1, 3)
                if day >= 1:
                    yield _visit(story.network, dice.choice(_BACK), day, secret, now, dice, may_be_told=True)
        elif story.silent_days > 365:
            yield _visit(story.network, _FAINT, dice.randint(4, 25), secret, now, dice, may_be_told=True)
        elif story.silent_days < 60:
            for _ in range(dice.randint(3, 7)):
                yield _visit(story.network, dice.choice(_BUSY), dice.randint(1, DAYS), secret, now, dice)


def _of_shared(stories: Sequence[Story], secret: str, now: datetime, dice: random.Random) -> Iterator[PastVisit]:
    """Visits from networks that several accounts declared: somebody has to say whose they were."""
    for prefix, accounts in Counter(story.network for story in stories).items():
        if accounts > 1:
            for days_ago in (1, 3, 4, 8):
                yield _visit(prefix, dice.choice(_UNDECIDED), days_ago, secret, now, dice)


def _of_others(secret: str, now: datetime, dice: random.Random) -> Iterator[PastVisit]:
    for day in range(1, DAYS + 1):
        for _ in range(dice.randint(1, 3)):
            yield _visit(CARRIER, dice.choice(_LOOKING), day, secret, now, dice)
        if dice.random() < 0.5:
            yield _visit(MOBILE, dice.choice(_LOOKING), day, secret, now, dice)
        if dice.random() < 0.3:
            yield _visit(HOSTER, ("/pricing",), day, secret, now, dice)
        if dice.random() < 0.4:
            yield _visit(dice.choice(sorted(NO_CUSTOMERS)), dice.choice(_LOOKING), day, secret, now, dice)
        for _ in range(dice.randint(1, 3)):
            yield _visit(CRAWLER, tuple(dice.sample(sorted(TITLES), 2)), day, secret, now, dice, agent=CRAWLER_AGENT)


def _visit(
    prefix: str,
    paths: tuple[str, ...],
    days_ago: int,
    secret: str,
    now: datetime,
    dice: random.Random,
    *,
    agent: str = "",
    may_be_told: bool = False,
) -> PastVisit:
    day = now - timedelta(days=days_ago)
    if may_be_told and day.weekday() > 4:  # nobody is at the office: the Friday before
        day -= timedelta(days=day.weekday() - 4)
    at = day.replace(hour=dice.randint(7, 16), minute=dice.randint(0, 59), second=dice.randint(0, 59), microsecond=0)
    ip = address_in(prefix, dice.randint(0, 12))
    agent = agent or dice.choice(BROWSERS)
    drop, _ = judge_agent(agent)
    site = SiteId(DEMO_SITE)
    visitor = visitor_id(past_salt(secret, at.date()), site, ip, agent)
    views: list[PageView] = []
    for path in paths:
        engaged = 0 if drop else dice.randint(38, 160) * 1000 if path == "/pricing" else dice.randint(6, 70) * 1000
        views.append(
            PageView(
                id=PageViewId(derived("demo_view", visitor, at.isoformat(), path)),
                site=site,
                at=at,
                received_at=at,
                visitor=visitor,
                ip=ip,
                path=path,
                title=TITLES[path],
                user_agent=agent,
                engaged_ms=engaged,
                drop=drop,
            )
        )
        at += timedelta(milliseconds=engaged, seconds=dice.randint(1, 5))
    return PastVisit(views=tuple(views), ends_at=at, may_be_told=may_be_told)
