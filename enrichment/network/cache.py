"""A bounded memory of answers that forgets what nobody asked for lately (pure)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Keeps at most `limit` answers in two halves; when the young half is full, the old half is dropped.

    This forgets roughly the least recently asked at the cost of one dictionary look-up, where an exact order costs a
    list operation at each hit.
    """

    def __init__(self, limit: int) -> None:
        if limit < 2:
            raise ValueError("a cache holds at least 2 answers")
        self._half = limit // 2
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return the answer kept for `key`, or None."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Keep an answer (None can't be one)."""
        if len(self._young) >= self._half and key not in self._young:
            self._old = self._young
            self._young = {}
        self._young[key] = value

    def clear(self) -> None:
        """Forget everything: the source of the answers changed."""
        self._young, self._old = {}, {}

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())
