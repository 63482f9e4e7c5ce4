"""A local web server that takes posts, remembers them, and answers or fails as told.

with WebStandIn() as web:
    web.answers.append((429, b"", {"Retry-After": "7"}))      the next post's answer; then 200 again
    web.answers.append("reset")                               taken, then the connection is reset
    …
    web.posts                                                 what arrived: headers and body
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, bytes, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Post:
    """One request that arrived."""

    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebStandIn:
    """A receiver on a free port of this machine."""

    def __init__(self, usual: Reply = (200, b"ok", {})) -> None:
        self.usual = usual
        self.answers: deque[Reply | str] = deque()
        """Replies, `reset` (taken, then the connection is reset) or `hang:SECONDS`."""
        self.posts: list[Post] = []
        self._stopped = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> WebStandIn:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                raise AssertionError("nobody may be led here")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                stand_in.posts.append(Post(headers=headers, body=body, at=time.monotonic()))
                reply = stand_in.answers.popleft() if stand_in.answers else stand_in.usual
                if isinstance(reply, str):
                    if reply.startswith("hang:"):
                        stand_in._stopped.wait(float(reply.removeprefix("hang:")))
                    else:  # linger 0 makes close() send RST
                        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        self.connection.close()
                    self.close_connection = True
                    return
                status, said, more = reply
                self.send_response(status)
                for name, value in {"Content-Length": str(len(said)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(said)

            def log_message(self, format: str, *args: object) -> None:
                return None

            def finish(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
