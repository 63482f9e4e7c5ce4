"""The types of an alert on its way to people and back: from the silence or alert to what became of it.

They begin where `core.domain` ends, with a Signal; every type is frozen, times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from core.domain import AccountId, AlertId, Contact, DeliveryId, Reason, SignalKind, SiteId, VisitId


class Silence(StrEnum):
    """Why a signal led to no alert. A closed list; each is documented in docs/drop-reasons.md."""

    NOT_DORMANT = "not_dormant"
    BELOW_THRESHOLD = "below_threshold"
    UNSURE = "unsure"
    CORRECTED = "corrected"
    COOL_DOWN = "cool_down"
    SNOOZED = "snoozed"
    GIVEN = "given"
    """People said only later whose visit it was: too late for news, or the line has yet to judge it again."""


class Hold(StrEnum):
    """Why an alert isn't sent the moment it is made. A closed list; each is documented in docs/drop-reasons.md."""

    QUIET = "quiet"
    """Outside the rep's hours: told in the next morning brief."""
    CAP = "cap"
    """More than the rep's real-time alerts of the day: told in the next digest."""
    DEMOTED = "demoted"
    """The rule that fired was right too seldom: told in the next digest."""
    SHADOW = "shadow"
    """Shadow mode: nobody is told; somebody judges samples."""
    HOLDOUT = "holdout"
    """In the share that measures what alerts bring: released after some days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseFacts:
    """What an account bought, for the message: all None or empty when unknown."""

    lifetime: Decimal | None = None
    currency: str = ""
    last_at: datetime | None = None
    last_product: str = ""
    last_amount: Decimal | None = None
    orders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyingGroup:
    """How many people of an account look at the website: browsers that can be told apart."""

    count: int
    at_least: bool
    """Whether there may be more: ids change with the day, so strangers of different days may be one person or two."""
    days: int
    """On how many days (UTC) they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What the rep needs beyond the signal itself: facts looked up once for the message."""

    purchases: PurchaseFacts
    contacts: tuple[Contact, ...] = ()
    last_contact_at: datetime | None = None
    visitors: int = 1
    """Distinct visitors of this account on the site in the last 24 hours who looked at anything of interest."""
    visitors_at_least: bool = False
    """Whether these may be more: midnight lies between, and ids change with the day."""
    group: BuyingGroup | None = None
    """The buying group: the people of the last days."""
    today: tuple[int, int] | None = None
    """Which of how many real-time alerts of the day this is for its rep, such as (1, 3); None: not said."""
    forms_tell: bool = False
    """Whether the site tells when a form is sent, so that one that wasn't sent can be called so."""
    reached_at: tuple[datetime, ...] = ()
    """When somebody spoke to them or they answered, where the hour is known: tells when to call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A word to a rep about an account, before any channel's taste."""

    id: AlertId
    account: AccountId
    visit: VisitId
    site: SiteId
    at: datetime
    """The moment the visit is judged as of."""
    score: float
    why: tuple[Reason, ...]
    backfill: bool
    """Found in history (more than an hour old on arrival): shown and reported, never sent."""
    to: str
    """The owner's e-mail address; empty when the account has none."""
    message: Mapping[str, object]
    """The message as data (see `alerts.message`), ready for any channel."""
    received_at: datetime | None = None
    """When the hit that made us speak reached us: how long an alert took counts from here."""
    kind: SignalKind = "awake"
    rule: str = ""
    """The code of the rule that fired: `score`, or a trigger such as `trigger:pricing`. Precision is counted by it."""
    line: str = ""
    """The product line that the account is silent in, when it isn't silent in all."""
    hold: Hold | None = None
    """Why it isn't sent at once; None: it is."""
    route: str = ""
    """Why `to` is whom it goes to, as a sentence; empty for the account's own owner."""


DeliveryStatus = Literal["due", "sending", "sent", "failed", "dead", "dropped"]
"""`failed` is tried again, `dead` was given up, `dropped` was needless: a thread's line without its thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt line of one alert on one channel: a row of the outbox."""

    id: DeliveryId
    alert: AlertId
    channel: str
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    sent_at: datetime | None = None
    remote: str = ""
    """Where it is on the channel (Slack: `channel:ts`), so that it can be updated."""
    error: str = ""


FeedbackKind = Literal[
    "claimed",
    "wrong_company",
    "snoozed",
    "not_useful",
    "reached",
    "no_answer",
    "meeting",
    "won",
    "not_interested",
    "handed_back",
]
"""What people do with an alert. `claimed`, `reached`, `meeting` and `won` say that it was useful; `wrong_company` and
`not_useful` that it wasn't; the others judge nothing."""


USEFUL: frozenset[FeedbackKind] = frozenset({"claimed", "reached", "meeting", "won"})
"""What says that an alert was useful."""
USELESS: frozenset[FeedbackKind] = frozenset({"wrong_company", "not_useful"})
"""What says that it wasn't."""
UNANSWERED: frozenset[FeedbackKind] = frozenset({"snoozed", "handed_back"})
"""What leaves an alert open: nobody takes care of the account."""

BY_ITSELF = "Dormouse"
"""Who withdrew an alert that a later look contradicts: not a person's verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a person did with an alert; undone by a later row, never deleted."""

    id: str
    alert: AlertId
    kind: FeedbackKind
    by: str
    at: datetime
    undone_at: datetime | None = None
    detail: str = ""
    """What was chosen or said with it: why not useful, why not interested."""
    until: datetime | None = None
    """`snoozed`: until when; `no_answer` and `reached`: when the rep promised to call again."""
