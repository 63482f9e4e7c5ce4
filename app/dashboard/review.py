"""Where people say whose a visit was: the review queue, "Who was it?", what was said, and how far sources can be
believed."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from app import corrections, review_queries
from app.auth.login import safe_next
from app.dashboard.live import page
from app.dashboard.measured import measured
from app.dashboard.queries_verdicts import judged_answers
from app.dashboard.reliability_plot import banded, svg
from app.shell import now, shell, user
from core.clock import monotonic
from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from enrichment.enrich import Rules

pages = Blueprint("review", __name__)

COUNT_FOR_SECONDS = 20.0
"""How stale the count in the menu may be: it stands on every page."""


def rules() -> Rules:
    """Return the operator's rules: what changes hands is judged by them."""
    from app import wiring  # late: it knows all parts, and pages are made without most of them

    return wiring.rules(shell().settings, shell().engine)


def _questions(connection: Connection, owner: str = "", site: str = "") -> tuple[review_queries.Question, ...]:
    who, settings = user(), shell().settings
    return review_queries.open_questions(
        connection,
        owner,
        now=now(),
        alert_point=settings.alert_point,
        digest_point=settings.digest_point,
        viewer=who.email if who else "",
        site=site,
    )


def count_open() -> int:
    """Return how many questions are open, as of the last few seconds."""
    who = user()
    key = f"open_questions:{who.email if who else ''}"
    kept: tuple[float, int] = current_app.extensions.get(key, (float("-inf"), 0))
    if monotonic() - kept[0] > COUNT_FOR_SECONDS:
        with reading(shell().engine) as connection:
            kept = (monotonic(), len(_questions(connection)))
        current_app.extensions[key] = kept
    return kept[1]


def _forget_count() -> None:
    for key in [key for key in current_app.extensions if key.startswith("open_questions:")]:
        current_app.extensions.pop(key, None)


@pages.get("/review")
def review() -> Response:
    """Show the open questions, and below them what people said."""
    owner, site = request.args.get("owner", "")[:254], request.args.get("site", "")[:253]
    with reading(shell().engine) as connection:
        questions = _questions(connection, owner, site)
        said = review_queries.said_words(connection, 50)
    return page("review.html", questions=questions, said=said, owner=owner)


@pages.post("/review")
def answer() -> AnyResponse:
    """Keep an answer: `account` is one of the candidates, or `neither`."""
    who, visit, chosen = user(), request.form.get("visit", "")[:36], request.form.get("account", "")
    candidates = [AccountId(each[:100]) for each in request.form.getlist("candidate")[:20]]
    if who is None or not visit or not (chosen in candidates or (chosen == "neither" and candidates)):
        abort(400, "This answer isn't one of those offered. Open the page again and retry.")
    said: list[str] = []
    try:
        with writing(shell().engine) as connection:
            for account in candidates if chosen == "neither" else [AccountId(chosen)]:
                verdict = corrections.of_visit(
                    connection, visit, "wrong" if chosen == "neither" else "right", account, who.email, now(), rules()
                )
                said += [verdict.said] if verdict else []
    except InputError as error:
        abort(400, str(error))
    _forget_count()
    flash(said[-1] if said else "This visit is gone: it was older than visits are kept.")
    return redirect(url_for("review.review"), 303)


@pages.get("/who/<visit>")
def who(visit: str) -> Response:
    """Ask whose a visit was that isn't the account's it was taken for."""
    search = request.args.get("q", "").strip()[:100]
    with reading(shell().engine) as connection:
        asked = review_queries.asked(connection, visit)
        if asked is None:
            abort(404, "This visit is gone: it was older than visits are kept.")
        found = review_queries.find_accounts(connection, search) if search else ()
        if not search and asked.organisation:
            found = review_queries.find_accounts(connection, asked.organisation.split(" ")[0])
        standing = corrections.standing_on(connection, visit, AccountId(asked.taken_from)) if asked.taken_from else ()
        name = corrections.name_of(connection, asked.taken_from) if asked.taken_from else ""
    others = [each for each in found if each.id != asked.taken_from]
    back = safe_next(request.args.get("back"))
    return page("who.html", asked=asked, found=others, search=search, standing=standing, name=name, back=back)


@pages.post("/who/<visit>")
def name_who(visit: str) -> AnyResponse:
    """Keep whose a visit was."""
    who, account = user(), AccountId(request.form.get("account", "")[:100])
    if who is None or not account:
        abort(400, "Say which account it was.")
    try:
        with writing(shell().engine) as connection:
            spoken = corrections.of_visit(connection, visit, "right", account, who.email, now(), rules())
    except InputError as error:
        abort(400, str(error))
    _forget_count()
    flash(spoken.said if spoken else "This visit is gone: it was older than visits are kept.")
    return redirect(url_for("accounts.timeline", account=account), 303)


@pages.get("/sources")
def sources() -> Response:
    """Show how often people said of each source that it was right, and of our sureness as a whole."""
    with reading(shell().engine) as connection:
        rows = review_queries.source_rows(connection)
        bands = banded(judged_answers(connection))
    found = measured()
    return page(
        "sources.html",
        rows=rows,
        bands=bands,
        measured=found,
        # made of our own numbers and words alone
        own_picture=Markup(svg(bands, "Sureness on your visits")),  # noqa: S704
        measured_picture=Markup(svg(found.drawn, "Sureness as measured")) if found else "",  # noqa: S704
    )
