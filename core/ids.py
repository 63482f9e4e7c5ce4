"""Ids derived from what they name: a replay makes the same object again."""

from __future__ import annotations

import hashlib
import secrets
import uuid

_ROOT = uuid.UUID("6f1d3b2e-7c1a-5d0e-9b57-d0a3305e0001")


def derived(kind: str, *parts: object) -> str:
    """Return the id of the `kind` of thing named by `parts` (uuid5): the same parts always give the same id."""
    name = "\x1f".join((kind, *map(str, parts)))
    # uuid.uuid5 does the same in twice the time, and every line of a log has its id
    digest = bytearray(hashlib.sha1(_ROOT.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def random_token(nbytes: int = 24) -> str:
    """Return an unguessable URL-safe token of `nbytes` random bytes."""
    return secrets.token_urlsafe(nbytes)
