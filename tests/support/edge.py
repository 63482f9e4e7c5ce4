"""The collector with a list in place of its buffer, asked as a server would ask it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network
from wsgiref.types import WSGIEnvironment

from core.clock import at
from tracker.collector import Collector, Parts, make_collector
from tracker.hits import Hit, Record, Tally, decode

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
PAGE_VIEW = {"i": "3f0c9a52-1111-4222-8333-444455556666", "s": "example.com", "u": "https://example.com/pricing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the collector said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def environ(
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    peer: str = "192.0.2.10",
) -> WSGIEnvironment:
    """Return the WSGI environment of a request."""
    given: dict[str, str] = {"User-Agent": CHROME, **(headers or {})}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": peer,
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given.items()},
    }


def ask(collector: Collector, request: WSGIEnvironment) -> Answer:
    """Send one request through the WSGI door."""
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        said.append((status, headers))
        return lambda _data: None

    body = b"".join(collector(request, start_response))
    status, headers = said[0]
    assert len(said) == 1
    return Answer(status=int(status[:3]), headers=dict(headers), body=body)


@dataclass
class Edge:
    """A collector for example.com and the demo site, and what it kept."""

    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    kept: list[Record] = field(default_factory=list)
    broken: Exception | None = None
    """Raised by the buffer, when set."""
    problems: list[str] = field(default_factory=list)
    secret: str = ""
    identify_secrets: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.collector = make_collector(
            Parts(
                append=self._append,
                sites=lambda: frozenset({"example.com", "demo.example"}),
                trusted_proxies=self.trusted_proxies,
                clock=at(NOON),
                demo_visitor=lambda token: ("203.0.113.7", CHROME) if token == "good" else None,
                demo_site="demo.example",
                ready=lambda: self.problems,
                metrics=lambda: b"up 1\n",
                secret=self.secret,
                identify_secret=lambda site: self.identify_secrets.get(site, ""),
            )
        )

    def _append(self, record: bytes) -> None:
        if self.broken is not None:
            raise self.broken
        self.kept.append(decode(record))

    @property
    def hits(self) -> list[Hit]:
        return [record for record in self.kept if isinstance(record, Hit)]

    @property
    def tallies(self) -> list[Tally]:
        return [record for record in self.kept if isinstance(record, Tally)]

    def beacon(
        self, fields: Mapping[str, object] | bytes, headers: Mapping[str, str] | None = None, peer: str = "192.0.2.10"
    ) -> Answer:
        """Send a beacon: fields added to PAGE_VIEW, or a body as it is."""
        body = fields if isinstance(fields, bytes) else json.dumps({**PAGE_VIEW, **fields}).encode()
        return ask(self.collector, environ("POST", "/b", body, headers, peer))

    def get(self, path: str, headers: Mapping[str, str] | None = None, peer: str = "192.0.2.10") -> Answer:
        """Get a page."""
        return ask(self.collector, environ("GET", path, b"", headers, peer))
