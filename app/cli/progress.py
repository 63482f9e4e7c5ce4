"""Shows long work on the terminal."""

from __future__ import annotations

import sys
from types import TracebackType

from core import clock


class Bar:
    """One line that is rewritten: call it with (what, done, total). Silent where nobody watches a terminal."""

    def __init__(self) -> None:
        self._shown_at = float("-inf")
        self._on = sys.stderr.isatty()
        self._width = 0

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away, so that others can be printed."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = clock.monotonic()
        if not self._on or (now - self._shown_at < 0.1 and done < total):
            return
        self._shown_at = now
        share = f"{100 * done // total:3d} %" if total else f"{done:,}"
        text = f"  {share}  {what}"
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = max(self._width, len(text))
