"""Answers pages and the fragments of them that a script asks for again: unchanged ones cost no bytes."""

from __future__ import annotations

import hashlib

from flask import Response, make_response, render_template, request


def page(template: str, **context: object) -> Response:
    """Render `template`; for `?fragment=1` only its live part `_<template>`, with an ETag and 304 when unchanged."""
    if "fragment" not in request.args:
        return make_response(render_template(template, **context))
    body = render_template(f"_{template}", **context)
    response = make_response(body)
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:24])
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def page_number() -> int:
    """Return the page asked for by `?page=`; 1 for anything odd."""
    text = request.args.get("page", "1")
    return min(max(1, int(text)), 10_000) if text.isascii() and text.isdigit() else 1
