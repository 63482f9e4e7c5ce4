"""The door of the API: every call brings a key, and a key is good for what its scopes say.

A view of the API is one function under two decorators:

    @doors.post("/corrections")
    @require("corrections")
    def correct() -> Response: ...

`caller()` then says whose key it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Literal, ParamSpec, cast, get_args

from flask import Response, g, request
from sqlalchemy import Connection

from app import security
from app.api import problems, store
from app.api.problems import ApiError
from app.api.store import ApiKey
from app.shell import now, shell
from core.database import AWAY, reading, writing
from core.errors import InputError
from core.ids import derived, random_token

P = ParamSpec("P")

Scope = Literal["events", "corrections", "corrections:admin", "read"]
"""`events`: send events; `corrections`: say which company a network is, as one voice; `corrections:admin`: the same,
and it counts for everybody at once; `read`: read figures."""

SCOPES: tuple[Scope, ...] = get_args(Scope)

TOUCH_EVERY = timedelta(minutes=1)
_MARK = "dmk_"
_SHOWN = len(_MARK) + 6
TRY_AGAIN_SECONDS = 5


def require(scope: Scope) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Let a view be called with a key of this scope only; its ApiErrors are answered as problems.

    No cookie counts here, so no other website can make a browser call it.
    """

    def around(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def asked(*args: P.args, **kwargs: P.kwargs) -> Response:
            try:
                g.api_key = _key(scope)
                return view(*args, **kwargs)
            except ApiError as error:
                return problems.of_error(error)
            except AWAY:
                text = "The database doesn't answer. Send the same request again: nothing of it was kept."
                return problems.of_error(ApiError(503, text, retry_after=TRY_AGAIN_SECONDS))

        security.without_cookies(asked)
        return asked

    return around


def caller() -> ApiKey:
    """Return the key of this request."""
    return cast(ApiKey, g.api_key)


def add(connection: Connection, name: str, scopes: tuple[str, ...], at: datetime) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which is kept nowhere. Raises InputError for a wrong name or scope."""
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise InputError("give the key a name of 1 to 100 characters: what it is for, such as `shop backend`")
    wrong = sorted(set(scopes) - set(SCOPES))
    if wrong or not scopes:
        raise InputError(f"{', '.join(wrong) or 'no scope'}: give some of {', '.join(SCOPES)}")
    if any(key.name == name and key.revoked_at is None for key in store.all_keys(connection)):
        raise InputError(f"there is a key {name!r} already: revoke it, or give another name")
    text = _MARK + random_token(32)
    key = ApiKey(
        id=derived("api-key", text),
        name=name,
        prefix=text[:_SHOWN],
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=at,
        last_used_at=None,
        revoked_at=None,
    )
    store.add_key(connection, key, _hash(text))
    return key, text


def revoke(connection: Connection, name: str, at: datetime) -> ApiKey:
    """End the key of this name or prefix. Raises InputError when there isn't one such key in force."""
    found = [key for key in store.all_keys(connection) if key.revoked_at is None and name in (key.name, key.prefix)]
    if len(found) != 1:
        raise InputError(f"there is no key {name!r} in force: `dormouse api-key list` shows them")
    store.revoke_key(connection, found[0].id, at)
    return found[0]


def _key(scope: Scope) -> ApiKey:
    """Return the key of this request, if it is good for `scope`. Raises ApiError."""
    text = _sent()
    if not text:
        advice = "Send a key: `Authorization: Bearer KEY`. `dormouse api-key add NAME` makes one."
        raise ApiError(401, advice, authenticate=True)
    with reading(shell().engine) as connection:
        key = store.key_by_hash(connection, _hash(text))
    if key is None or key.revoked_at is not None:
        raise ApiError(401, "This key isn't known, or was revoked. Make another one.", authenticate=True)
    if not any(each == scope or each == f"{scope}:admin" for each in key.scopes):
        raise ApiError(403, f"The key {key.name!r} has no scope {scope!r}. Make one with `--scope {scope}`.")
    if key.last_used_at is None or now() - key.last_used_at > TOUCH_EVERY:
        with writing(shell().engine) as connection:
            store.touch_key(connection, key.id, now())
    return key


def _sent() -> str:
    """Return the key that was sent as a bearer token, or as the user name (else the password) of Basic."""
    kind, _, value = request.headers.get("Authorization", "").strip().partition(" ")
    value = value.strip()
    if kind.lower() == "bearer":
        return value
    if kind.lower() != "basic":
        return ""
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return user if user.startswith(_MARK) else password


def _hash(text: str) -> str:
    """A key is 32 random bytes, so a plain hash can't be guessed back."""
    return hashlib.sha256(text.encode()).hexdigest()
