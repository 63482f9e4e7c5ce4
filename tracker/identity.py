"""What a visitor or a site says of who the visitor is, and whether it is proved (pure).

Three ways: a signed link that somebody was sent, an identify call signed by the site's own backend, the e-mail domain
of a form. What isn't proved is refused with its reason and counted; it never changes the answer to the page.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.domain import AccountId, ClueKind
from core.signing import read, sign
from tracker.sources.beacon import Beacon

LINK_DAYS = 90
"""How long a link works unless somebody says otherwise."""
MOST_LINK_DAYS = 730
_PURPOSE = "visit_link"
_DAY = 24 * 3600
_LONGEST_DOMAIN = 253
_DOMAIN = re.compile(r"(?=.{4,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")


class Refusal(StrEnum):
    """Why what was said counts for nothing. A closed list; each is documented in docs/identity.md."""

    LINK_FALSE = "link_false"
    LINK_EXPIRED = "link_expired"
    IDENTIFY_UNSIGNED = "identify_unsigned"
    IDENTIFY_FALSE = "identify_false"
    IDENTIFY_NO_KEY = "identify_no_key"
    DOMAIN_UNREADABLE = "domain_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of everything that one beacon said."""

    proved: dict[ClueKind, str] = field(default_factory=dict)
    """Kind of clue → account id or domain."""
    refused: tuple[Refusal, ...] = ()


NOTHING = Said()


def link_token(secret: str, account: AccountId, expires_at: datetime) -> str:
    """Return the token of a link for people at `account`; it works until the end of that day (UTC)."""
    return sign(secret, _PURPOSE, [account, int(expires_at.timestamp()) // _DAY])


def read_link(secret: str, token: str, now: datetime) -> AccountId | Refusal:
    """Return whose link the token is of, or why it counts for nothing."""
    longest = int(timedelta(days=MOST_LINK_DAYS + 1).total_seconds())
    payload = read(secret, _PURPOSE, token, 20 * longest) if secret and token.isascii() else None
    if not (isinstance(payload, list) and len(payload) == 2 and isinstance(payload[1], int)):
        return Refusal.LINK_FALSE
    if now.astimezone(UTC).timestamp() // _DAY > payload[1]:
        return Refusal.LINK_EXPIRED
    return AccountId(str(payload[0]))


def signature(secret: str, claim: str) -> str:
    """Return what the site's backend signs a claim with: HMAC-SHA256 in hex of `account:ID` or `domain:NAME`."""
    return hmac.new(secret.encode(), claim.encode(), hashlib.sha256).hexdigest()


def hear(beacon: Beacon, *, secret: str, identify_secret: str, now: datetime) -> Said:
    """Check all that a beacon says of its visitor. `identify_secret` is the site's; "" when it has none."""
    if not (beacon.k or beacon.n or beacon.f):
        return NOTHING
    proved: dict[ClueKind, str] = {}
    refused: list[Refusal] = []
    if beacon.k:
        account = read_link(secret, beacon.k, now)
        if isinstance(account, Refusal):
            refused.append(account)
        else:
            proved["signed_link"] = account
    if beacon.n:
        found = _identified(beacon.n, beacon.x, identify_secret)
        if isinstance(found, Refusal):
            refused.append(found)
        else:
            proved[found[0]] = found[1]
    if beacon.f:
        if domain := clean_domain(beacon.f):
            proved["form_domain"] = domain
        else:
            refused.append(Refusal.DOMAIN_UNREADABLE)
    return Said(proved=proved, refused=tuple(refused))


def clean_domain(text: str) -> str:
    """Return a mail domain in lower case and ASCII; "" when it is none. Of a whole address the domain is taken."""
    domain = text.rpartition("@")[2].strip().rstrip(".").lower()[:_LONGEST_DOMAIN]
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return domain if _DOMAIN.fullmatch(domain) else ""


def _identified(claim: str, signed: str, secret: str) -> tuple[ClueKind, str] | Refusal:
    if not signed:
        return Refusal.IDENTIFY_UNSIGNED
    if not secret:
        return Refusal.IDENTIFY_NO_KEY
    if not hmac.compare_digest(signature(secret, claim).encode(), signed.strip().lower().encode()):
        return Refusal.IDENTIFY_FALSE
    kind, _, value = claim.partition(":")
    if kind == "account" and value.strip():
        return "identify", value.strip()
    domain = clean_domain(value) if kind == "domain" else ""
    return ("identify_domain", domain) if domain else Refusal.DOMAIN_UNREADABLE
