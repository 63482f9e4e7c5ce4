"""What a try-out found: the format of `dormouse tryout --json`, from which lines and report are made (pure).

Documented in docs/tryout.md; names may be added, never changed or taken away.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

Band = Literal["sure", "probable", "unsure"]


class Money(Struct, frozen=True, kw_only=True):
    """An amount in one currency; JSON has the amount as text, so that nothing is rounded."""

    amount: Decimal
    currency: str


class Period(Struct, frozen=True, kw_only=True):
    """From the first to the last stamp of the log."""

    first: datetime
    last: datetime
    days: int
    """Calendar days (UTC) that it touches."""


class Loss(Struct, frozen=True, kw_only=True):
    """How many did not reach a step, and why."""

    step: str
    reason: str
    """A drop reason or silence of docs/drop-reasons.md."""
    words: str
    count: int


class Funnel(Struct, frozen=True, kw_only=True):
    """Lines, then visits; each step is the one before less its losses."""

    lines: int
    page_views: int
    """Lines that are pages seen by people."""
    visits: int
    """The visits that these page views form."""
    business: int
    named: int
    customers: int
    dormant: int
    losses: tuple[Loss, ...]


class PersonAt(Struct, frozen=True, kw_only=True):
    """Somebody to call, from the contacts given."""

    name: str
    role: str
    email: str
    phone: str
    prefers: str


class VisitSeen(Struct, frozen=True, kw_only=True):
    """One visit of a customer."""

    started_at: datetime
    pages: tuple[str, ...]
    """Paths in order, each once, at most 12."""
    views: int
    """All page views, those not listed too."""
    network: str
    """The network's prefix, at the narrowest /24 or /48: never an address."""
    organisation: str
    confidence: float
    dormant: bool
    """As of this visit."""
    why: tuple[str, ...]
    """Why we believe that it was this customer."""


class Customer(Struct, frozen=True, kw_only=True):
    """One customer who was on the site."""

    account: str
    name: str
    owner: str
    band: Band
    confidence: float
    """Of the surest visit."""
    dormant: bool
    """As of at least one of the visits."""
    silent_days: int | None
    silence: tuple[str, ...]
    """What was known of the silence before the visit."""
    worth: Money | None
    """All orders before the visit, in the currency used most."""
    orders: int
    last_order_at: datetime | None
    last_product: str
    last_amount: Money | None
    ordered_since: datetime | None
    """The first order after the visit, when the files tell of one."""
    points: float
    people: tuple[PersonAt, ...]
    visits: tuple[VisitSeen, ...]


class Candidate(Struct, frozen=True, kw_only=True):
    """One of several customers that a visit may be of."""

    account: str
    name: str
    dormant: bool


class Unclear(Struct, frozen=True, kw_only=True):
    """Visits that may be of one of several customers, or of others on a customer's network; nobody is told of them."""

    organisation: str
    visits: int
    last_at: datetime
    candidates: tuple[Candidate, ...]


class Normal(Struct, frozen=True, kw_only=True):
    """How many dormant customers one would expect, and under which assumption."""

    low: int
    high: int
    assumption: str


class Imported(Struct, frozen=True, kw_only=True):
    """How a file was read."""

    what: str
    file: str
    columns: str
    rows: int
    taken: int
    merged: int
    left_out: int
    warnings: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]
    """The worst rows, named."""


class Log(Struct, frozen=True, kw_only=True):
    """One log file."""

    file: str
    lines: int
    problem: str = ""


class NetworkData(Struct, frozen=True, kw_only=True):
    """One network database that was asked."""

    file: str
    built_at: datetime
    attribution: str


class Findings(Struct, frozen=True, kw_only=True):
    """All that a try-out found."""

    version: int = 1
    made_at: datetime
    site: str
    headline: str
    sentences: tuple[str, ...]
    """What must be said beside the headline."""
    outbound_queries: int = 0
    period: Period | None
    accounts: int
    accounts_with_orders: int
    dormant_accounts: int
    """As of the log's last stamp."""
    rule: str
    sure: int
    probable: int
    unsure: int
    would_alert: int
    """Messages that Dormouse would have sent to reps."""
    normal: Normal | None
    funnel: Funnel
    dormant: tuple[Customer, ...]
    active: tuple[Customer, ...]
    unclear: tuple[Unclear, ...]
    imports: tuple[Imported, ...]
    logs: tuple[Log, ...]
    networks: tuple[NetworkData, ...]
    notes: tuple[str, ...]
    """What went wrong or is missing, and what to do."""
    seconds: float
