"""A local HTTP server that hands out files, well or badly, in place of somebody's download site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Manner = Literal["whole", "cut_off", "hang", "error"]


@dataclass
class Served:
    """One address: what it answers and how."""

    body: bytes = b""
    manner: Manner = "whole"
    content_type: str = "application/octet-stream"


@dataclass
class FileServer:
    """What is served under which path, and which paths were asked for."""

    url: str
    files: dict[str, Served] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Serve on a free loopback port until the block ends."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    served = FileServer(url=f"http://127.0.0.1:{http.server_address[1]}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            _answer(self, served)

        def log_message(self, format: str, *args: object) -> None:
            pass

    http.RequestHandlerClass = Handler
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.closing.set()
        http.shutdown()
        http.server_close()
        thread.join(timeout=5)


def _answer(handler: BaseHTTPRequestHandler, served: FileServer) -> None:
    file = served.files.get(handler.path)
    if file is None:
        handler.send_error(404)
        return
    if file.manner == "error":
        handler.send_error(500)
        return
    handler.send_response(200)
    handler.send_header("Content-Type", file.content_type)
    handler.send_header("Content-Length", str(len(file.body)))
    handler.end_headers()
    half = len(file.body) // 2
    if file.manner == "whole":
        handler.wfile.write(file.body)
        return
    handler.wfile.write(file.body[:half])
    handler.wfile.flush()
    if file.manner == "hang":
        served.closing.wait(30)
    handler.close_connection = True
