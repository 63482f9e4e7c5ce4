"""Makes signed links for customers: a page of yours, a token that says whose link it is, and its QR code."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import segno
from sqlalchemy import Connection

from core.domain import Account, AccountId, SiteId
from core.errors import InputError
from core.settings import Settings
from enrichment.account import store as account_store
from tracker.identity import LINK_DAYS, MOST_LINK_DAYS, link_token
from tracker.site_store import list_sites

_QR_SCALE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link made for one account."""

    account: AccountId
    url: str
    expires_at: datetime


class LinkMaker:
    """Makes links to one page, for as many accounts as you like."""

    def __init__(self, settings: Settings, sites: Collection[SiteId], url: str, days: int, now: datetime) -> None:
        """Raises InputError when `url` is no page of one of `sites`, or `days` is not between 1 and 730."""
        if not 1 <= days <= MOST_LINK_DAYS:
            raise InputError(f"a link works for 1 to {MOST_LINK_DAYS} days, not {days}")
        self._secret = settings.secret
        self._parameter = settings.link_parameter
        self._url = _checked(url, sites, settings.link_parameter)
        self._expires_at = now + timedelta(days=days)

    def link(self, account: AccountId) -> Link:
        """Return the link for people at `account`."""
        parts = urlsplit(self._url)
        token = link_token(self._secret, account, self._expires_at)
        query = f"{parts.query}&{self._parameter}={token}" if parts.query else f"{self._parameter}={token}"
        url = urlunsplit(parts._replace(query=query, path=parts.path or "/"))
        return Link(account=account, url=url, expires_at=self._expires_at)


def maker(connection: Connection, settings: Settings, url: str, now: datetime, days: int = LINK_DAYS) -> LinkMaker:
    """Return what makes links to `url`; raises InputError when that is no page of a website of yours."""
    return LinkMaker(settings, [site.id for site in list_sites(connection)], url, days, now)


def finder(connection: Connection) -> Callable[[str], Account]:
    """Return what gives the account of an id, also of one merged into it; InputError for one that isn't there."""
    accounts = account_store.accounts(connection)
    known = {former: account for account in accounts for former in account.former_ids}
    known |= {account.id: account for account in accounts}

    def found(account: str) -> Account:
        try:
            return known[AccountId(account.strip())]
        except KeyError:
            raise InputError(
                f"there is no account {account!r}: give the id as imported (`dormouse import accounts`)"
            ) from None

    return found


def qr_svg(url: str) -> str:
    """Return the link's QR code as an SVG file: dark on light, whatever is behind it."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", scale=_QR_SCALE, border=4, light="#ffffff")
    return out.getvalue().decode("utf-8")


def qr_inline(url: str) -> str:
    """Return the same for a page's HTML; it has no style and no script, so the strictest policy lets it pass."""
    return segno.make(url, error="m", micro=False).svg_inline(border=4, light="#ffffff", omitsize=True, svgclass=None)


def _checked(url: str, sites: Collection[SiteId], parameter: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        raise InputError(f"{url!r} isn't a web address such as https://www.example.com/quote") from None
    if parts.scheme not in ("http", "https") or not host or any(ord(char) <= ord(" ") for char in url):
        raise InputError(f"{url!r} isn't a web address such as https://www.example.com/quote")
    if parts.username or parts.password:
        raise InputError("the address holds a user name or password: leave it out, the link goes to many people")
    if not any(_is_of(host, site) for site in sites):
        known = ", ".join(sorted(sites)) or "none yet"
        raise InputError(
            f"{host} is no website of yours, so nobody would read the link there. Your websites: {known}; add one "
            f"with `dormouse site add {host}`"
        )
    if parameter in dict(parse_qsl(parts.query, keep_blank_values=True)):
        raise InputError(f"the address has a parameter {parameter!r} already: take it out (DORMOUSE_LINK_PARAMETER)")
    return url


def _is_of(host: str, site: str) -> bool:
    site = site.partition(":")[0].removeprefix("www.")
    return host == site or host.endswith(f".{site}")
