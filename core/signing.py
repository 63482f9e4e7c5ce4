"""Mints and reads signed, expiring tokens and links."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer


def sign(secret: str, purpose: str, payload: Any) -> str:
    """Return a URL-safe token that carries `payload` (JSON values) and can't be altered; one purpose, one use."""
    return _serializer(secret, purpose).dumps(payload)


def read(secret: str, purpose: str, token: str, max_age_seconds: int) -> Any | None:
    """Return the payload of a token minted for this purpose at most `max_age_seconds` ago, else None."""
    try:
        return _serializer(secret, purpose).loads(token, max_age=max_age_seconds)
    except (BadData, UnicodeEncodeError):
        return None


def keyed_hash(secret: str, purpose: str, text: str) -> str:
    """Return a hash (64 hex digits) of `text` that can't be computed without the secret."""
    return hmac.new(f"{purpose}\x1f{secret}".encode(), text.encode(), hashlib.sha256).hexdigest()


def _serializer(secret: str, purpose: str) -> URLSafeTimedSerializer:
    if not secret:
        raise ValueError("no secret: run `dormouse init` first")
    return URLSafeTimedSerializer(
        secret, salt=f"dormouse.{purpose}", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )
