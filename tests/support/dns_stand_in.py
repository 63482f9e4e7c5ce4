"""A local name server over UDP that answers from a table, and is silent, broken or wrong on request.

with DnsStandIn(names={"192.0.2.10": ["gate.example.com"]}, addresses={"gate.example.com": ["192.0.2.10"]}) as dns:
    DORMOUSE_DNS_SERVER=dns.server
    dns.fault("silent", times=2)
    dns.log                              every question: (name, type)
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.reversename
import dns.rrset

FaultKind = Literal[
    "silent",  # no answer
    "servfail",  # it can't say
    "garbage",  # bytes that are no DNS
    "odd_name",  # a host name with bytes that no host name has
]


@dataclass(slots=True)
class DnsStandIn:
    """Serves on a free loopback port: `names` address → host names (PTR), `addresses` host name → addresses.

    `others` has the records of other kinds as a zone file writes them: (name, kind) → records.
    """

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    others: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    _faults: deque[FaultKind] = field(default_factory=deque)
    _socket: socket.socket = field(init=False)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> DnsStandIn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._socket.getsockname())
        self._thread.join(timeout=5)
        self._socket.close()

    @property
    def server(self) -> str:
        """As `DORMOUSE_DNS_SERVER` takes it."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def fault(self, kind: FaultKind, times: int = 1) -> None:
        """Fail the next `times` questions in this manner."""
        self._faults.extend([kind] * times)

    def _serve(self) -> None:
        while True:
            question, client = self._socket.recvfrom(4096)
            if not question:
                return
            with contextlib.suppress(dns.exception.DNSException):
                answer = self._answer(dns.message.from_wire(question))
                if answer is not None:
                    self._socket.sendto(answer, client)

    def _answer(self, query: dns.message.Message) -> bytes | None:
        asked = query.question[0]
        name, kind = asked.name.to_text().rstrip("."), dns.rdatatype.to_text(asked.rdtype)
        self.log.append((name, kind))
        fault = self._faults.popleft() if self._faults else None
        if fault == "silent":
            return None
        if fault == "garbage":
            return b"\x00" * 12
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if fault == "servfail":
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply.to_wire()
        found = ["bad\\032host\\255.example.com."] if fault == "odd_name" else self._found(name, kind)
        if found:
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *found))
        elif not self._is_known(name):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()

    def _found(self, name: str, kind: str) -> list[str]:
        if kind == "PTR":
            return [f"{host}." for host in self.names.get(_address(name), ())]
        if kind not in ("A", "AAAA"):
            return list(self.others.get((name, kind), ()))
        return [address for address in self.addresses.get(name, ()) if (":" in address) == (kind == "AAAA")]

    def _is_known(self, name: str) -> bool:
        known = {*self.addresses, *(of for of, _ in self.others)}
        return name in known or (name.endswith(".arpa") and _address(name) in self.names)


def _address(name: str) -> str:
    return dns.reversename.to_address(dns.name.from_text(name)) if name.endswith(".arpa") else ""
