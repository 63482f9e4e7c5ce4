"""Errors of the API as RFC 9457 problems: what is wrong, and what to do."""

from __future__ import annotations

import msgspec
from flask import Response, request
from werkzeug.exceptions import HTTPException

from core.ids import random_token

MEDIA_TYPE = "application/problem+json"

KINDS: dict[int, tuple[str, str]] = {
    400: ("unreadable", "The request can't be read"),
    401: ("key-needed", "A key is needed"),
    403: ("wrong-scope", "The key isn't for this"),
    404: ("not-found", "There is nothing here"),
    405: ("wrong-method", "This can't be done here"),
    409: ("in-flight", "The same request is being worked off"),
    413: ("too-large", "Too much at once"),
    415: ("wrong-type", "This kind of body isn't taken"),
    422: ("contradiction", "The request contradicts itself"),
    500: ("failed", "Something went wrong here"),
    503: ("not-now", "Not now"),
}
"""Status → the problem's name in its `type` (docs/api.md explains each), and its title."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of an error."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: tuple[str, ...] = ()
    """Every mistake found, where there are several."""


class ApiError(Exception):
    """An error that the API answers with; `detail` says what to do."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: tuple[str, ...] = (),
        retry_after: int | None = None,
        authenticate: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
        self.authenticate = authenticate


def is_api() -> bool:
    """Say whether this request is for the API, so that its errors are problems and no pages."""
    return request.path.startswith("/api/")


def of_error(error: ApiError) -> Response:
    """Return the answer that an ApiError stands for."""
    response = answer(error.status, error.detail, errors=error.errors)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.authenticate:
        response.headers["WWW-Authenticate"] = 'Bearer realm="dormouse"'
    return response


def of_http(error: HTTPException, detail: str) -> Response:
    """Return the answer to what Flask refused."""
    response = answer(error.code or 500, detail)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def answer(status: int, detail: str, *, errors: tuple[str, ...] = ()) -> Response:
    """Return a problem."""
    name, title = KINDS.get(status, ("error", "Something is wrong"))
    problem = Problem(
        type=f"urn:dormouse:problem:{name}",
        title=title,
        status=status,
        detail=detail,
        instance=request.path,
        request_id=random_token(9),
        errors=errors,
    )
    return Response(msgspec.json.encode(problem), status, content_type=MEDIA_TYPE)
