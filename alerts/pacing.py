"""How soon the next message may go to a destination (pure: time is an argument)."""

from __future__ import annotations

import threading


class Pacer:
    """Keeps messages to one destination apart, and keeps quiet where a channel asked for it.

    Times are seconds of one monotonic clock. Nobody sleeps here: who must wait is told how long.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}
        self._tail: dict[str, float] = {}
        self._waiting: dict[str, set[str]] = {}

    def wait(self, who: str, key: str, channel: str, pace: float, now: float) -> float:
        """Return 0 and count a message to `key`, or the seconds after which `who` may ask again; counts nothing then.

        `channel` may be held as a whole. Those who wait get places one `pace` apart, so that a hundred of them don't
        all come back for the same one; who comes back keeps its turn.
        """
        with self._lock:
            free_at = max(self._free_at.get(key, 0.0), self._free_at.get(channel, 0.0))
            waiting = self._waiting.setdefault(key, set())
            if free_at <= now:
                waiting.discard(who)
                if pace > 0:
                    self._free_at[key] = now + pace
                    self._tail[key] = max(self._tail.get(key, 0.0), now)
                self._forget(now)
                return 0.0
            if who in waiting:
                return free_at - now
            waiting.add(who)
            place = max(free_at, self._tail.get(key, 0.0) + pace)
            self._tail[key] = place
            return place - now

    def over(self, key: str, pace: float, now: float) -> None:
        """Count the message to `key` from the end of its call: on its way it may have been late, the next one not."""
        with self._lock:
            if pace > 0:
                self._free_at[key] = max(self._free_at.get(key, 0.0), now + pace)

    def hold(self, key: str, seconds: float, now: float) -> None:
        """Let nothing pass for `seconds`; everybody waiting gets a new place when they come back."""
        with self._lock:
            until = max(self._free_at.get(key, 0.0), now + seconds)
            self._free_at[key] = until
            self._tail[key] = until
            self._waiting.pop(key, None)

    def _forget(self, now: float) -> None:
        if len(self._free_at) + len(self._waiting) > 10_000:
            self._free_at = {key: at for key, at in self._free_at.items() if at > now}
            self._tail = {key: at for key, at in self._tail.items() if at > now}
            self._waiting = {key: who for key, who in self._waiting.items() if who}
