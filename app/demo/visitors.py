"""Whom one may visit the demo shop as, and from which address with which browser (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.demo.data import Story
from app.demo.networks import CARRIER, CRAWLER
from app.demo.past import address_in

VARIANTS = 1_000_000
"""How many visitors there may be of each kind: every try is somebody new, so that visits don't run together."""

_FIRST_MAJOR = 120
_MAJORS = 40

_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0"
    " Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{major}.0) Gecko/20100101 Firefox/{major}.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{major}.0) Gecko/20100101 Firefox/{major}.0",
)
_CRAWLER = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    " Chrome/{major}.0.0.0 Safari/537.36"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One card of "visit as …"."""

    key: str
    """Its name in addresses."""
    title: str
    hint: str
    starts_at: str
    """The path of the shop's page that opens."""
    prefix: str
    """The network that the visitor comes from."""
    comes_back: bool = False
    """Whether this one should lead to an alert."""
    agent: str = ""
    """The browser, when it isn't one of the usual ones; `{major}` stands for its version."""

    def identity(self, variant: int) -> tuple[str, str]:
        """Return (address, user agent) of the visitor number `variant`; another number is somebody else."""
        browser, version = divmod(variant // 16, _MAJORS)
        agent = self.agent or _BROWSERS[browser % len(_BROWSERS)]
        return address_in(self.prefix, variant), agent.format(major=_FIRST_MAJOR + version)


def choices(stories: Mapping[str, Story]) -> tuple[Choice, ...]:
    """Return the cards in order: four who must be told of, then five that nobody is told of."""
    return (*_told(stories), *_untold(stories))


def _told(stories: Mapping[str, Story]) -> tuple[Choice, ...]:
    hartmann, nordwind, line, rescue = (stories[f"DEMO-{number}"] for number in ("01", "02", "22", "13"))
    return (
        Choice(
            key="hartmann",
            title="Hartmann Pumpen",
            hint=f"no order for {hartmann.silent_days} days, opens Pricing",
            starts_at="/pricing",
            prefix=hartmann.network,
            comes_back=True,
        ),
        Choice(
            key="nordwind",
            title="Nordwind Logistik",
            hint=f"{nordwind.silent_days} days silent, known by its network alone",
            starts_at="/pricing",
            prefix=nordwind.network,
            comes_back=True,
        ),
        Choice(
            key="line",
            title="Donau Kunststoff",
            hint=f"buys chillers, but no {line.also.product if line.also else ''} any more",
            starts_at="/pricing/x200",
            prefix=line.network,
            comes_back=True,
        ),
        Choice(
            key="rescue",
            title="Vandenberg Textiel",
            hint="contract runs, use has fallen, opens Cancel",
            starts_at="/account/cancel",
            prefix=rescue.network,
            comes_back=True,
        ),
    )


def _untold(stories: Mapping[str, Story]) -> tuple[Choice, ...]:
    hartmann, active, shared = (stories[f"DEMO-{number}"] for number in ("01", "07", "05"))
    return (
        Choice(
            key="home-line",
            title="A home line",
            hint="somebody at home, behind a carrier",
            starts_at="/pricing",
            prefix=CARRIER,
        ),
        Choice(
            key="crawler",
            title="A crawler",
            hint="a search engine reads Pricing",
            starts_at="/pricing",
            prefix=CRAWLER,
            agent=_CRAWLER,
        ),
        Choice(
            key="careers",
            title="A job seeker",
            hint="from Hartmann's network, on Careers",
            starts_at="/careers",
            prefix=hartmann.network,
        ),
        Choice(
            key="active",
            title="Active customer",
            hint=f"ordered {active.silent_days} days ago, looks at Pricing",
            starts_at="/pricing",
            prefix=active.network,
        ),
        Choice(
            key="two-firms",
            title="Two firms",
            hint="one address: Keller Bau or Keller Holding?",
            starts_at="/pricing",
            prefix=shared.network,
        ),
    )
