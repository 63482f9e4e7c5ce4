"""How often each rule was right, and which are told of in the digest alone."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from alerts.precision import store
from app import audit
from app.dashboard.team import is_admin, policy
from app.own_queries import site_left_out
from app.shell import now, shell, user
from core.database import reading, writing

pages = Blueprint("rule_precision", __name__)


@pages.get("/alerts/rules")
def precision() -> Response:
    """Show each rule with what people made of its alerts."""
    rules = policy().precision
    with reading(shell().engine) as connection:
        found = store.precision(connection, now() - timedelta(days=rules.days), site_left_out(connection))
    return make_response(render_template("rule_precision.html", found=found, rules=rules, is_admin=is_admin()))


@pages.post("/alerts/rules")
def decide() -> AnyResponse:
    """Demote a rule to the digest, or let it speak at once again."""
    who, rule = user(), request.form.get("rule", "")[:60]
    if who is None or not is_admin():
        abort(403, "Only an admin decides about rules: it counts for everybody. Ask one to open this page.")
    do, what, said = {
        "demote": (store.demote, "rule.demote", "is told of in the digest alone from now on"),
        "restore": (store.restore, "rule.restore", "is told of at once again from now on"),
    }.get(request.form.get("do", ""), (None, "", ""))
    if do is None or not rule:
        abort(400, "This button isn't known here. Open the page again and retry.")
    with writing(shell().engine) as connection:
        done = do(connection, rule, who.email, now())
        if done:
            audit.record(connection, who.email, what, rule, now())
    flash(f"The rule {rule} {said}." if done else "Nothing to do: somebody else did it already.")
    return redirect(url_for("rule_precision.precision"), 303)
