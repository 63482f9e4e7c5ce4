"""The buttons of the pages, and the page that a signed link from a message opens."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import action_queries, actions, network_actions
from app.auth import guard
from app.auth.login import safe_next
from app.dashboard.review import rules
from app.shell import now, shell, user
from app.signed import LinkedAction, action_token, read_action
from core.database import reading, writing
from core.errors import InputError

pages = Blueprint("acting", __name__)

NOTHING = "Nothing to do: somebody else did it already, or it is gone. The page shows how things stand now."
TOO_OLD = "This link is older than two weeks or was cut off on its way. Open the dashboard to act on the alert."

_ACTS = {**actions.ACTS, **network_actions.ACTS}


@pages.post("/act")
def act() -> Response:
    """Do what a button says (`do`, `id`), then lead back to the page it was on."""
    do = _ACTS.get(request.form.get("do", ""))
    who = user()
    if do is None or who is None:
        abort(400, "This button isn't known here. Open the page again and retry.")
    try:
        with writing(shell().engine) as connection:
            done = do(connection, request.form.get("id", "")[:100], who.email, now(), rules())
    except InputError as error:
        done = actions.Done(said=f"Not done: {error}.")
    if "application/json" in request.headers.get("Accept", ""):
        return jsonify(said=done.said if done else NOTHING, done=done is not None)
    flash(done.said if done else NOTHING)
    if done and done.visit and request.form.get("then") == "who":
        back = safe_next(request.form.get("back"))
        return redirect(url_for("review.who", visit=done.visit, back=back), 303)
    return redirect(safe_next(request.form.get("back")), 303)


def _linked(token: str) -> LinkedAction:
    found = read_action(shell().settings.secret, token) if shell().settings.secret else None
    if found is None:
        abort(410, TOO_OLD)
    return found


@pages.get("/act/<token>")
@guard.public
def confirm(token: str) -> Response:
    """Ask whether the action of a signed link is meant: looking at a link must not do anything."""
    asked = _linked(token)
    with reading(shell().engine) as connection:
        subject = action_queries.account_of_alert(connection, asked.alert)
    if subject is None:
        abort(410, "This alert is gone: it was older than alerts are kept.")
    return make_response(
        render_template("confirm.html", asked=asked, account=subject[1], token=token, said="", undo_token="")
    )


@pages.post("/act/<token>")
@guard.public
def confirmed(token: str) -> Response:
    """Do it."""
    asked = _linked(token)
    do = actions.ACTS[asked.action]
    with writing(shell().engine) as connection:
        # a link from a message speaks for whom the message was for
        by = asked.by or action_queries.recipient_of(connection, asked.alert) or "link"
        done = do(connection, asked.alert, by, now(), rules())
        subject = action_queries.account_of_alert(connection, asked.alert)
    said = done.said if done else NOTHING
    if user() is not None and subject is not None:
        flash(said)
        return redirect(url_for("accounts.timeline", account=subject[0]), 303)
    account = subject[1] if subject else ""
    undo_token = ""
    if done and asked.action != "undo":
        undo_token = action_token(shell().settings.secret, replace(asked, action="undo"))
    return make_response(
        render_template("confirm.html", asked=asked, account=account, token=token, said=said, undo_token=undo_token)
    )
