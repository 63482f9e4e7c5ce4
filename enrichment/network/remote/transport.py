"""Fetches one small answer over HTTP: bounded in time, size and redirects, and led only to registries."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from core.errors import DormouseError
from core.version import __version__

REDIRECTS = 3
_STEP = 64 << 10


class CallError(DormouseError):
    """A call that came to nothing: the source is slow, out of order, or says what can't be."""


class ThrottledError(CallError):
    """The source asks to be left alone for a while."""

    def __init__(self, text: str, retry_after: timedelta | None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class NoRecordError(DormouseError):
    """The source answered that it knows nothing about this."""


class ReferralError(DormouseError):
    """The source says that another one knows more; nobody has been asked there yet."""

    def __init__(self, to: str) -> None:
        super().__init__(f"{to} knows more")
        self.to = to


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one call may take."""

    silence: float = 5.0
    """Seconds without a byte."""
    total: float = 10.0
    """Seconds in all, redirects included."""
    size: int = 1 << 20
    """Bytes of the answer. Registries' own are below 100 kB."""


class Transport:
    """Asks a web address and returns what it answers as bytes."""

    def __init__(
        self,
        registry_at: Callable[[str], str | None],
        bounds: Bounds | None = None,
        opener: urllib.request.OpenerDirector | None = None,
    ) -> None:
        """`registry_at` says whose a web address is; redirects to others are refused. `opener` replaces ours."""
        self._registry_at = registry_at
        self._bounds = bounds or Bounds()
        self._opener = opener

    def get(self, url: str, accept: str, form: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        """Return the answer's body.

        Raises NoRecordError (404), ThrottledError (429), ReferralError (a redirect to another registry), and CallError
        for everything else: no answer in time, too large, an error of the server, a redirect to no registry.
        """
        request = urllib.request.Request(url, data=form, headers={**(headers or {}), "Accept": accept})  # noqa: S310 - the address is a registry's, see registry_at
        request.add_header("User-Agent", f"Dormouse/{__version__}")
        with _watch(self._bounds.total) as watch:
            try:
                opener = self._opener or _opener(watch, self._registry_at(url), self._registry_at)
                with opener.open(request, timeout=self._bounds.silence) as answer:
                    return self._body(answer)
            except urllib.error.HTTPError as error:
                with error:
                    raise _of_status(error) from None
            except CallError:
                if watch.is_over:
                    raise CallError("no answer in time") from None
                raise
            except DormouseError:
                raise
            except (OSError, http.client.HTTPException, ValueError) as error:
                late = watch.is_over or isinstance(error, TimeoutError) or "timed out" in str(error)
                raise CallError("no answer in time" if late else f"the call failed: {type(error).__name__}") from None

    def _body(self, answer: Any) -> bytes:
        parts = bytearray()
        while step := answer.read1(_STEP) if hasattr(answer, "read1") else answer.read(_STEP):
            parts += step
            if len(parts) > self._bounds.size:
                raise CallError(f"the answer is larger than {self._bounds.size:,} bytes")
        announced = getattr(answer, "length", None)
        if announced:  # read1 doesn't complain when the server goes away too early
            raise CallError("the answer was cut off")
        return bytes(parts)


def _of_status(error: urllib.error.HTTPError) -> DormouseError:
    if error.code == 404:
        return NoRecordError("no such record")
    if error.code == 429:
        return ThrottledError("too many calls (429)", _retry_after(error.headers))
    if error.code == 503 and error.headers.get("Retry-After"):
        return ThrottledError("closed for now (503)", _retry_after(error.headers))
    return CallError(f"it answered {error.code}")


def _retry_after(headers: Message) -> timedelta | None:
    """Read seconds, or a date, which counts from the answer's own."""
    text = headers.get("Retry-After")
    if not text:
        return None
    if text.strip().isdigit():
        return timedelta(seconds=min(int(text), 7 * 86_400))
    with contextlib.suppress(ValueError, TypeError):
        return max(parsedate_to_datetime(text) - parsedate_to_datetime(headers["Date"]), timedelta(0))
    return None


class _Watch:
    """Closes the connections of one call when its time is up: a byte now and then keeps no call alive."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def add(self, connected: socket.socket) -> None:
        with self._lock:
            self._sockets.append(connected)
            if self.is_over:
                _shut(connected)

    def close(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            for connected in self._sockets:
                _shut(connected)


def _shut(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # under TLS too: nothing is to be said goodbye to


@contextlib.contextmanager
def _watch(seconds: float) -> Iterator[_Watch]:
    watch = _Watch(seconds)
    try:
        yield watch
    finally:
        watch.close()


def _watched(make: type[http.client.HTTPConnection], watch: _Watch) -> Callable[..., http.client.HTTPConnection]:
    class Connection(make):  # type: ignore[misc,valid-type]
        def connect(self) -> None:
            super().connect()
            watch.add(self.sock)

    return Connection


class _Http(urllib.request.HTTPHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._connection = _watched(http.client.HTTPConnection, watch)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self._connection), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._connection = _watched(http.client.HTTPSConnection, watch)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self._connection), req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a registry to itself, tells of one that leads to another registry, and refuses all other ways."""

    max_redirections = REDIRECTS
    max_repeats = 1

    def __init__(self, home: str | None, registry_at: Callable[[str], str | None]) -> None:
        self._home = home
        self._registry_at = registry_at

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        to = self._registry_at(newurl)
        if to is None:
            raise CallError("it leads to an address that is no registry's")
        if to != self._home:
            raise ReferralError(to)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(watch: _Watch, home: str | None, registry_at: Callable[[str], str | None]) -> urllib.request.OpenerDirector:
    """No files, no FTP, no data addresses: only the web."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Http(watch),
        _Https(watch),
        _Redirects(home, registry_at),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
