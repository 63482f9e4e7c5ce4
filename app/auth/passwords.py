"""Hashes and checks passwords with argon2, never more than a few at a time: each check takes 64 MiB."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import UnavailableError

AT_ONCE = 2
WAIT_SECONDS = 10.0

_hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(AT_ONCE)
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$0gEuUsxSaVomG+Utz0mksA$BDJnz7ibIs4bHrhyToGdn8SC1YLLvfXcNf3swTknJN0"
"""A well-formed hash of no password, checked for unknown users so that they take as long as known ones."""


def hashed(password: str) -> str:
    """Return the hash to store for `password`."""
    with _Turn():
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether `password` belongs to the hash; as slow for None (no such user) as for a wrong password.

    Raises UnavailableError when too many checks are waiting.
    """
    with _Turn():
        try:
            return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


class _Turn:
    """A place among the few checks that may run at once."""

    def __enter__(self) -> None:
        if not _turns.acquire(timeout=WAIT_SECONDS):
            raise UnavailableError("Too many people are logging in at this moment. Try again in a few seconds.")

    def __exit__(self, *_: object) -> None:
        _turns.release()
