"""A local server that answers as the regional internet registries do over RDAP, and misbehaves on request.

with RdapStandIn([Record(prefix="192.0.2.0/29", name="Example Foods GmbH", registry="ripencc")]) as rdap:
    DORMOUSE_RDAP_URL=rdap.url            one base for all registries: <url>/ip/192.0.2.3
    DORMOUSE_RDAP_URL=rdap.by_registry    one base each, so that the log says which registry was asked
    rdap.fault("rate_limited", registry="lacnic", seconds=30)
    rdap.log                              every call with its time, registry, address, and what became of it
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network, summarize_address_range
from types import TracebackType
from typing import Any, Literal

REGISTRIES = ("arin", "ripencc", "apnic", "lacnic", "afrinic", "registro.br")

FaultKind = Literal[
    "rate_limited",  # 429 with Retry-After: `seconds`
    "server_error",  # 503
    "hang",  # accepts the call and says nothing for `seconds`
    "drip",  # a byte every 50 ms, for at most `seconds`
    "truncated",  # JSON cut in the middle
    "huge",  # JSON without end (8 MB)
    "garbage",  # JSON of another shape
    "html",  # a web page instead of JSON
    "lie",  # a record of another network
    "everything",  # a record of the whole internet
    "redirect_loop",  # leads to itself
    "referral",  # leads to the registry `to`
    "elsewhere",  # leads to the address `to`, which is no registry
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One network as its registry knows it."""

    prefix: str
    """CIDR or `first-last`."""
    name: str = ""
    """The organisation, or person, that uses it; empty: the record names nobody."""
    netname: str = "EXAMPLE-NET"
    status: str = "ASSIGNED PA"
    country: str = ""
    remarks: tuple[str, ...] = ()
    registry: str = "ripencc"
    kind: Literal["org", "group", "individual"] = "org"
    emails: tuple[str, ...] = ()
    """Of the abuse contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call."""

    at: float
    """Seconds on the stand-in's clock, the monotonic one if it wasn't given another."""
    registry: str
    """The registry whose address was called; with one address for all, whose record it was, else empty."""
    address: str
    outcome: str
    """`answered`, `unknown` (404) or the name of the fault."""


@dataclass(slots=True, kw_only=True)
class _Fault:
    kind: FaultKind
    times: int
    seconds: float
    registry: str
    to: str


@dataclass(slots=True)
class RdapStandIn:
    """Serves the records on a free loopback port; the narrowest one around an address is the answer."""

    records: Iterable[Record] = ()
    clock: Callable[[], float] = time.monotonic
    delay: float = 0.0
    """Seconds that every answer takes."""
    log: list[Asked] = field(default_factory=list)
    _faults: deque[_Fault] = field(default_factory=deque)
    _tables: dict[tuple[int, int], dict[int, Record]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _http: ThreadingHTTPServer = field(init=False)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        for record in self.records:
            self.add(record)
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(ConnectionError):
                    stand_in._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def __enter__(self) -> RdapStandIn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of hanging calls and of the port."""
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    @property
    def url(self) -> str:
        """One address for all registries."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def by_registry(self) -> str:
        """One address for each registry, as `DORMOUSE_RDAP_URL` takes them."""
        return ",".join(f"{name}={self.url}/{name}" for name in REGISTRIES)

    def add(self, record: Record) -> None:
        """Serve one record more; one of the same prefix is replaced."""
        for network in _networks(record.prefix):
            table = self._tables.setdefault((network.version, network.prefixlen), {})
            table[int(network.network_address) >> (network.max_prefixlen - network.prefixlen)] = record

    def fault(self, kind: FaultKind, *, times: int = 1, seconds: float = 1.0, registry: str = "", to: str = "") -> None:
        """Fail the next `times` calls (of one registry, or any) in this manner."""
        with self._lock:
            self._faults.append(_Fault(kind=kind, times=times, seconds=seconds, registry=registry, to=to))

    def recover(self) -> None:
        """Forget all faults that are still to come."""
        with self._lock:
            self._faults.clear()

    def asked(self, registry: str | None = None) -> list[str]:
        """The addresses asked for, in order, of one registry or all."""
        return [call.address for call in list(self.log) if registry in (None, call.registry)]

    # Answers

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        registry, address = _path(handler.path)
        if address is None:
            _send(handler, 400, {"errorCode": 400, "title": "Bad Request"})
            return
        self._closing.wait(self.delay)
        record = self._record(address)
        registry = registry or (record.registry if record else "")
        fault = self._next_fault(registry)
        outcome = fault.kind if fault else "answered" if record else "unknown"
        self.log.append(Asked(at=self.clock(), registry=registry, address=str(address), outcome=outcome))
        if fault:
            self._misbehave(handler, fault, record, address)
        elif record is None:
            _send(handler, 404, {"errorCode": 404, "title": "Not Found", "description": ["No such network"]})
        else:
            _send(handler, 200, answer(record))

    def _record(self, address: IPv4Address | IPv6Address) -> Record | None:
        for (version, length), table in sorted(self._tables.items(), key=lambda item: -item[0][1]):
            if version == address.version:
                found = table.get(int(address) >> (address.max_prefixlen - length))
                if found:
                    return found
        return None

    def _next_fault(self, registry: str) -> _Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.registry in ("", registry):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def _misbehave(
        self,
        handler: BaseHTTPRequestHandler,
        fault: _Fault,
        record: Record | None,
        address: IPv4Address | IPv6Address,
    ) -> None:
        body = json.dumps(answer(record or Record(prefix=f"{address}/{address.max_prefixlen}"))).encode()
        match fault.kind:
            case "rate_limited":
                _send(handler, 429, {"errorCode": 429}, {"Retry-After": str(int(fault.seconds))})
            case "server_error":
                _send(handler, 503, {"errorCode": 503})
            case "hang":
                self._closing.wait(fault.seconds)
                handler.close_connection = True
            case "drip":
                self._drip(handler, body, fault.seconds)
            case "truncated":
                _send_bytes(handler, 200, body[: len(body) // 2])
            case "huge":
                _send_bytes(handler, 200, b'{"remarks": ["' + b"x" * 8_000_000)
            case "garbage":
                _send_bytes(handler, 200, b'[{"handle": 3}, "no network", null]')
            case "html":
                _send_bytes(handler, 200, b"<html><body>Please come back later</body></html>")
            case "lie":
                other = "198.51.100.0/24" if address not in ip_network("198.51.100.0/24") else "203.0.113.0/24"
                _send(handler, 200, answer(Record(prefix=other, name="Somebody Else Ltd", netname="ELSE")))
            case "everything":
                whole = "0.0.0.0/0" if address.version == 4 else "::/0"
                _send(handler, 200, answer(Record(prefix=whole, name="IANA", netname="IANA-BLK")))
            case "redirect_loop":
                _send(handler, 302, {}, {"Location": self.url + handler.path})
            case "referral":
                _send(handler, 302, {}, {"Location": f"{self.url}/{fault.to}/ip/{address}"})
            case "elsewhere":
                _send(handler, 302, {}, {"Location": fault.to})

    def _drip(self, handler: BaseHTTPRequestHandler, body: bytes, seconds: float) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/rdap+json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        until = time.monotonic() + seconds
        for byte in body:
            if time.monotonic() > until or self._closing.wait(0.05):
                break
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
        handler.close_connection = True


def answer(record: Record) -> dict[str, Any]:
    """The record in RDAP's JSON, in the dialect of its registry."""
    networks = _networks(record.prefix)
    first, last = networks[0][0], networks[-1][-1]
    body: dict[str, Any] = {
        "rdapConformance": ["rdap_level_0"],
        "objectClassName": "ip network",
        "handle": f"{first} - {last}",
        "startAddress": str(first),
        "endAddress": str(last),
        "ipVersion": f"v{first.version}",
        "name": record.netname,
        "type": record.status,
        "status": ["active"],
        "entities": [_contact(record)],
        "remarks": [],
    }
    if record.country:
        body["country"] = record.country
    lines = list(record.remarks)
    if record.registry in ("arin", "lacnic", "afrinic", "registro.br"):
        if record.name:
            body["entities"].append(_entity("C00000001", record.name, record.kind, ["registrant"]))
        title = "Registration Comments"
    elif record.kind == "individual":
        body["entities"].append(_entity("EX1-RIPE", record.name, "individual", ["registrant"]))
        title = "description"
    else:
        body["entities"].append(_entity("EXAMPLE-MNT", "EXAMPLE-MNT", "individual", ["registrant"]))
        lines = [*([record.name] if record.name else []), *lines]
        title = "description"
    if record.registry == "lacnic":
        body["handle"] = f"{networks[0]}"
    if lines:
        body["remarks"] = [{"description": lines} | ({} if record.registry == "ripencc" else {"title": title})]
    return body


def _contact(record: Record) -> dict[str, Any]:
    entity = _entity("ABUSE-1", "Abuse contact", "group", ["abuse"])
    entity["vcardArray"][1] += [["email", {"type": "abuse"}, "text", email] for email in record.emails]
    return entity


def _entity(handle: str, name: str, kind: str, roles: list[str]) -> dict[str, Any]:
    card = [["version", {}, "text", "4.0"], ["fn", {}, "text", name], ["kind", {}, "text", kind]]
    return {"objectClassName": "entity", "handle": handle, "vcardArray": ["vcard", card], "roles": roles}


def _networks(prefix: str) -> list[Any]:
    if "-" in prefix:
        first, _, last = prefix.partition("-")
        return list(summarize_address_range(ip_address(first.strip()), ip_address(last.strip())))  # type: ignore[type-var]
    return [ip_network(prefix, strict=False)]


def _path(path: str) -> tuple[str, IPv4Address | IPv6Address | None]:
    """`/lacnic/ip/192.0.2.1` → the registry, if the path names one, and the address."""
    parts = path.strip("/").split("/")
    registry = parts[0] if parts[0] in REGISTRIES else ""
    if len(parts) < 2 or parts[-2] != "ip":
        return registry, None
    with contextlib.suppress(ValueError):
        return registry, ip_address(parts[-1])
    return registry, None


def _send(handler: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    _send_bytes(handler, status, json.dumps(body).encode(), headers)


def _send_bytes(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/rdap+json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
