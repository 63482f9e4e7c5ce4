"""A local server that speaks the part of Slack's Web API that we use, and fails on request.

with SlackStandIn() as slack:
    slack.fault("chat.postMessage", "rate_limited", seconds=2)
    channel = SlackChannel(token="xoxb-test", fallback="#sales", api_url=slack.url, links=…)
    …
    slack.messages            every message posted, edits applied
    slack.requests            every call with its arrival time and what became of it
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

FaultKind = Literal[
    "rate_limited",  # 429 with Retry-After; nothing is done
    "server_error",  # 500; nothing is done
    "hang",  # no answer for `seconds`; nothing is done
    "accepted_hang",  # done, but no answer for `seconds`
    "accepted_reset",  # done, then the connection is reset
    "reset",  # the connection is reset; nothing is done
    "accepted_error",  # done, but the answer is 500
    "truncated",  # done, but the answer is cut in the middle
    "refused",  # ok:false with `code`; nothing is done
    "slow",  # done after `seconds`
]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One failure of one call."""

    kind: FaultKind
    seconds: float = 1.0
    code: str = "internal_error"


@dataclass(kw_only=True)
class Message:
    """A message as the channel shows it now."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any]
    at: float
    """Seconds on the monotonic clock."""
    thread: str = ""
    """The `ts` of the message in whose thread it stands."""
    edits: list[float] = field(default_factory=list)

    @property
    def alert_id(self) -> str:
        return str(self.metadata.get("event_payload", {}).get("alert_id", ""))

    @property
    def notice_id(self) -> str:
        return str(self.metadata.get("event_payload", {}).get("notice_id", ""))

    @property
    def shown(self) -> str:
        """All text of the blocks, one row each."""
        rows: list[str] = []
        for block in self.blocks:
            if "text" in block:
                rows.append(block["text"]["text"])
            for element in block.get("elements", ()):
                text = element.get("text", "")
                rows.append(text if isinstance(text, str) else text["text"])
        return "\n".join(rows)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request and what became of it."""

    method: str
    body: Mapping[str, Any]
    at: float
    outcome: str


class SlackStandIn:
    """Slack on a free port of this machine.

    Every e-mail address is a user with a direct-message channel, except `strangers`. The channels are `channels` by
    name. With `pace`, more than one message in that many seconds to a channel answers 429, as Slack does.
    """

    def __init__(
        self,
        *,
        channels: Mapping[str, str] | None = None,
        strangers: frozenset[str] = frozenset(),
        pace: float = 0.0,
        token: str = "",
    ) -> None:
        self.channels = dict(channels or {"sales": "C0SALES"})
        self.strangers = strangers
        self.pace = pace
        self.token = token
        self.requests: list[Call] = []
        self.script: Callable[[str, Mapping[str, Any]], Fault | None] | None = None
        """Asked for each call before the faults set one by one."""
        self._messages: dict[tuple[str, str], Message] = {}
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._clock = 0
        self._stopped = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None, "use `with SlackStandIn() as slack`"
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    @property
    def messages(self) -> list[Message]:
        """Messages in the order posted."""
        with self._lock:
            return list(self._messages.values())

    def by_alert(self) -> dict[str, list[Message]]:
        """Messages by the alert id in their metadata."""
        found: dict[str, list[Message]] = defaultdict(list)
        for message in self.messages:
            found[message.alert_id].append(message)
        return dict(found)

    def calls(self, method: str) -> list[Call]:
        """All calls of one method, in order of arrival."""
        with self._lock:
            return [call for call in self.requests if call.method == method]

    def fault(
        self, method: str, kind: FaultKind, *, times: int = 1, seconds: float = 1.0, code: str = "internal_error"
    ) -> None:
        """Let the next `times` calls of `method` fail."""
        with self._lock:
            self._faults[method].extend([Fault(kind=kind, seconds=seconds, code=code)] * times)

    def delete(self, message: Message) -> None:
        """Remove a message, as a person could."""
        with self._lock:
            del self._messages[(message.channel, message.ts)]

    def dm_of(self, email: str) -> str:
        """The direct-message channel of a user."""
        return "D" + self._user(email)[1:]

    def __enter__(self) -> SlackStandIn:
        stand_in = self

        class Handler(_Handler):
            slack = stand_in

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    # what the handler asks

    def next_fault(self, method: str, body: Mapping[str, Any]) -> Fault | None:
        with self._lock:
            if self.script is not None and (fault := self.script(method, body)) is not None:
                return fault
            return self._faults[method].popleft() if self._faults[method] else None

    def note(self, method: str, body: Mapping[str, Any], at: float, outcome: str) -> None:
        with self._lock:
            self.requests.append(Call(method=method, body=body, at=at, outcome=outcome))

    def pause(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def answer(self, method: str, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        """Do what the call asks and return the answer; `error` as Slack names it."""
        answers: dict[str, Callable[[Mapping[str, Any], float], dict[str, Any]]] = {
            "auth.test": lambda _body, _at: {"ok": True, "team": "Example", "user": "dormouse", "team_id": "T1"},
            "users.lookupByEmail": self._lookup,
            "conversations.open": self._open,
            "conversations.list": self._list,
            "conversations.history": self._history,
            "conversations.replies": self._history,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
        }
        if method not in answers:
            return {"ok": False, "error": "unknown_method"}
        with self._lock:
            return answers[method](body, at)

    def _user(self, email: str) -> str:
        return "U" + hashlib.sha256(email.encode()).hexdigest()[:10].upper()

    def _lookup(self, body: Mapping[str, Any], _at: float) -> dict[str, Any]:
        email = str(body.get("email", ""))
        if email in self.strangers or "@" not in email:
            return {"ok": False, "error": "users_not_found"}
        return {"ok": True, "user": {"id": self._user(email), "profile": {"email": email}}}

    def _open(self, body: Mapping[str, Any], _at: float) -> dict[str, Any]:
        return {"ok": True, "channel": {"id": "D" + str(body["users"])[1:]}}

    def _list(self, _body: Mapping[str, Any], _at: float) -> dict[str, Any]:
        channels = [{"id": channel, "name": name} for name, channel in self.channels.items()]
        return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": ""}}

    def _channel(self, named: object) -> str:
        text = str(named)
        if text.startswith("D") or text in self.channels.values():
            return text
        return self.channels.get(text.removeprefix("#"), "")

    def _post(self, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        channel = self._channel(body.get("channel"))
        if not channel:
            return {"ok": False, "error": "channel_not_found"}
        thread = str(body.get("thread_ts") or "")
        if thread and (channel, thread) not in self._messages:
            return {"ok": False, "error": "thread_not_found"}
        if faults := block_kit_faults(body):
            return {"ok": False, "error": "invalid_blocks", "errors": faults}
        last = max((message.at for message in self._messages.values() if message.channel == channel), default=None)
        if self.pace and last is not None and at - last < self.pace:
            return {"ok": False, "error": "ratelimited"}
        self._clock += 1
        ts = f"{time.time():.0f}.{self._clock:06}"
        message = Message(
            channel=channel,
            ts=ts,
            text=str(body.get("text", "")),
            blocks=list(body.get("blocks") or ()),
            metadata=dict(body.get("metadata") or {}),
            at=at,
            thread=thread,
        )
        self._messages[(channel, ts)] = message
        return {"ok": True, "channel": channel, "ts": ts}

    def _update(self, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        message = self._messages.get((str(body.get("channel")), str(body.get("ts"))))
        if message is None:
            return {"ok": False, "error": "message_not_found"}
        if faults := block_kit_faults(body):
            return {"ok": False, "error": "invalid_blocks", "errors": faults}
        message.text, message.blocks = str(body.get("text", "")), list(body.get("blocks") or ())
        message.edits.append(at)
        return {"ok": True, "channel": message.channel, "ts": message.ts}

    def _delete(self, body: Mapping[str, Any], _at: float) -> dict[str, Any]:
        gone = self._messages.pop((str(body.get("channel")), str(body.get("ts"))), None)
        return {"ok": True} if gone else {"ok": False, "error": "message_not_found"}

    def _history(self, body: Mapping[str, Any], _at: float) -> dict[str, Any]:
        if not any(str(body.get("channel", "")).startswith(letter) for letter in "CDG"):
            return {"ok": False, "error": "channel_not_found"}
        wants_metadata = str(body.get("include_all_metadata", "")).lower() in ("1", "true")
        oldest, limit, start = (
            float(body.get("oldest") or 0),
            int(body.get("limit") or 100),
            int(body.get("cursor") or 0),
        )
        found = [
            {"ts": message.ts, "text": message.text, **({"metadata": message.metadata} if wants_metadata else {})}
            for message in reversed(self._messages.values())
            if message.channel == body.get("channel") and float(message.ts) >= oldest
            # a channel's history leaves out what stands in threads
            if message.thread == str(body.get("ts") or "") or (body.get("ts") and message.ts == body.get("ts"))
        ]
        more = start + limit < len(found)
        return {
            "ok": True,
            "messages": found[start : start + limit],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }


class _Handler(BaseHTTPRequestHandler):
    slack: SlackStandIn
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        at = time.monotonic()
        method = urlsplit(self.path).path.removeprefix("/api/")
        body = self._body()
        if self.slack.token and self.headers.get("Authorization") != f"Bearer {self.slack.token}":
            self.slack.note(method, body, at, "invalid_auth")
            self._reply(200, {"ok": False, "error": "invalid_auth"})
            return
        fault = self.slack.next_fault(method, body)
        if fault is None:
            answer = self.slack.answer(method, body, at)
            self.slack.note(method, body, at, "ok" if answer["ok"] else answer["error"])
            if answer.get("error") == "ratelimited":
                self._reply(429, answer, {"Retry-After": "1"})
            else:
                self._reply(200, answer)
            return
        answer = {"ok": False}
        if fault.kind == "slow":
            self.slack.pause(fault.seconds)
            answer = self.slack.answer(method, body, time.monotonic())
            self.slack.note(method, body, at, "ok" if answer["ok"] else answer["error"])
            self._reply(200, answer)
            return
        if fault.kind.startswith("accepted") or fault.kind == "truncated":
            answer = self.slack.answer(method, body, at)
        self.slack.note(method, body, at, fault.kind)
        self._fail(fault, answer)

    def _fail(self, fault: Fault, answer: dict[str, Any]) -> None:
        match fault.kind:
            case "rate_limited":
                self._reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": f"{fault.seconds:.0f}"})
            case "server_error" | "accepted_error":
                self._reply(500, None)
            case "hang" | "accepted_hang":
                self.slack.pause(fault.seconds)
                self.close_connection = True
            case "reset" | "accepted_reset":
                # linger 0 makes close() send RST
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
            case "truncated":
                self._reply(200, answer, cut=True)
            case "refused":
                self._reply(200, {"ok": False, "error": fault.code})

    def _body(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if "json" in (self.headers.get("Content-Type") or ""):
            return {**query, **json.loads(raw or "{}")}
        return {**query, **{name: values[-1] for name, values in parse_qs(raw).items()}}

    def _reply(self, status: int, answer: object, headers: Mapping[str, str] | None = None, cut: bool = False) -> None:
        data = b"" if answer is None else json.dumps(answer).encode()
        data = data[: len(data) // 2] if cut else data
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        return None

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()


def block_kit_faults(body: Mapping[str, Any]) -> list[str]:
    """Return what Slack would refuse in a message, by the limits of its Block Kit reference; empty when it is fine."""
    faults: list[str] = []
    blocks = body.get("blocks") or []
    if not body.get("text"):
        faults.append("no top-level text for notifications")
    if len(str(body.get("text", ""))) > 4000:
        faults.append("text over 4000")
    if len(blocks) > 50:
        faults.append("over 50 blocks")
    if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
        faults.append("blocks over 13200 in all")
    for block in blocks:
        faults.extend(_block_faults(block))
    return faults


def _block_faults(block: Mapping[str, Any]) -> list[str]:
    kind, elements = block.get("type"), block.get("elements", [])
    faults: list[str] = []
    if kind == "header":
        faults.extend(_text_faults(block.get("text"), 150, "plain_text"))
    elif kind == "section":
        faults.extend(_text_faults(block.get("text"), 3000))
    elif kind == "context":
        faults.extend([] if 1 <= len(elements) <= 10 else ["context needs 1 to 10 elements"])
        for element in elements:
            faults.extend(_text_faults(element, 3000))
    elif kind == "actions":
        faults.extend([] if 1 <= len(elements) <= 25 else ["actions need 1 to 25 elements"])
        for element in elements:
            faults.extend(_select_faults(element) if element.get("type") == "static_select" else [])
            shown = element.get("placeholder") if element.get("type") == "static_select" else element.get("text")
            faults.extend(_text_faults(shown, 75, "plain_text"))
            for name, limit in (("url", 3000), ("value", 2000), ("action_id", 255)):
                if len(element.get(name, "")) > limit:
                    faults.append(f"button {name} over {limit}")
        names = [element.get("action_id") for element in elements]
        faults.extend(["action_id twice"] if len(set(names)) != len(names) else [])
    else:
        faults.append(f"unknown block {kind}")
    return faults


def _select_faults(element: Mapping[str, Any]) -> list[str]:
    options = element.get("options", [])
    faults = [] if 1 <= len(options) <= 100 else ["a menu needs 1 to 100 options"]
    for option in options:
        faults.extend(_text_faults(option.get("text"), 75, "plain_text"))
        faults.extend(["option value over 150"] if not 1 <= len(option.get("value", "")) <= 150 else [])
    return faults


def _text_faults(text: object, limit: int, kind: str = "") -> list[str]:
    if not isinstance(text, dict) or not isinstance(text.get("text"), str) or not text["text"]:
        return ["a text is missing or empty"]
    faults = [f"text over {limit}"] if len(text["text"]) > limit else []
    if text.get("type") not in (("plain_text",), ("plain_text", "mrkdwn"))[not kind]:
        faults.append(f"text of type {text.get('type')}")
    return faults
