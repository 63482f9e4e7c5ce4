"""Answers a repeated request as the first time, by its `Idempotency-Key` (IETF draft 07)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from flask import Response, request
from sqlalchemy import Connection

from app.api import store
from app.api.keys import caller
from app.api.problems import ApiError
from app.shell import now, shell
from core.database import writing

LONGEST = 255
GIVEN_UP = timedelta(minutes=1)
"""A request still in flight after this long has died; its repetition is worked off."""


def once(body: bytes, work: Callable[[Connection], tuple[int, str]]) -> Response:
    """Do `work` in one transaction and answer with its status and JSON; a repetition gets the same answer, undone.

    Without an Idempotency-Key the work is simply done. Raises ApiError: 422 for the same key with another body, 409
    while the first request is in flight.
    """
    text = request.headers.get("Idempotency-Key", "").strip()
    if not text:
        with writing(shell().engine) as connection:
            status, answer = work(connection)
        return _json(status, answer)
    if len(text) > LONGEST:
        raise ApiError(400, f"The Idempotency-Key is longer than {LONGEST} characters. Send a UUID.")
    key, name = caller().id, hashlib.sha256(f"{request.path}\n{text}".encode()).hexdigest()
    if (kept := _begin(key, name, hashlib.sha256(body).hexdigest())) is not None:
        response = _json(kept.status, kept.answer)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    try:
        with writing(shell().engine) as connection:
            status, answer = work(connection)
            store.keep_answer(connection, key, name, status, answer)
    except Exception:
        with writing(shell().engine) as connection:
            store.forget(connection, key, name)
        raise
    return _json(status, answer)


def _begin(key: str, name: str, body_hash: str) -> store.KeptAnswer | None:
    """Claim the request; returns what was answered before, if it was."""
    with writing(shell().engine) as connection:
        kept = store.claim(connection, key, name, body_hash, now())
        if kept is None:
            return None
        is_over = now() - kept.at > store.ANSWERS_LIVE
        is_dead = kept.status == 0 and now() - kept.at > GIVEN_UP
        if is_over or (is_dead and kept.body_hash == body_hash):
            if store.take_over(connection, key, name, kept, body_hash, now()):
                return None
            raise _in_flight()
    if kept.body_hash != body_hash:
        raise ApiError(422, "This Idempotency-Key was used for another body. Send a new key with a new request.")
    if kept.status == 0:
        raise _in_flight()
    return kept


def _in_flight() -> ApiError:
    return ApiError(409, "The first request with this Idempotency-Key is still being worked off.", retry_after=1)


def _json(status: int, text: str) -> Response:
    return Response(text, status, content_type="application/json")
