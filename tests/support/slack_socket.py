"""A local WebSocket server that speaks Slack's Socket Mode: says hello, sends envelopes, hears acknowledgements."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class SlackSocket:
    """One WebSocket endpoint on a free port; `acknowledged` holds (envelope id, seconds on the monotonic clock)."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self.acknowledged: list[tuple[str, float]] = []
        self.handshakes = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}/link?ticket=t"

    def send(self, payload: Mapping[str, Any], envelope: str) -> None:
        """Send an interactive envelope on the newest connection."""
        self._write(
            {"envelope_id": envelope, "type": "interactive", "payload": payload, "accepts_response_payload": False}
        )

    def hang_up(self) -> None:
        """Cut all connections, as a network does."""
        with self._lock:
            for each in self._connections:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._connections.clear()

    def wait(self, envelopes: int, seconds: float = 5.0) -> bool:
        """Wait until so many envelopes were acknowledged."""
        until = time.monotonic() + seconds
        while len(self.acknowledged) < envelopes and time.monotonic() < until:
            time.sleep(0.01)
        return len(self.acknowledged) >= envelopes

    def close(self) -> None:
        self.hang_up()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                more = connection.recv(4096)
                if not more:
                    return
                request += more
            found = dict(line.split(": ", 1) for line in request.decode().split("\r\n")[1:] if ": " in line)
            key = base64.b64encode(hashlib.sha1((found["Sec-WebSocket-Key"] + _GUID).encode()).digest()).decode()
            connection.sendall(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {key}\r\n\r\n".encode()
            )
            with self._lock:
                self._connections.append(connection)
                self.handshakes += 1
            connection.sendall(_frame({"type": "hello", "num_connections": 1}))
            self._hear(connection)

    def _hear(self, connection: socket.socket) -> None:
        while True:
            head = _exactly(connection, 2)
            size = head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", _exactly(connection, 2))
            elif size == 127:
                (size,) = struct.unpack("!Q", _exactly(connection, 8))
            mask = _exactly(connection, 4) if head[1] & 0x80 else b"\0" * 4
            data = bytes(each ^ mask[at % 4] for at, each in enumerate(_exactly(connection, size)))
            opcode = head[0] & 0x0F
            if opcode == 0x9:
                connection.sendall(bytes([0x8A, len(data)]) + data)
            elif opcode == 0x1 and (answer := json.loads(data)).get("envelope_id"):
                self.acknowledged.append((answer["envelope_id"], time.monotonic()))
            elif opcode == 0x8:
                return

    def _write(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            self._connections[-1].sendall(_frame(message))


def _frame(message: Mapping[str, Any]) -> bytes:
    data = json.dumps(message).encode()
    head = bytes([0x81, len(data)]) if len(data) < 126 else bytes([0x81, 126]) + struct.pack("!H", len(data))
    return head + data


def _exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = connection.recv(size - len(found))
        if not more:
            raise OSError("the other side hung up")
        found += more
    return found
