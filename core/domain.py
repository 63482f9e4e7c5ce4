"""The types that cross a stage border, in order of birth: from a page view to the signal it gives.

Every type is frozen. A stage makes new objects from those it was handed. Times are aware UTC. Every judgement
carries its reasons, as sentences that a salesperson can read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NewType

SiteId = NewType("SiteId", str)
"""The host name under which a website was added, such as `example.com`."""

PageViewId = NewType("PageViewId", str)
VisitId = NewType("VisitId", str)
VisitorId = NewType("VisitorId", str)
"""A salted hash of address and browser that can't be followed past the day (see `tracker.visitor`)."""

AccountId = NewType("AccountId", str)
"""The account's id in the system it was imported from."""

AlertId = NewType("AlertId", str)
DeliveryId = NewType("DeliveryId", str)


ALERT_POINT = 0.8
"""The least confidence in an account at which a rep is told: 98 of 100 are right there (`make bench-alerts`)."""
DIGEST_POINT = 0.5
"""The least confidence at which an account is named at all; below it is only a candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a judgement came out as it did: one sentence, and how much it counted."""

    text: str
    points: float = 0.0
    """What this reason adds to a score; 0 where the judgement isn't a score."""
    code: str = ""
    """A stable name for machines, such as `page:pricing`."""
    ref: str = ""
    """The id of the event behind it: of a page view, a visit or an activity; empty where there is no single one."""


class DropReason(StrEnum):
    """Why a hit or visit was not followed further. A closed list; each is documented in docs/drop-reasons.md."""

    # tracker: the hit
    MALFORMED = "malformed"
    NOT_A_PAGE = "not_a_page"
    NOT_GET = "not_get"
    ERROR_STATUS = "error_status"
    UNKNOWN_SITE = "unknown_site"
    PREFETCH = "prefetch"
    PRIVACY_SIGNAL = "privacy_signal"
    EXCLUDED = "excluded"
    FAILED = "failed"
    # tracker: the visitor
    BOT_DECLARED = "bot_declared"
    BOT_NO_AGENT = "bot_no_agent"
    BOT_AUTOMATION = "bot_automation"
    # enrichment: the network
    PRIVATE_ADDRESS = "private_address"
    NETWORK_UNKNOWN = "network_unknown"
    NETWORK_ISP = "network_isp"
    NETWORK_MOBILE = "network_mobile"
    NETWORK_HOSTING = "network_hosting"
    NETWORK_VPN = "network_vpn"
    NETWORK_CONTENT = "network_content"
    # enrichment: the company
    COMPANY_UNKNOWN = "company_unknown"
    COMPANY_PERSON = "company_person"
    COMPANY_REJECTED = "company_rejected"
    # enrichment: the account
    ACCOUNT_AMBIGUOUS = "account_ambiguous"
    ACCOUNT_UNSURE = "account_unsure"
    ACCOUNT_NONE = "account_none"

    @property
    def is_bot(self) -> bool:
        return self.value.startswith("bot")


ClueKind = Literal["signed_link", "identify", "identify_domain", "form_domain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityClue:
    """Something a visitor told us about who they are; it beats any address.

    A clue is what was proved when the hit came in; whether it counts is judged with the visit (mail scanners open
    every link, see `enrichment.company.identify`).
    """

    kind: ClueKind
    value: str
    """`signed_link` and `identify`: an account's id; `identify_domain` and `form_domain`: an e-mail domain."""
    at: datetime


Source = Literal["beacon", "access_log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """One page seen by one visitor, or a hit dropped with its reason."""

    id: PageViewId
    site: SiteId
    at: datetime
    """When it happened: the moment of receipt for a beacon, the stamp for a log line."""
    received_at: datetime
    """When it reached us; `at` much earlier than this means history, and history never alerts."""
    visitor: VisitorId
    ip: str | None
    """The client's address; None once it may no longer be kept or was never allowed to be."""
    path: str
    """Path without query, at most 500 characters."""
    title: str = ""
    referrer: str = ""
    user_agent: str = ""
    engaged_ms: int = 0
    """Visible and active time so far, in milliseconds; 0 when unknown (access logs)."""
    source: Source = "beacon"
    touched: bool = False
    """Whether the browser vouched for a person's input on the page: a key, a pointer, a touch."""
    clues: tuple[IdentityClue, ...] = ()
    refused: tuple[str, ...] = ()
    """Why other things that were said of the visitor count for nothing (see docs/identity.md)."""
    drop: DropReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The page views of one visitor so far, without a silence of 30 minutes between them."""

    id: VisitId
    site: SiteId
    visitor: VisitorId
    ip: str | None
    user_agent: str
    started_at: datetime
    last_at: datetime
    received_at: datetime
    views: tuple[PageView, ...]
    drop: DropReason | None = None
    """Set when the tracker already knows that nobody worth identifying is behind it (a declared bot, say)."""

    @property
    def clues(self) -> tuple[IdentityClue, ...]:
        return tuple(clue for view in self.views for clue in view.clues)


class NetworkKind(StrEnum):
    """What a network is used for. `unknown` is an honest answer."""

    BUSINESS = "business"
    ISP = "isp"
    MOBILE = "mobile"
    HOSTING = "hosting"
    VPN = "vpn"
    EDUCATION = "education"
    GOVERNMENT = "government"
    CONTENT = "content"
    UNKNOWN = "unknown"


class OwnerKind(StrEnum):
    """What the registered owner of a network is."""

    COMPANY = "company"
    CARRIER = "carrier"
    PUBLIC = "public"
    PERSON = "person"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one resolver says about an address; kept apart from the verdict so that it can be judged again."""

    source: str
    """The resolver and where it looked, such as `declared` or `mmdb:asn.mmdb`."""
    prefix: str
    """The network that the statement is about, in CIDR form."""
    organisation: str | None = None
    domain: str | None = None
    asn: int | None = None
    as_name: str | None = None
    as_domain: str | None = None
    kind: NetworkKind | None = None
    """Only when the source itself states a kind."""
    country: str | None = None
    accounts: tuple[AccountId, ...] = ()
    """Accounts that declared this network as theirs."""
    text: str = ""
    """The registry's own lines, where the source has them."""
    as_handle: str | None = None
    """The AS's short registry name, such as `EXAMPLE-AS`."""
    as_addresses: int | None = None
    """How many addresses the AS announces: carriers are large, an enterprise's own AS is small."""
    as_prefixes: int | None = None
    registry: str | None = None
    """Whose record it is, such as `ripencc`, where the source is a registry."""
    netname: str | None = None
    status: str | None = None
    """The registry's status of the range, such as `ASSIGNED PA` or `Reassigned`."""
    host: str | None = None
    """The host name that the address has by reverse DNS."""
    confirmed: bool = False
    """Whether `host` leads back to the address (forward-confirmed)."""
    strength: float | None = None
    """0 to 1: how sure the source itself is that `accounts` use the prefix (`learned`, `discovered`)."""
    at: datetime | None = None
    """When the source learned it; None where it doesn't say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The verdict on an address: what kind of network it is in and which organisation uses it."""

    ip: str
    prefix: str
    kind: NetworkKind
    owner_kind: OwnerKind
    organisation: str | None
    domain: str | None
    asn: int | None
    accounts: tuple[AccountId, ...]
    confidence: float
    """0 to 1: how sure that the organisation named uses this prefix."""
    evidence: tuple[Evidence, ...]
    why: tuple[Reason, ...]
    country: str | None = None
    """ISO 3166 code of where the network is registered, from the source that names the organisation if it says."""
    registered: str | None = None
    """Whom the registry names as the range's user, where only a guess says that the network serves others."""
    guess: float = 0.0
    """How sure that guess is, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The organisation behind a visit: a name, a domain, or accounts that declared the network."""

    name: str | None
    domain: str | None
    accounts: tuple[AccountId, ...]
    confidence: float
    why: tuple[Reason, ...]
    country: str | None = None
    """ISO 3166 code of its network's country; None where it isn't known or the company wasn't found by a network."""
    handle: str | None = None
    """The short registry name of the AS, such as `EXAMPLE-AS`, where the AS is the company's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person we know at an account."""

    id: str
    account: AccountId
    name: str
    role: str = ""
    email: str = ""
    phone: str = ""
    prefers: str = ""
    has_left: bool = False
    do_not_contact: bool = False
    last_spoke_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer as the operator's CRM knows it."""

    id: AccountId
    name: str
    domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    country: str = ""
    industry: str = ""
    location: str = ""
    owner_email: str = ""
    lifecycle: str = ""
    parent: AccountId | None = None
    """The account above it in the customer's group; an alert stays with the account itself."""
    registry_number: str = ""
    """Its number in a register of companies, or for tax, as the operator's file has it."""
    owner_via: str = ""
    """The name of the account above it whose owner `owner_email` is; empty where the owner is its own."""
    former_ids: tuple[AccountId, ...] = ()
    """Ids of accounts that were merged into this one; they mean it now."""
    is_demo: bool = False
    do_not_contact: bool = False
    """They asked not to be called: alerts name the visit, but neither opener nor buttons to call."""
    contract: str = ""
    """The kind of contract, as imported, such as `maintenance`; empty: none known."""
    contract_until: datetime | None = None
    """When the contract ends; None with a `contract` means that it has no end."""
    segments: tuple[str, ...] = ()
    """Names of the saved segments that it was in when they were last evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMatch:
    """The account that a company is, with how sure we are and why; or several that it may be."""

    account: Account | None
    candidates: tuple[Account, ...]
    """All accounts it may be; more than one means that nobody may be told."""
    confidence: float
    why: tuple[Reason, ...]


ActivityKind = Literal[
    "purchase",
    "contact",
    "login",
    "reply",
    "dormancy_reason",
    "usage",
    "email_open",
    "email_click",
    "event",
    "ticket",
]
"""`contact`: we spoke to them; `reply`: they answered; `event`: they came to a fair, a webinar and the like; `ticket`:
they asked for help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something an account did, or was said about it, outside the website."""

    account: AccountId
    kind: ActivityKind
    at: datetime
    product: str = ""
    amount: Decimal | None = None
    currency: str = ""
    note: str = ""
    reason: str = ""
    """`dormancy_reason`: which of the closed list it is (`alerts.buttons.REASONS`); empty where the words don't say."""
    source: str = ""
    """`dormancy_reason`: where it comes from, such as `rep`, `import` or `form`."""
    said_by: str = ""


class State(StrEnum):
    """Where an account stands: active → going quiet → dormant → awake → in contact → reactivated or asleep again."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    GOING_QUIET = "going_quiet"
    DORMANT = "dormant"
    AWAKE = "awake"
    IN_CONTACT = "in_contact"
    REACTIVATED = "reactivated"
    ASLEEP_AGAIN = "asleep_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSilence:
    """How silent an account was in one product line."""

    line: str
    state: State
    """`active`, `going_quiet`, `dormant` or `unknown`."""
    silent_days: int | None
    usual_gap_days: float | None
    last_at: datetime | None
    rule: str = ""

    @property
    def dormant(self) -> bool:
        return self.state is State.DORMANT


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOrder:
    """An order that an account's own rhythm let expect, and that hasn't come."""

    due_at: datetime
    days_late: int
    usual_gap_days: float
    spread_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDecline:
    """How far an account's use of the product has fallen below its own baseline."""

    baseline: float
    """Median use a week, of the 8 weeks before the decline."""
    now: float
    """Use a week since."""
    weeks: int
    """For how many weeks on end."""

    @property
    def share(self) -> float:
        """The share of the baseline that is gone, 0 to 1."""
        return 1 - self.now / self.baseline if self.baseline > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dormancy:
    """How silent an account was at a moment, judged from what was known before it."""

    account: AccountId
    as_of: datetime
    state: State
    tier: str
    """`active`, `going_quiet`, `6_months`, `1_year`, `2_years` or `unknown`."""
    dormant: bool
    silent_days: int | None
    """Days since the last activity that counts; None when there never was one."""
    usual_gap_days: float | None
    """The account's own rhythm of purchases: the median gap in days; None below 3 purchases."""
    p_no_purchase: float | None
    """Probability that no purchase comes in the next 90 days, from the account's own rhythm."""
    rule: str
    """The rule of the TOML file that decided."""
    left_over: str
    """Why the account went silent, when somebody said so."""
    why: tuple[Reason, ...]
    lines: tuple[LineSilence, ...] = ()
    """The product lines that the account ever bought of, the longest silent first."""
    decline: UsageDecline | None = None
    """Set while use has fallen by its own measure; the contract may well be live."""
    has_contract: bool = False
    """Whether a contract was live at `as_of`."""
    reason: str = ""
    """Which of the closed list of reasons `left_over` is; empty where the words don't say."""
    late: LateOrder | None = None
    """Set while it is later with its order than its own rhythm allows, dormant or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentScore:
    """How much an account's visits look like interest in buying; the sum of its reasons, always."""

    points: float
    why: tuple[Reason, ...]
    triggers: tuple[Reason, ...] = ()
    """What speaks for itself whatever the points: pricing read for long, a form begun, a signed link followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """What enrichment found out about a visit, as far as it got."""

    network: Network | None = None
    company: Company | None = None
    match: AccountMatch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A visit that is not followed further, with the reason and all that was found out until then."""

    reason: DropReason
    at: datetime
    site: SiteId
    seen: Identification = field(default_factory=Identification)
    why: tuple[Reason, ...] = ()


SignalKind = Literal["awake", "line", "rescue"]
"""`awake`: a dormant account is back; `line`: one that is dormant in the product line of the pages it reads; `rescue`:
a live contract, use in decline, and pages that people read before they leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A visit by a known account, with how silent the account was and how interested it looks."""

    visit: Visit
    at: datetime
    seen: Identification
    account: Account
    confidence: float
    dormancy: Dormancy
    score: IntentScore
    qualified: bool
    """Whether the qualifying moment has come: enough points, and not on a first page view alone."""
    kind: SignalKind | None = None
    """What there is to say of it; None: nothing (an active customer reads about what it buys)."""
    line: str = ""
    """With `line`: the product line."""
    rule: str = ""
    """The code of the rule that made it qualify: `score` or a trigger's code."""
