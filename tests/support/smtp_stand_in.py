"""A local mail server that keeps what it is given, and refuses on request.

with SmtpStandIn() as smtp:
    smtp.refuse["RCPT"].append("550 no such user")      the next RCPT's answer
    smtp.refuse["END"].append("reset")                  taken, then the connection is reset
    …
    smtp.mails                                          what arrived, parsed
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
from collections import defaultdict, deque
from email.message import EmailMessage


class SmtpStandIn:
    """A mail server on a free port of this machine, without TLS; `password`: what AUTH PLAIN must bring."""

    def __init__(self, *, offers_login: bool = False) -> None:
        self.offers_login = offers_login
        self.raw: list[tuple[str, bytes]] = []
        self.refuse: dict[str, deque[str]] = defaultdict(deque)
        self._server: socketserver.ThreadingTCPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        login = "rep:secret@" if self.offers_login else ""
        return f"smtp://{login}127.0.0.1:{self._server.server_address[1]}"

    @property
    def mails(self) -> list[EmailMessage]:
        found = [email.message_from_bytes(raw, policy=email.policy.default) for _, raw in self.raw]
        return [one for one in found if isinstance(one, EmailMessage)]

    def __enter__(self) -> SmtpStandIn:
        stand_in = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    _talk(self, stand_in)

            def finish(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()


def _talk(line: socketserver.StreamRequestHandler, server: SmtpStandIn) -> None:
    def say(text: str) -> None:
        line.wfile.write(text.encode() + b"\r\n")

    say("220 mail.example.com")
    to = ""
    while command := line.rfile.readline().decode("ascii", "replace").strip():
        verb = command.split(" ")[0].upper()
        if server.refuse[verb]:
            say(server.refuse[verb].popleft())
        elif verb == "EHLO":
            say("250-mail.example.com\r\n250 AUTH PLAIN" if server.offers_login else "250 mail.example.com")
        elif verb == "AUTH":
            say("235 welcome")
        elif verb == "RCPT":
            to = command.partition(":")[2].strip("<>")
            say("250 fine")
        elif verb == "DATA":
            say("354 go on")
            data = bytearray()
            while (row := line.rfile.readline()) not in (b".\r\n", b""):
                data += row[1:] if row.startswith(b"..") else row
            answer = server.refuse["END"].popleft() if server.refuse["END"] else "250 taken"
            if answer == "reset" or answer.startswith("2"):
                server.raw.append((to, bytes(data)))
            if answer == "reset":
                return
            say(answer)
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 fine")
