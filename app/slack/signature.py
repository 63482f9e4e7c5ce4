"""Whether a request is Slack's, and wasn't seen before (pure).

Slack's own verifier fails on a timestamp that is no number, and remembers nothing within its five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

MOST_SECONDS_OFF = 300
"""How far a request's stamp may be from our clock, before or after."""

REMEMBER = timedelta(minutes=10)
"""Longer than a stamp is good for: whatever comes twice comes too late or is remembered."""

_MOST_REMEMBERED = 100_000


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what Slack writes into `X-Slack-Signature`."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_slacks(secret: str, timestamp: str, given: str, body: bytes, now: datetime) -> bool:
    """Say whether the raw body was signed with our secret within the last five minutes; anything odd is a no."""
    try:
        if not (secret and timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return False
        if abs(now.timestamp() - int(timestamp)) > MOST_SECONDS_OFF:
            return False
        return hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode("utf-8", "replace"))
    except Exception:  # whatever a stranger thinks of: the answer is no, never a failure
        return False


class Seen:
    """Signatures that were used within ten minutes, in the memory of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: OrderedDict[bytes, datetime] = OrderedDict()

    def again(self, given: str, now: datetime) -> bool:
        """Say whether this signature was used before, and remember it."""
        key = hashlib.sha256(given.encode("utf-8", "replace")).digest()
        with self._lock:
            while self._used:
                oldest, at = next(iter(self._used.items()))
                if now - at <= REMEMBER and len(self._used) <= _MOST_REMEMBERED:
                    break
                del self._used[oldest]
            if key in self._used:
                return True
            self._used[key] = now
            return False
