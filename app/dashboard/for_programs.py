"""Corrections and coverage for programs: `/api/v1/corrections`, `/api/v1/coverage`."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import msgspec
from flask import Blueprint, Response, request

from app import corrections
from app.api.correction_shapes import CorrectionAnswer, CorrectionRequest, line
from app.api.keys import caller, require
from app.api.problems import ApiError
from app.dashboard.coverage import coverage
from app.dashboard.review import rules
from app.shell import now, shell
from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from core.signing import keyed_hash
from enrichment.company import store
from enrichment.company.voices import Scope, Verdict

doors = Blueprint("api_figures", __name__, url_prefix="/api/v1")

MOST = 1_000
LONGEST_ID = 100
LONGEST_NUMBER = 12
"""Digits; Python refuses to read very long ones."""


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, content_type="application/json")


@doors.post("/corrections")
@require("corrections")
def correct() -> Response:
    """Keep a correction; past visits follow."""
    try:
        asked = msgspec.json.decode(request.get_data(), type=CorrectionRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(400, f"Send JSON such as docs/corrections.md shows it: {error}") from error
    scope, place = _place(asked)
    if any("\x00" in text for text in (place, asked.account, asked.on_behalf_of)):
        raise ApiError(422, "A NUL character is part of no name and no id.")
    if not 1 <= len(asked.account) <= LONGEST_ID:
        raise ApiError(422, f"`account` is an account's id, 1 to {LONGEST_ID} characters.")
    if asked.verdict not in ("wrong", "right"):
        raise ApiError(422, "`verdict` is `wrong` or `right`.")
    verdict, account = cast(Verdict, asked.verdict), AccountId(asked.account)
    by = _voice(asked.on_behalf_of)
    try:
        with writing(shell().engine) as connection:
            if scope == "visit":
                spoken = corrections.of_visit(connection, place, verdict, account, by, now(), rules())
            else:
                spoken = corrections.of_place(
                    connection,
                    scope,
                    place,
                    verdict,
                    account,
                    by,
                    now(),
                    hashed=lambda ip: keyed_hash(shell().settings.secret, "address", ip),
                    rules=rules(),
                )
    except InputError as error:
        raise ApiError(422, str(error)) from error
    if spoken is None:
        raise ApiError(404, "There is no such visit; it may be older than visits are kept.")
    answer = CorrectionAnswer(id=spoken.id, said=spoken.said, moved=len(spoken.moved), for_all=spoken.for_all)
    return _json(answer, 201)


def _voice(on_behalf_of: str = "") -> corrections.Voice:
    """A key speaks as itself, whomever it names; for everybody at once only where the operator allowed it to."""
    key = caller()
    is_admin = "corrections:admin" in key.scopes
    return corrections.Voice(by=f"api:{key.name}", is_admin=is_admin, on_behalf_of=on_behalf_of)


def _place(asked: CorrectionRequest) -> tuple[Scope, str]:
    given: list[tuple[Scope, str]] = []
    if asked.address:
        given.append(("address", asked.address))
    if asked.prefix:
        given.append(("prefix", asked.prefix))
    if asked.asn is not None:
        given.append(("as", str(asked.asn)))
    if asked.visit:
        given.append(("visit", asked.visit))
    if len(given) != 1:
        raise ApiError(422, "Say what it is about by one of `address`, `prefix`, `asn`, `visit`.")
    return given[0]


@doors.get("/corrections")
@require("read")
def listed() -> Response:
    """Return corrections, newest first: `?all=1` with those taken back, `?limit=`, `?offset=`."""
    limit, offset = _number("limit", 100, MOST), _number("offset", 0, 10**7)
    with reading(shell().engine) as connection:
        kept = store.listed(connection, standing_only="all" not in request.args, limit=limit, offset=offset)
    return _json({"corrections": [line(each) for each in kept]})


@doors.delete("/corrections/<correction>")
@require("corrections")
def undo(correction: str) -> Response:
    """Take a correction back."""
    try:
        with writing(shell().engine) as connection:
            spoken = corrections.undo(connection, correction, _voice(), now(), rules())
    except corrections.NotTheirsError as error:
        raise ApiError(403, f"{error}. A key with the scope `corrections:admin` may, too.") from error
    if spoken is None:
        raise ApiError(404, "No such correction stands.")
    return _json(CorrectionAnswer(id=spoken.id, said=spoken.said, moved=len(spoken.moved), for_all=True))


@doors.get("/coverage")
@require("read")
def covered() -> Response:
    """Return the funnel: `?site=` one website, `?days=` how far back (30)."""
    since = now() - timedelta(days=max(1, _number("days", 30, 36_500)) - 1)
    with reading(shell().engine) as connection:
        return _json(coverage(connection, since, request.args.get("site", "")[:253]))


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and int(text) <= most):
        raise ApiError(422, f"`{name}` is a whole number up to {most}.")
    return int(text)
