"""Ids derived from what they name: a replay makes the same object again."""

from __future__ import annotations

import secrets
import uuid

_ROOT = uuid.UUID("6f1d3b2e-7c1a-5d0e-9b57-d0a3305e0001")


def derived(kind: str, *parts: object) -> str:
    """Return the id of the `kind` of thing named by `parts` (uuid5): the same parts always give the same id."""
    return str(uuid.uuid5(_ROOT, "\x1f".join((kind, *map(str, parts)))))


def random_token(nbytes: int = 24) -> str:
    """Return an unguessable URL-safe token of `nbytes` random bytes."""
    return secrets.token_urlsafe(nbytes)
