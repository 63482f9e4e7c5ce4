"""Says what an event means: which activity of which account, and what it tells of an address (pure)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from app.api.event_types import Event, EventContext, JsonObject, Refusal
from core.domain import AccountId, Activity, ActivityKind
from core.ids import derived
from enrichment.account.domains import registrable, shared_by
from enrichment.account.left_because import reason_of
from enrichment.account.mail import marked, scanner

PURCHASES = frozenset({"order completed", "completed order", "subscription renewed", "contract renewed"})
OTHERS: Mapping[str, ActivityKind] = {
    **dict.fromkeys(("email opened", "email open", "opened email", "email delivered opened"), "email_open"),
    **dict.fromkeys(
        ("email link clicked", "email clicked", "email click", "clicked email", "link clicked in email"), "email_click"
    ),
    **dict.fromkeys(("email replied", "email reply", "replied to email", "reply received"), "reply"),
    **dict.fromkeys(
        ("event attended", "webinar attended", "attended event", "attended webinar", "event registered"), "event"
    ),
    **dict.fromkeys(
        ("ticket created", "ticket opened", "support ticket created", "case created", "support requested"), "ticket"
    ),
    **dict.fromkeys(("meeting held", "call completed", "called", "contacted", "meeting completed"), "contact"),
    **dict.fromkeys(("dormancy reason", "churn reason given", "lost reason given"), "dormancy_reason"),
}
"""Names of further events (see `normal_name`) and what they are."""

_MAIL = ("email_open", "email_click")
AHEAD = timedelta(minutes=5)
"""How far a stamp may lie in the future: clocks differ."""

LARGEST_AMOUNT = Decimal(10) ** 15
_TYPES = ("track", "identify", "page", "screen", "group")
_WORDS = re.compile(r"[\W_]+")
_ID_FIELDS = ("accountId", "account_id", "groupId", "group_id", "companyId", "company_id")
_DOMAIN_FIELDS = ("email", "domain", "website", "companyDomain", "company_domain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why an event can't be taken, as a word and as a sentence that says what to do."""

    reason: Refusal
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an event says, before its account was looked up."""

    ids: tuple[str, ...]
    """What may be the account's id, the surest first."""
    domains: tuple[str, ...]
    """Registrable domains by which the account may be known, the surest first."""
    kind: ActivityKind | None
    """None where the event is no activity, only a word about who somebody is."""
    at: datetime
    product: str
    amount: Decimal | None
    currency: str
    note: str
    reference: str
    """The order's number; empty where there is none."""
    message: str
    """What tells this event from others of the account."""
    ip: str | None
    person: str
    """Who did it, as the sender calls them."""
    left_because: str
    """Where it says why the account went silent: which of the closed list of reasons."""
    seen_as: Literal["login", "identify"] | None
    """As which evidence about the address it counts; None for none."""

    def activity(self, account: AccountId) -> Activity | None:
        """Return the activity of this account, if it is one."""
        if self.kind is None:
            return None
        return Activity(
            account=account,
            kind=self.kind,
            at=self.at,
            product=self.product,
            amount=self.amount,
            currency=self.currency,
            note=self.note,
            reason=self.left_because,
            source="api" if self.kind == "dormancy_reason" else "",
            said_by=self.person[:254] if self.kind == "dormancy_reason" else "",
        )

    def key(self, account: AccountId) -> str:
        """Return the activity's id: an order has that of an import with the same number, so that it counts once."""
        if self.reference:
            return derived("activity", account, "purchase", self.reference, self.product)
        return derived("event", account, self.message)


def normal_name(text: str) -> str:
    """Return an event's name as names are compared: `User_Signed-In` is `user signed in`."""
    return _WORDS.sub(" ", text).strip().casefold()


def read_event(
    event: Event, raw: bytes, logins: Collection[str], sent_at: datetime | None, now: datetime
) -> Meaning | Refused:
    """Return what the event means. `logins` are the names (see `normal_name`) of events that are sign-ins; `raw` is
    the event as it came, which stands for it when it has no `messageId`."""
    if event.type not in _TYPES:
        return Refused(reason=Refusal.UNKNOWN_TYPE, detail=f"type {event.type[:40]!r}: send one of {', '.join(_TYPES)}")
    name = _clean(event.event if event.type == "track" else event.name, 200)
    if event.type == "track" and not name:
        return Refused(reason=Refusal.MALFORMED, detail="a track needs the name of what happened in `event`")
    at = _moment(event.timestamp, event.sent_at or sent_at, now)
    if at > now + AHEAD:
        return Refused(reason=Refusal.IN_FUTURE, detail="the timestamp lies in the future: set the sender's clock")
    context = event.context or EventContext()
    facts = (event.properties or {}, event.traits or {}, context.traits)
    ids = _ids(event, context, facts)
    domains, shared = _domains(event, ids, facts)
    if not ids and not domains:
        text = f"{shared} is everybody's mail: " if shared else ""
        advice = f"{text}send the account's id in `context.groupId`, or a company's e-mail address or domain"
        return Refused(reason=Refusal.NO_ACCOUNT, detail=advice)
    kind = _kind(event.type, name, logins)
    amount, trouble = _amount(facts[0]) if kind == "purchase" else (None, "")
    if trouble:
        return Refused(reason=Refusal.MALFORMED, detail=trouble)
    is_order = kind == "purchase"
    note = _note(kind, name, facts[0], min(at, now), context)
    return Meaning(
        ids=ids,
        domains=domains,
        kind=kind,
        at=min(at, now),
        product=_product(facts[0]) if is_order else "",
        amount=amount,
        currency=_text(facts[0], "currency").upper()[:3] if is_order else "",
        note=note,
        left_because=reason_of(_text(facts[0], "reason") or note) if kind == "dormancy_reason" else "",
        reference=_text(facts[0], "order_id", "orderId")[:200] if is_order else "",
        message=_clean(event.message_id, 200) or _message(event, raw, now),
        ip=context.ip,
        person=_clean(event.user_id, 200) or _text(facts[1], "email") or _text(facts[2], "email"),
        seen_as="login" if kind == "login" else "identify" if event.type == "identify" else None,
    )


def _message(event: Event, raw: bytes, now: datetime) -> str:
    """What stands for an event without a messageId: all that it says, and when it came where it has no stamp."""
    stamp = "" if event.timestamp else now.isoformat()
    return hashlib.sha256(raw + stamp.encode()).hexdigest()


def _moment(timestamp: datetime | None, sent_at: datetime | None, now: datetime) -> datetime:
    """When it happened, by our clock. A `sentAt` ahead of us proves that the sender's clock is; one behind proves
    nothing: a request may have waited, or come again."""
    if timestamp is None:
        return now
    ahead = sent_at - now if sent_at is not None else timedelta(0)
    return timestamp - ahead if ahead > timedelta(0) else timestamp


def _kind(kind: str, name: str, logins: Collection[str]) -> ActivityKind | None:
    if kind in ("identify", "group"):
        return None
    if kind != "track":
        return "usage"
    plain = normal_name(name)
    return "login" if plain in logins else "purchase" if plain in PURCHASES else OTHERS.get(plain, "usage")


def _note(kind: ActivityKind | None, name: str, properties: JsonObject, at: datetime, context: EventContext) -> str:
    """What is kept of an event besides what it is: for e-mails whether a scanner did it, for reasons what was said."""
    if kind == "dormancy_reason":
        said = _text(properties, "note", "text", "comment")
        return said or _text(properties, "reason") or name
    if kind in _MAIL:
        delivered = _stamp(_text(properties, "delivered_at", "deliveredAt", "delivered", "sent_at", "sentAt"))
        agent = context.user_agent or _text(properties, "user_agent", "userAgent")
        subject = _text(properties, "subject", "link", "url", "campaign") or name
        return marked(subject, scanner(at, delivered, agent, is_server=properties.get("machine") is True))
    if kind == "purchase":
        return ""
    return (
        _text(properties, "subject", "title") or name
        if kind in ("event", "ticket")
        else name or ("page" if kind else "")
    )


def _stamp(text: str) -> datetime | None:
    """A moment as ISO 8601 with its zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _ids(event: Event, context: EventContext, facts: tuple[JsonObject, ...]) -> tuple[str, ...]:
    """What may be an account's id: the context's group, the event's, then properties and traits."""
    found = [_clean(context.group_id, 100), _clean(event.group_id, 100)]
    for part in facts:
        found += [_text(part, field)[:100] for field in _ID_FIELDS]
        company = part.get("company")
        found += [_text(company, "id")[:100]] if isinstance(company, dict) else []
    return tuple(dict.fromkeys(text for text in found if text))


def _domains(event: Event, ids: tuple[str, ...], facts: tuple[JsonObject, ...]) -> tuple[tuple[str, ...], str]:
    """The domains that name the account, and one that was left out because it is everybody's."""
    given = [text for text in ids if "." in text]
    for part in facts:
        given += [_text(part, field) for field in _DOMAIN_FIELDS]
        company = part.get("company")
        given += [_text(company, "domain"), _text(company, "website")] if isinstance(company, dict) else []
    user = _clean(event.user_id, 254)
    given += [user] if "@" in user else []
    found, left_out = [], ""
    for text in given:
        domain = registrable(text) if text else None
        if domain and shared_by(domain):
            left_out = domain
        elif domain:
            found.append(domain)
    return tuple(dict.fromkeys(found)), left_out


def _amount(properties: JsonObject) -> tuple[Decimal | None, str]:
    """The order's total, and what is wrong with it."""
    for field in ("total", "revenue", "value", "amount"):
        given = properties.get(field)
        if given is None or given == "" or isinstance(given, bool):
            continue
        try:
            amount = Decimal(str(given))
        except InvalidOperation:
            return None, f"{field}: send a number such as 1234.56"
        if not amount.is_finite() or not 0 <= amount < LARGEST_AMOUNT:
            return None, f"{field}: send a number from 0 on; a return is no order"
        return amount, ""
    return None, ""


def _product(properties: JsonObject) -> str:
    """What was bought: the product, or the first of several and how many more."""
    products = properties.get("products")
    if isinstance(products, list) and products:
        names = [name for one in products if isinstance(one, dict) and (name := _text(one, "name", "title", "sku"))]
        if names:
            return names[0][:280] + (f" and {len(names) - 1} more" if len(names) > 1 else "")
    return _text(properties, "product", "product_name", "plan")[:300]


def _text(facts: object, *names: str) -> str:
    """The first of these fields that is text or a number."""
    if isinstance(facts, dict):
        for name in names:
            if text := _clean(facts.get(name), 300):
                return text
    return ""


def _clean(given: object, length: int) -> str:
    """Text as it may be kept (PostgreSQL takes no NUL); empty where it is no text or number."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    return str(given).replace("\x00", "").strip()[:length]
