"""The browser's side of security: response headers, and refusing requests that another site caused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

from app.shell import shell

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'none'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""The content security policy of every page; a blueprint widens it for itself with `widen`."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "X-Frame-Options": "DENY",
}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def widen(**directives: str) -> None:
    """Replace directives of the policy for this response: `widen(frame_src="'self'")`.

    Call it in a view or in a blueprint's `before_request`. Never give it an `unsafe-` word.
    """
    changed = {name.replace("_", "-"): value for name, value in directives.items()}
    if any("unsafe" in value for value in changed.values()):
        raise ValueError("the content security policy has no unsafe- words, on any page")
    g.policy = {**g.get("policy", {}), **changed}


def policy_text() -> str:
    """Return the policy of this response as the header's value."""
    return "; ".join(f"{name} {value}" for name, value in {**POLICY, **g.get("policy", {})}.items())


def guard(app: Flask) -> None:
    """Make `app` check where unsafe requests come from, and put the headers on every answer."""
    app.before_request(_refuse_other_sites)
    app.after_request(_add_headers)


_cookieless: set[object] = set()


def without_cookies(view: Callable[..., Any]) -> None:
    """Mark a view that no cookie opens: it asks for a key itself, so another site has nothing to misuse."""
    _cookieless.add(view)


def is_without_cookies() -> bool:
    """Say whether this request is for a view that no cookie opens."""
    return current_app.view_functions.get(request.endpoint or "") in _cookieless


def _refuse_other_sites() -> None:
    if request.method in SAFE_METHODS or is_without_cookies() or is_same_origin():
        return
    abort(403, "This request came from another website, so nothing was done. Open the page again and retry.")


def is_same_origin() -> bool:
    """Tell whether a page of ours caused this request, by what the browser itself says (it can't be forged there)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = urlsplit(request.headers.get("Origin", ""))
    own = {request.host, urlsplit(shell().settings.public_url).netloc}
    return origin.scheme in ("http", "https") and origin.netloc in own


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy_text())
    if "frame-ancestors" in g.get("policy", {}):
        del response.headers["X-Frame-Options"]  # it knows no list of origins; the policy above says it better
    if shell().is_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
