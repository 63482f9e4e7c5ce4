"""Reads what the snippet sends and turns it into a page view (pure)."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from core.domain import DropReason, IdentityClue, PageView, PageViewId, SiteId, VisitorId
from core.ids import derived
from tracker.hits import Hit

MOST_BYTES = 16 * 1024
"""A longer body is refused."""
LONGEST_ENGAGED_MS = 12 * 3600 * 1000
"""Nobody reads one page longer; a larger figure is cut to this."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CAMPAIGN = re.compile(r"(?:^|&)(utm_[^&]*)")
_SITE = re.compile(r"^[a-z0-9_](?:[a-z0-9_.:-]{0,251}[a-z0-9_])?$")
_LONGEST_URL = 2000
_LONGEST_CLAIM = 500


class BeaconError(ValueError):
    """A body that can never be accepted; the text says why."""


class Beacon(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the snippet; each repeats all that is known of its page view. Unknown fields are ignored."""

    i: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{8,64}$")]
    """The page view's id, made by the snippet."""
    s: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    """The site, as in `data-site`."""
    u: Annotated[str, msgspec.Meta(min_length=1)]
    """The page's address."""
    t: str = ""
    """The page's title."""
    r: str = ""
    """The page before."""
    e: float = 0
    """Engaged time so far, in milliseconds."""
    w: int = 0
    """1 when the browser says that a program drives it."""
    g: int = 0
    """1 when the browser sends Global Privacy Control."""
    d: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    """The demo's signed "visit as" token."""
    h: int = 0
    """1 once the browser vouches for a key, pointer or touch on the page."""
    k: str = ""
    """The token of the signed link that the visitor came by."""
    n: str = ""
    """What the site says of who it is: `account:ID` or `domain:NAME`."""
    x: str = ""
    """The signature of `n` by the site's backend."""
    f: str = ""
    """The domain of the e-mail address in a form marked for it."""


_decoder = msgspec.json.Decoder(Beacon)


def parse(body: bytes) -> Beacon:
    """Read one beacon with its texts cleaned and cut to their limits; raises BeaconError when it isn't one."""
    if len(body) > MOST_BYTES:
        raise BeaconError(f"the body has {len(body)} bytes; at most {MOST_BYTES} are read")
    try:
        beacon = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise BeaconError(f"not a beacon: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BeaconError(f"not JSON: {error}") from None
    site = beacon.s.strip().lower().rstrip(".")
    if not _SITE.match(site):
        raise BeaconError("s: not a host name; data-site should look like example.com")
    return msgspec.structs.replace(
        beacon,
        s=site,
        u=clean_url(beacon.u),
        t=clean_text(beacon.t, 200),
        r=clean_url(beacon.r, query=False) if beacon.r else "",
        e=_milliseconds(beacon.e),
        k=beacon.k[:_LONGEST_CLAIM],
        n=clean_text(beacon.n, _LONGEST_CLAIM),
        x=clean_text(beacon.x, _LONGEST_CLAIM),
        f=clean_text(beacon.f, _LONGEST_CLAIM),
    )


def view_id(hit: Hit) -> PageViewId:
    """Return the id of the page view that a hit tells of; every hit of the same page view gives the same one."""
    return PageViewId(derived("page_view", hit.site, hit.id))


def to_page_view(hit: Hit, visitor: VisitorId) -> PageView:
    """Return the page view that a hit of the snippet tells of, seen by `visitor`.

    Its id depends on site and snippet id only, so a later hit of the same page view is the same page view.
    """
    return PageView(
        id=view_id(hit),
        site=SiteId(hit.site),
        at=hit.received_at,
        received_at=hit.received_at,
        visitor=visitor,
        ip=hit.ip or None,
        path=path_of(hit.url),
        title=clean_text(hit.title, 200),
        referrer=clean_text(hit.referrer, 500),
        user_agent=clean_text(hit.user_agent, 400),
        engaged_ms=int(_milliseconds(hit.engaged_ms)),
        source="beacon",
        touched=hit.touched,
        clues=tuple(IdentityClue(kind=kind, value=value, at=hit.received_at) for kind, value in hit.proved.items()),
        refused=hit.refused,
        drop=_drop_reason(hit.drop),
    )


def clean_text(text: str, longest: int) -> str:
    """Return `text` on one line, without control characters, at most `longest` characters."""
    return _CONTROL.sub(" ", text[: longest * 4]).strip()[:longest]


def clean_url(text: str, *, query: bool = True) -> str:
    """Return an address without user name, fragment and query; of the query only `utm_*` stays, if `query`."""
    text = clean_text(text, _LONGEST_URL * 2)
    try:
        parts = urlsplit(text)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "/"
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    start = f"{parts.scheme}://{host}{port}" if host else ""
    campaign = "&".join(_CAMPAIGN.findall(parts.query)) if query else ""
    return (start + (parts.path or "/") + (f"?{campaign}" if campaign else ""))[:_LONGEST_URL]


def path_of(url: str) -> str:
    """Return the path of an address, at most 500 characters; "/" when it has none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    return clean_text(path, 500) or "/"


def _milliseconds(value: float) -> float:
    """Cut a figure into 0…LONGEST_ENGAGED_MS; what is no number is 0."""
    return int(min(value, LONGEST_ENGAGED_MS)) if value > 0 else 0


def _drop_reason(text: str) -> DropReason | None:
    if not text:
        return None
    try:
        return DropReason(text)
    except ValueError:  # written by a newer version: not followed, but still shown
        return DropReason.MALFORMED
