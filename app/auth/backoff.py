"""Makes guessing passwords slow: after a few failures each further one doubles the wait (pure, kept in memory)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How often somebody failed, and when last."""

    count: int
    last_at: datetime

    @property
    def blocked_until(self) -> datetime:
        over = self.count - FREE_TRIES
        if over < 0:
            return self.last_at
        wait: timedelta = FIRST_WAIT * int(2 ** min(over, 20))
        return self.last_at + min(LONGEST_WAIT, wait)


class Backoff:
    """Counts failures by account with address, and by address alone (with ten times as many free tries)."""

    def __init__(self) -> None:
        self._failures: dict[str, Failures] = {}
        self._lock = threading.Lock()

    def wait_seconds(self, account: str, address: str, now: datetime) -> int:
        """Return for how many seconds this account may not try again from this address; 0: go ahead."""
        with self._lock:
            waits = [
                found.blocked_until - now
                for key, _weight in self._keys(account, address)
                if (found := self._failures.get(key)) is not None
            ]
        return max([0, *(-(-int(wait.total_seconds() * 1000) // 1000) for wait in waits)])

    def failed(self, account: str, address: str, now: datetime) -> None:
        """Count one failure."""
        with self._lock:
            if len(self._failures) >= MOST_KEYS:
                self._forget_old(now)
            for key, weight in self._keys(account, address):
                before = self._failures.get(key)
                if before is None or now - before.last_at > FORGOTTEN_AFTER:
                    before = Failures(count=-weight, last_at=now)
                self._failures[key] = Failures(count=before.count + 1, last_at=now)

    def succeeded(self, account: str, address: str) -> None:
        """Forget this account's failures from this address."""
        with self._lock:
            self._failures.pop(self._keys(account, address)[0][0], None)

    @staticmethod
    def _keys(account: str, address: str) -> tuple[tuple[str, int], ...]:
        return ((f"{account.casefold()[:254]}\x1f{address}", 0), (f"\x1f{address}", 9 * FREE_TRIES))

    def _forget_old(self, now: datetime) -> None:
        kept = {key: found for key, found in self._failures.items() if now - found.last_at <= FORGOTTEN_AFTER}
        newest = sorted(kept, key=lambda key: kept[key].last_at)[-MOST_KEYS // 2 :]
        self._failures = {key: kept[key] for key in newest}
