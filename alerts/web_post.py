"""Posts JSON to a web address that the operator named: bounded in time and size, never led elsewhere.

The addresses are settings, so private ones are allowed: whoever can change them can do anything here. What answers is
not trusted all the same: redirects are refused, and of the answer only its status and first bytes are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)

from core.errors import ChannelError
from core.version import __version__

_READ = 4096  # bytes of the answer: an error's name stands at its beginning
_LONGEST_WAIT = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver answered."""

    status: int
    text: str
    """The beginning of its body, one line."""
    retry_after: float | None
    """Seconds that it asked us to wait."""

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


class WebPost:
    """Posts to web addresses; may be used from several threads."""

    def __init__(self, who: str, timeout: float) -> None:
        """`who` names the receiver in errors; `timeout` in seconds, for connecting and for the answer each."""
        self._who = who
        self._timeout = urllib3.Timeout(connect=min(5.0, timeout), read=timeout)
        self._pool = urllib3.PoolManager(num_pools=10, maxsize=8, retries=False, timeout=self._timeout)

    def post(self, url: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        """Post JSON and return the answer, whatever its status.

        Raises ChannelError without an answer: ambiguous unless surely nothing was sent.
        """
        sent = {"Content-Type": "application/json", "User-Agent": f"Dormouse/{__version__}", **(headers or {})}
        try:
            response = self._pool.request(
                "POST", url, body=body, headers=sent, redirect=False, retries=False, preload_content=False
            )
            try:
                start = response.read(_READ, decode_content=True) or b""
            finally:
                # the rest is never read: the connection can't be used again
                response.close()
        except SSLError as error:
            raise ChannelError(f"{self._who} has no valid certificate ({_host(url)})") from error
        except (NewConnectionError, ConnectTimeoutError, NameResolutionError) as error:
            raise ChannelError(f"{self._who} can't be reached ({_host(url)}): check its address") from error
        except LocationValueError as error:
            raise ChannelError(f"{self._who} has no usable address", permanent=True) from error
        except (HTTPError, OSError, ValueError) as error:
            raise ChannelError(f"{self._who} didn't answer ({type(error).__name__})", ambiguous=True) from error
        return Answer(
            status=response.status, text=_line(start), retry_after=_retry_after(response.headers.get("Retry-After", ""))
        )


def failed(who: str, answer: Answer) -> ChannelError:
    """Return what an answer means that isn't a success and has no meaning of its own for `who`."""
    if answer.retry_after is not None and answer.status in (429, 503):
        return ChannelError(f"{who} asks us to wait ({answer.status})", retry_after=answer.retry_after)
    if answer.status == 429:
        return ChannelError(f"{who} asks us to wait (429)", retry_after=30.0)
    if answer.status >= 500:
        return ChannelError(f"{who} failed ({_said(answer)})", ambiguous=True)
    if 300 <= answer.status < 400:
        return ChannelError(f"{who} leads elsewhere ({answer.status}): give its final address")
    return ChannelError(f"{who} refuses the message ({_said(answer)})", permanent=True)


def _said(answer: Answer) -> str:
    return f"{answer.status} {answer.text}".strip()


def _host(url: str) -> str:
    return urlsplit(url).hostname or "no host"


def _line(start: bytes) -> str:
    text = re.sub(r"[^\x20-\x7e]+", " ", start.decode("utf-8", "replace"))
    return " ".join(text.split())[:120]


def _retry_after(text: str) -> float | None:
    """Read seconds; a date counts as half a minute, since clocks differ."""
    if not text:
        return None
    return min(_LONGEST_WAIT, max(1.0, float(text))) if text.strip().isdigit() else 30.0
