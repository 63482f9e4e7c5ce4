"""The buttons of the pages, and the page that a signed link from a message opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from alerts.buttons import BUTTONS, CHOICES, Action, Choice
from app import action_queries, actions, network_actions
from app.acting.claiming import standing
from app.auth import guard
from app.auth.login import safe_next
from app.corrections import Voice
from app.dashboard.review import rules
from app.shell import now, shell, user
from app.signed import LinkedAction, action_token, read_action
from core.alerting import Feedback
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
            subject, choice = request.form.get("id", "")[:100], request.form.get("choice", "")[:100]
            done = do(connection, subject, who.email, now(), rules(), choice=choice)
    except InputError as error:
        done = actions.Done(said=f"Not done: {error}.")
    if "application/json" in request.headers.get("Accept", ""):
        return jsonify(said=done.said if done else NOTHING, done=done is not None)
    flash(done.said if done else NOTHING)
    if done and done.visit and request.form.get("then") == "who":
        back = safe_next(request.form.get("back"))
        return redirect(url_for("review.who", visit=done.visit, back=back), 303)
    return redirect(safe_next(request.form.get("back")), 303)


QUESTIONS: Mapping[Action, str] = {
    "claim": "Take this account? Everybody sees that you took it.",
    "snooze": "No alert about this account for how long?",
    "wrong_company": "Was it somebody else? This network will not mean this account again; past visits move. "
    "It can be undone.",
    "pick_account": "Whose visit was it?",
    "dont_know": "Leave it open whose visit it was?",
    "not_useful": "Why wasn't this alert useful?",
    "reached": "Did you reach somebody?",
    "no_answer": "Nobody answered. When will you call again?",
    "meeting": "Did you agree a meeting?",
    "won": "Did you win them back?",
    "not_interested": "Not interested: why? It is kept as the reason of their silence.",
    "left_because": "Why did they leave?",
    "hand_back": "Hand this account back? It is free for the others then.",
    "not_slipping": "Why is this account not slipping?",
    "undo": "Take back what was said last about this alert?",
}
"""What the page of a signed link asks before it does anything."""


def _linked(token: str) -> LinkedAction:
    found = read_action(shell().settings.secret, token) if shell().settings.secret else None
    if found is None or found.action not in actions.ACTS:
        abort(410, TOO_OLD)
    return found


def _choices(connection: Connection, asked: LinkedAction) -> tuple[Choice, ...]:
    """What the link's page offers to choose from; empty where there is nothing to choose."""
    if asked.action == "pick_account":
        visit = action_queries.visit_of_alert(connection, asked.alert) or ""
        candidates = action_queries.candidates_of(connection, visit)
        return tuple(Choice(value=account, label=name) for account, name in candidates)
    return CHOICES.get(asked.action, ())


def _page(
    asked: LinkedAction, account: str, choices: tuple[Choice, ...], next_tokens: Mapping[Action, str], said: str
) -> Response:
    return make_response(
        render_template(
            "confirm.html",
            asked=asked,
            account=account,
            question=QUESTIONS.get(asked.action, "Do this?"),
            word=BUTTONS[asked.action],
            words=BUTTONS,
            choices=choices,
            said=said,
            next_tokens=next_tokens,
        )
    )


@pages.get("/act/<token>")
@guard.public
def confirm(token: str) -> Response:
    """Ask whether the action of a signed link is meant: looking at a link must not do anything."""
    asked = _linked(token)
    with reading(shell().engine) as connection:
        subject = action_queries.account_of_alert(connection, asked.alert)
        choices = _choices(connection, asked)
    if subject is None:
        abort(410, "This alert is gone: it was older than alerts are kept.")
    return _page(asked, subject[1], choices, {}, "")


@pages.post("/act/<token>")
@guard.public
def confirmed(token: str) -> Response:
    """Do it, as one person's word: a link asks for no login, and messages are forwarded."""
    asked = _linked(token)
    do = actions.ACTS[asked.action]
    choice = request.form.get("choice", "")[:100]
    try:
        with writing(shell().engine) as connection:
            if choice and choice not in {each.value for each in _choices(connection, asked)}:
                abort(400, "This choice isn't one of those offered. Open the link again and retry.")
            # a link from a message speaks for whom the message was for
            by = asked.by or action_queries.recipient_of(connection, asked.alert) or "link"
            done = do(connection, asked.alert, Voice(by=by, by_link=True), now(), rules(), choice=choice)
    except InputError as error:
        done = actions.Done(said=f"Not done: {error}.", refused=True)
    with reading(shell().engine) as connection:
        subject = action_queries.account_of_alert(connection, asked.alert)
        left = standing(connection, asked.alert)
    said = done.said if done else NOTHING
    if user() is not None and subject is not None:
        flash(said)
        return redirect(url_for("accounts.timeline", account=subject[0]), 303)
    tokens = {action: action_token(shell().settings.secret, replace(asked, action=action)) for action in _next(left)}
    return _page(asked, subject[1] if subject else "", (), tokens, said)


def _next(left: list[Feedback]) -> tuple[Action, ...]:
    """What one may do next, where a channel has no buttons of its own."""
    kinds = {each.kind for each in left}
    if "wrong_company" in kinds:
        return ("pick_account", "undo")
    if "claimed" in kinds:
        return ("reached", "no_answer", "meeting", "won", "not_interested", "hand_back", "undo")
    return ("claim", "undo") if kinds else ("claim",)
