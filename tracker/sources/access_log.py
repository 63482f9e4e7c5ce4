"""Turns lines of a web server's access log (common or combined format) into page views (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network

from core.domain import DropReason, PageView, PageViewId, SiteId, VisitorId
from core.ids import derived
from tracker.sources.log_pages import is_page
from tracker.visitor import plain_address, visitor_id

_QUOTED = r'"([^"\\]*(?:\\.[^"\\]*)*)"'
_LINE = re.compile(
    r"([^\[\"]*)\[([^\]]*)\] " + _QUOTED + r" (\d{3}) (\d+|-)(?: " + _QUOTED + " " + _QUOTED + ")?((?: .*)?)", re.DOTALL
)
_LOOSE_LINE = re.compile(r"([^\[\"]*)\[([^\]]*)\] \"(.*?)\" (\d{3}) (\d+|-)(?: \"(.*?)\" \"(.*)\")?([^\"]*)", re.DOTALL)
"""For servers that don't escape quotes within a field."""
_LONGEST_LOOSE = 4096
"""Characters: what isn't plain where it ends takes time that grows with the square."""
_FORWARDED = re.compile(r' "([0-9A-Fa-f:., ]+)"')
_METHOD = re.compile(r"[A-Z][A-Z_-]{1,19}")
_ESCAPES = re.compile(r'(?:\\x[0-9A-Fa-f]{2})+|\\["\\tnr]')
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_MINUTE = re.compile(r"(\d\d?)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d) ([+-])(\d\d):?(\d\d)", re.ASCII)
_HOUSE = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)
_SECONDS = {f"{second:02}": timedelta(seconds=second) for second in range(61)}
_PAGE_STATUSES = frozenset({200, 203, 304})
"""304: the browser had the page already and showed it."""

AgentDrop = Callable[[str], DropReason | None]
"""Says why an agent is no person, or None."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """What one line of a log says."""

    host: str
    """The client: an address, or a host name where the server looked it up."""
    ip: str | None
    """The client's address in its shortest form; None when the log has only its name."""
    at: datetime
    method: str
    path: str
    query: str
    status: int
    size: int | None
    """Bytes sent; None where the log has "-"."""
    referrer: str
    user_agent: str | None
    """"" when the client sent none; None when the format has no such field."""
    vhost: str
    """The site that was asked for, where the line says so, else ""."""


def parse_line(line: str) -> LogLine | DropReason:
    """Read one line; MALFORMED when it is in neither format. Never raises."""
    match = _LINE.fullmatch(line)
    if match is None or (match[7] is None and '"' in match[8]):
        match = _LOOSE_LINE.fullmatch(line) if len(line) <= _LONGEST_LOOSE else None
        if match is None:
            return DropReason.MALFORMED
    head, stamp, request, status, size, referrer, agent, rest = match.groups()
    client = _client(head)
    at = _moment(stamp)
    asked = _asked(request)
    if client is None or at is None or asked is None:
        return DropReason.MALFORMED
    host, vhost = client
    method, path, query, asked_host = asked
    ip = _address(host)
    if ip is not None and rest and '"' in rest and _is_own_proxy(ip):
        ip = _forwarded(rest) or ip
    return LogLine(
        host,
        ip,
        at,
        method,
        path,
        query,
        int(status),
        None if size == "-" else int(size[:18]),
        "" if referrer is None or referrer == "-" else _plain(referrer),
        None if agent is None else "" if agent == "-" else _plain(agent),
        asked_host or vhost,
    )


def judge_line(line: LogLine) -> DropReason | None:
    """Return why a request is no page that somebody looked at, or None."""
    if line.method != "GET":
        return DropReason.NOT_GET
    if line.status >= 400:
        return DropReason.ERROR_STATUS
    if line.status not in _PAGE_STATUSES or not is_page(line.path, line.query):
        return DropReason.NOT_A_PAGE
    return None


class Repeats:
    """Numbers identical lines, so that each has its own id and the same file gives the same ids again.

    One per file: a file that was rotated by copying may hold lines of the other once more. What it
    remembers is bounded: lines more than 100,000 apart are not compared.
    """

    def __init__(self) -> None:
        self._now: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def id_of(self, site: SiteId, line: str) -> PageViewId:
        """Return the id of the line that comes next."""
        first = derived("log_line", site, line, 1)
        number = self._now.get(first) or self._before.get(first, 0)
        if len(self._now) >= 50_000:
            self._now, self._before = {}, self._now
        self._now[first] = number + 1
        return PageViewId(first if number == 0 else derived("log_line", site, line, number + 1))


def page_views(
    lines: Iterable[str],
    site: SiteId,
    salts: Callable[[date], bytes],
    received_at: datetime,
    seen: Repeats,
    agent_drop: AgentDrop,
) -> Iterator[PageView]:
    """Yield one page view for each line, in order; what is no page carries its reason and nothing of the visitor.

    `salts` gives the salt of a UTC day (see `tracker.site_store.log_salts`).
    """
    for line in lines:
        view_id = seen.id_of(site, line)
        parsed = parse_line(line)
        if isinstance(parsed, DropReason):
            yield _dropped(view_id, site, received_at, received_at, "", parsed)
            continue
        drop = judge_line(parsed) or (None if _is_of(parsed.vhost, site) else DropReason.UNKNOWN_SITE)
        if drop is not None:
            yield _dropped(view_id, site, parsed.at, received_at, parsed.path, drop)
            continue
        agent = parsed.user_agent or ""
        yield PageView(
            id=view_id,
            site=site,
            at=parsed.at,
            received_at=received_at,
            visitor=visitor_id(salts(parsed.at.date()), site, parsed.ip or parsed.host, agent),
            ip=parsed.ip,
            path=parsed.path[:500],
            referrer=_without_query(parsed.referrer),
            user_agent=agent,
            source="access_log",
            drop=None if parsed.user_agent is None else agent_drop(agent),
        )


def _dropped(
    view_id: PageViewId, site: SiteId, at: datetime, received_at: datetime, path: str, drop: DropReason
) -> PageView:
    return PageView(
        id=view_id,
        site=site,
        at=at,
        received_at=received_at,
        visitor=VisitorId(""),
        ip=None,
        path=path[:500],
        source="access_log",
        drop=drop,
    )


def _client(head: str) -> tuple[str, str] | None:
    """Return the client and the virtual host from `[vhost[:port]] client ident user`; users may have spaces."""
    words = head.split()
    if len(words) < 3:
        return None
    if len(words) >= 4 and words[1] != "-" and words[2] == "-":
        return words[1], words[0]
    return words[0], ""


@lru_cache(maxsize=50_000)
def _address(host: str) -> str | None:
    return plain_address(host)


@lru_cache(maxsize=50_000)
def _is_own_proxy(ip: str) -> bool:
    """Say whether an address is of the machine or house itself, so that a proxy of ours stands there."""
    address = ip_address(ip)
    return any(address in network for network in _HOUSE)


def _forwarded(rest: str) -> str | None:
    """Return the client that our own proxy saw, from a last field such as "198.51.100.7, 10.0.0.2": the right-most
    address outside the house, since what stands left of it is the client's own word."""
    for field in _FORWARDED.findall(rest):
        for word in reversed(field.split(",")):
            ip = _address(word.strip())
            if ip is not None and not _is_own_proxy(ip):
                return ip
    return None


def _moment(stamp: str) -> datetime | None:
    """Return the moment of `17/May/2015:10:05:40 +0000` or of an ISO 8601 stamp with its offset."""
    minute = _minute(stamp[:17], stamp[20:])
    second = _SECONDS.get(stamp[18:20])
    if minute is not None and second is not None and stamp[17] == ":":
        return minute + second
    return _iso_moment(stamp)


@lru_cache(maxsize=10_000)
def _minute(minute: str, offset: str) -> datetime | None:
    match = _MINUTE.fullmatch(minute + offset)
    if match is None:
        return None
    day, month, year, hour, minutes, sign, hours_off, minutes_off = match.groups()
    shift = timedelta(hours=int(hours_off), minutes=int(minutes_off))
    try:
        local = datetime(int(year), _MONTHS.get(month, 0), int(day), int(hour), int(minutes), tzinfo=UTC)
        return _plausible(local - shift if sign == "+" else local + shift)
    except (ValueError, OverflowError):
        return None


def _iso_moment(stamp: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stamp)
        return None if moment.tzinfo is None else _plausible(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _plausible(moment: datetime) -> datetime | None:
    return moment if 1990 <= moment.year < 2200 else None


def _asked(request: str) -> tuple[str, str, str, str] | None:
    """Return method, path, query and host of `GET /path?query HTTP/1.1`; the host only where the request has it."""
    method, _, target = request.partition(" ")
    start, _, protocol = target.rpartition(" ")
    if start and protocol.startswith("HTTP/"):
        target = start
    if not _METHOD.fullmatch(method) or not target:
        return None
    target = _plain(target.partition("#")[0])
    host = ""
    if target.startswith(("http://", "https://")):
        host, slash, tail = target.partition("://")[2].partition("/")
        target = slash + tail or "/"
    path, _, query = target.partition("?")
    return method, path, query, host


def _plain(text: str) -> str:
    """Return a field as it was sent: escapes undone, nothing unprintable."""
    if "\\" in text:
        text = _ESCAPES.sub(_unescaped, text)
    return text if text.isprintable() else _UNPRINTABLE.sub(" ", text)


def _unescaped(match: re.Match[str]) -> str:
    text = match[0]
    if text.startswith("\\x"):
        return bytes.fromhex(text.replace("\\x", "")).decode("utf-8", "replace")
    return {"t": " ", "n": " ", "r": " "}.get(text[1], text[1])


@lru_cache(maxsize=10_000)
def _without_query(referrer: str) -> str:
    """Return the page before without its query, in which people's searches and names can stand."""
    return referrer.partition("?")[0].partition("#")[0][:500]


@lru_cache(maxsize=1000)
def _is_of(vhost: str, site: SiteId) -> bool:
    """Say whether a line that names its virtual host is the site's: the same, `www.` or another name below it."""
    host = vhost.lower().rstrip(".")
    host = host if host.endswith("]") else host.partition(":")[0]
    plain = site.removeprefix("www.")
    return "." not in host or host == plain or host.endswith("." + plain)
