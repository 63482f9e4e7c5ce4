"""Shadow mode: what reps would have had, samples to judge one at a time, and going live."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

import alerts.store
from alerts.shadow import store
from alerts.shadow.golive import VERDICTS, warnings
from app import audit
from app.dashboard.team import policy
from app.shell import now, shell, user
from core.database import reading, writing
from core.domain import AlertId

pages = Blueprint("shadow", __name__)


def may_judge() -> bool:
    """Whether who looks may judge samples, begin shadow mode and go live."""
    who = user()
    return who is not None and who.role in ("admin", "manager")


@pages.get("/shadow")
def shadow() -> Response:
    """Show the run's figures and a sample; with `?golive=1`, what speaks against going live, to be confirmed."""
    rules = policy().shadow
    with reading(shell().engine) as connection:
        run = store.last_run(connection)
        figures = store.figures(connection, run, now()) if run else None
        sample = store.next_sample(connection, run) if run and may_judge() else None
        row = alerts.store.alert_row(connection, sample) if sample else None
    return make_response(
        render_template(
            "shadow.html",
            figures=figures,
            is_on=figures is not None and figures.run.ended_at is None,
            against=warnings(figures, rules) if figures else (),
            row=row,
            rules=rules,
            asks="golive" in request.args,
            may_judge=may_judge(),
        )
    )


@pages.post("/shadow/start")
def start() -> AnyResponse:
    """Begin shadow mode."""
    who = _judge()
    with writing(shell().engine) as connection:
        before = store.running(connection)
        run = store.start(connection, policy().shadow.days, who, now())
        if before is None:
            audit.record(connection, who, "shadow.start", run.id, now())
    flash("Shadow mode is on: alerts are made and kept, reps get nothing.")
    return redirect(url_for("shadow.shadow"), 303)


@pages.post("/shadow/judge")
def judge() -> AnyResponse:
    """Keep what somebody says of a sample, and show the next."""
    who, verdict = _judge(), request.form.get("verdict", "")
    if verdict not in VERDICTS:
        abort(400, "Say right, wrong or can't tell. Open the page again and retry.")
    with writing(shell().engine) as connection:
        done = store.judge(connection, AlertId(request.form.get("alert", "")[:36]), verdict, who, now())
    if not done:
        flash("Nothing was kept: this alert isn't one of shadow mode any more.")
    return redirect(url_for("shadow.shadow") + "#sample", 303)


@pages.post("/shadow/golive")
def golive() -> AnyResponse:
    """End shadow mode, on the second press: the first shows what speaks against it."""
    who = _judge()
    with writing(shell().engine) as connection:
        run = store.running(connection)
        done = run is not None and store.go_live(connection, store.figures(connection, run, now()), who, now())
        if run is not None and done:
            audit.record(connection, who, "shadow.golive", run.id, now())
    flash("Live: from now on reps get alerts." if done else "Nothing to do: shadow mode had ended.")
    return redirect(url_for("shadow.shadow"), 303)


def _judge() -> str:
    who = user()
    if who is None or not may_judge():
        abort(403, "Only admins and managers run shadow mode. Ask one to open this page.")
    return who.email
