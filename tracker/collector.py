"""The HTTP edge: keeps each hit before it answers, and says in a header why one was ignored. A bare WSGI callable."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from core.clock import Clock
from core.domain import DropReason
from core.errors import BufferUnavailableError
from core.log import logger
from tracker.client_ip import IpNetwork, client_ip, is_forwarded, is_loopback
from tracker.consent import counted_only
from tracker.filters import EdgeRequest, edge_drop
from tracker.hits import Hit, Tally, encode
from tracker.identity import hear
from tracker.sources.beacon import MOST_BYTES, Beacon, BeaconError, clean_text, parse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RETRY_SECONDS = 2
"""What a refused browser is told to wait."""
MOST_UNKNOWN_SITES = 100
"""So many wrong site names are counted by name between two restarts; the rest together, under ""."""

_log = logger("tracker.collector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the collector needs of the world."""

    append: Callable[[bytes], None]
    """Keeps one record durably or raises BufferUnavailableError."""
    sites: Callable[[], frozenset[str]]
    """The host names of all sites added; asked for every hit, so it must be quick."""
    trusted_proxies: tuple[IpNetwork, ...]
    clock: Clock
    demo_visitor: Callable[[str], tuple[str, str] | None]
    """Reads a demo token: the address and agent to visit as, or None when it is false or too old."""
    demo_site: str
    """The only site on which demo tokens count; "" when there is no demo."""
    ready: Callable[[], list[str]]
    """What keeps us from working, one sentence each; empty when nothing does."""
    secret: str = ""
    """Signs the links that visitors come by."""
    identify_secret: Callable[[str], str] = lambda _site: ""
    """A site → what its backend signs identify calls with; "" when it has none."""
    metrics: Callable[[], bytes] = bytes
    """More figures in the Prometheus text format; those of the collector itself are always there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: str
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class _Refused(Exception):
    """A request that is answered without being kept."""

    def __init__(self, answer: _Answer, *, site: str = "", counted: DropReason | None = None) -> None:
        super().__init__(answer.status)
        self.answer = answer
        self.site = site
        self.counted = counted


_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Dormouse-Ignored, Retry-After"),
)
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "POST"),
    ("Access-Control-Allow-Headers", "Content-Type"),
    ("Access-Control-Max-Age", "86400"),
)
_ALWAYS = (("X-Content-Type-Options", "nosniff"),)
_NO_STORE = (("Cache-Control", "no-store"),)


class Collector:
    """Answers one request after another; safe to call from several threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._counts: dict[str, dict[str, int]] = {}
        self._unknown_sites: set[str] = set()
        self._answers: Counter[str] = Counter()
        self._snippet = resources.files("tracker").joinpath("snippet/dm.min.js").read_bytes()
        self._etag = f'"{hashlib.sha256(self._snippet).hexdigest()[:20]}"'

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; raises nothing, whatever comes in."""
        try:
            answer = self._route(environ)
        except Exception as error:  # a hit that we can't handle now may work later: let the snippet try again
            _log.error("a request failed", error=f"{type(error).__name__}: {error}")
            answer = _unavailable("something went wrong here")
        length = str(len(answer.body))
        head = [("Content-Type", answer.content_type)] if answer.body else []
        if not answer.status.startswith(("204", "304")):
            head.append(("Content-Length", length))
        start_response(answer.status, [*head, *_ALWAYS, *answer.headers])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer.body]

    def flush_tally(self) -> None:
        """Keep the counts of refused hits as one record; call it about once a second. Does nothing without counts."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            self._parts.append(encode(Tally(received_at=self._parts.clock(), counts=counts)))
        except BufferUnavailableError:
            for site, reasons in counts.items():  # kept for the next second
                for reason, number in reasons.items():
                    self._count(site, reason, number)

    def _route(self, environ: WSGIEnvironment) -> _Answer:
        path, method = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_METHOD", ""))
        if path == "/b":
            if method == "POST":
                return self._beacon(environ)
            if method == "OPTIONS":
                return _Answer(status="204 No Content", headers=(*_CORS, *_PREFLIGHT))
            return _not_allowed("POST, OPTIONS")
        if path not in ("/dm.js", "/healthz", "/readyz", "/metrics"):
            return _Answer(status="404 Not Found", body=b"there is nothing here\n", headers=_NO_STORE)
        if method not in ("GET", "HEAD"):
            return _not_allowed("GET, HEAD")
        if path == "/dm.js":
            return self._script(environ)
        if path == "/healthz":
            return _Answer(status="200 OK", body=b"ok\n", headers=_NO_STORE)
        local = is_loopback(str(environ.get("REMOTE_ADDR", ""))) and not is_forwarded(_headers(environ))
        if path == "/readyz":
            return self._readiness(local)
        if not local:
            return _Answer(status="404 Not Found", body=b"there is nothing here\n", headers=_NO_STORE)
        return _Answer(
            status="200 OK",
            body=self._metrics(),
            content_type="text/plain; version=0.0.4; charset=utf-8",
            headers=_NO_STORE,
        )

    def _script(self, environ: WSGIEnvironment) -> _Answer:
        headers = (
            ("Cache-Control", "public, max-age=3600"),
            ("ETag", self._etag),
            ("Access-Control-Allow-Origin", "*"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        )
        if self._etag in str(environ.get("HTTP_IF_NONE_MATCH", "")):
            return _Answer(status="304 Not Modified", headers=headers)
        return _Answer(
            status="200 OK", body=self._snippet, content_type="text/javascript; charset=utf-8", headers=headers
        )

    def _readiness(self, local: bool) -> _Answer:
        if not (problems := self._parts.ready()):
            return _Answer(status="200 OK", body=b"ready\n", headers=_NO_STORE)
        text = "".join(f"{problem}\n" for problem in problems) if local else "not ready\n"
        return _Answer(status="503 Service Unavailable", body=text.encode(errors="replace"), headers=_NO_STORE)

    def _metrics(self) -> bytes:
        with self._lock:
            answers = sorted(self._answers.items())
        lines = [
            "# HELP dormouse_beacons_total Beacons by what became of them: kept, a drop reason, or an HTTP status.",
            "# TYPE dormouse_beacons_total counter",
            *(f'dormouse_beacons_total{{outcome="{outcome}"}} {number}' for outcome, number in answers),
        ]
        return "".join(f"{line}\n" for line in lines).encode() + self._parts.metrics()

    # -- the beacon

    def _beacon(self, environ: WSGIEnvironment) -> _Answer:
        answer = self._judged(environ)
        outcome = dict(answer.headers).get("Dormouse-Ignored", "kept")
        with self._lock:
            self._answers[outcome if answer.status.startswith("204") else answer.status[:3]] += 1
        return answer

    def _judged(self, environ: WSGIEnvironment) -> _Answer:
        try:
            beacon = self._read_beacon(environ)
            hit = self._hit(beacon, environ)
            self._parts.append(encode(hit))
        except _Refused as refused:
            if refused.counted is not None:
                self._count(refused.site, refused.counted.value)
            return refused.answer
        except BufferUnavailableError as error:
            return _unavailable(str(error))
        return _kept(hit.drop)

    def _read_beacon(self, environ: WSGIEnvironment) -> Beacon:
        try:
            beacon = parse(_body(environ))
        except BeaconError as error:
            raise _Refused(_bad(str(error)), counted=DropReason.MALFORMED) from None
        if beacon.s not in self._parts.sites():
            raise _Refused(_kept(DropReason.UNKNOWN_SITE.value), site=beacon.s, counted=DropReason.UNKNOWN_SITE)
        return beacon

    def _hit(self, beacon: Beacon, environ: WSGIEnvironment) -> Hit:
        headers = _headers(environ)
        ip = client_ip(str(environ.get("REMOTE_ADDR", "")), headers, self._parts.trusted_proxies)
        user_agent, webdriver = clean_text(headers.get("user-agent", ""), 400), beacon.w == 1
        if beacon.d:
            ip, user_agent = self._demo_visitor(beacon, forwarded=is_forwarded(headers))
            webdriver = False  # it's the demo's visitor who is judged, not the browser of who tries it
        now = self._parts.clock()
        said = hear(beacon, secret=self._parts.secret, identify_secret=self._parts.identify_secret(beacon.s), now=now)
        drop = edge_drop(
            EdgeRequest(
                headers=headers, ip=ip, user_agent=user_agent, webdriver=webdriver, privacy_signal=beacon.g == 1
            )
        )
        hit = Hit(
            id=beacon.i,
            site=beacon.s,
            received_at=now,
            url=beacon.u,
            title=beacon.t,
            referrer=beacon.r,
            user_agent=user_agent,
            ip=ip,
            engaged_ms=int(beacon.e),
            touched=beacon.h == 1,
            proved=said.proved,
            refused=said.refused,
            drop=drop.value if drop else "",
        )
        return counted_only(hit) if drop is DropReason.PRIVACY_SIGNAL else hit

    def _demo_visitor(self, beacon: Beacon, *, forwarded: bool) -> tuple[str, str]:
        """Whom to visit as. What comes through a proxy, or for another site, could fake a real visit."""
        visitor = None
        if self._parts.demo_site and beacon.s == self._parts.demo_site and not forwarded:
            visitor = self._parts.demo_visitor(beacon.d)
        if visitor is None:
            text = "the demo's visitor isn't valid here or any more: choose one again on the demo page"
            raise _Refused(_bad(text, "403 Forbidden"), site=beacon.s, counted=DropReason.MALFORMED)
        return visitor

    def _count(self, site: str, reason: str, number: int = 1) -> None:
        with self._lock:
            if reason == DropReason.UNKNOWN_SITE.value and site not in self._unknown_sites:
                if len(self._unknown_sites) < MOST_UNKNOWN_SITES:
                    self._unknown_sites.add(site)
                else:
                    site = ""
            reasons = self._counts.setdefault(site, {})
            reasons[reason] = reasons.get(reason, 0) + number


def make_collector(parts: Parts) -> Collector:
    """Return the collector's WSGI callable; call its `flush_tally` about once a second from a thread of yours."""
    return Collector(parts)


def _body(environ: WSGIEnvironment) -> bytes:
    """Read the body, at most MOST_BYTES; refuses a longer one with 413."""
    text = str(environ.get("CONTENT_LENGTH") or "").strip()
    if text and not (text.isascii() and text.isdigit()):
        raise _Refused(_bad("Content-Length isn't a number"), counted=DropReason.MALFORMED)
    left = min(int(text[:12]), MOST_BYTES + 1) if text else MOST_BYTES + 1  # without it: sent in chunks
    pieces: list[bytes] = []
    while left > 0 and (piece := environ["wsgi.input"].read(left)):
        pieces.append(piece)
        left -= len(piece)
    body = b"".join(pieces)
    if len(body) > MOST_BYTES:
        text = f"the body is too long; at most {MOST_BYTES // 1024} KB are read"
        raise _Refused(_bad(text, "413 Content Too Large"), counted=DropReason.MALFORMED)
    return body


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """Return the request's headers by lower-case name; WSGI carries their bytes as Latin-1."""
    return {
        name[5:].replace("_", "-").lower(): str(value).encode("latin-1", "replace").decode("utf-8", "replace")
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def _kept(drop: str) -> _Answer:
    ignored = (("Dormouse-Ignored", drop),) if drop else ()
    return _Answer(status="204 No Content", headers=(*_CORS, *_NO_STORE, *ignored))


def _bad(text: str, status: str = "400 Bad Request") -> _Answer:
    ignored = ("Dormouse-Ignored", DropReason.MALFORMED.value)
    return _Answer(status=status, body=f"{text}\n".encode(errors="replace"), headers=(*_CORS, *_NO_STORE, ignored))


def _unavailable(text: str) -> _Answer:
    retry = ("Retry-After", str(RETRY_SECONDS))
    body = f"not kept, try again: {text}\n".encode(errors="replace")
    return _Answer(status="503 Service Unavailable", body=body, headers=(*_CORS, *_NO_STORE, retry))


def _not_allowed(allowed: str) -> _Answer:
    return _Answer(
        status="405 Method Not Allowed", body=b"not this way\n", headers=(*_CORS, *_NO_STORE, ("Allow", allowed))
    )
