"""The buttons of the pages, and the page that a signed link from a message opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alerts.buttons import BUTTONS, Action, Choice
from app import actions, network_actions
from app.acting.claiming import standing
from app.acting.subjects import Subject, choices_of, subject_of
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
GONE = "This alert is gone: it was older than alerts are kept."
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
    "take_account": "Take this account? Digests won't list it as slipping until its next order.",
    "undo": "Take back what was said last about this alert?",
}
"""What the page of a signed link asks before it does anything."""


def _linked(token: str) -> LinkedAction:
    found = read_action(shell().settings.secret, token) if shell().settings.secret else None
    if found is None or found.action not in actions.ACTS:
        abort(410, TOO_OLD)
    return found


def _page(
    asked: LinkedAction,
    subject: Subject | None,
    choices: tuple[Choice, ...] = (),
    next_tokens: Mapping[Action, str] | None = None,
    said: str = "",
) -> Response:
    return make_response(
        render_template(
            "confirm.html",
            asked=asked,
            account=subject.name if subject else "",
            visit=subject.visit if subject else "",
            question=QUESTIONS.get(asked.action, "Do this?"),
            word=BUTTONS[asked.action],
            words=BUTTONS,
            choices=choices,
            said=said,
            next_tokens=next_tokens or {},
        )
    )


@pages.get("/act/<token>")
@guard.public
def confirm(token: str) -> Response:
    """Ask whether the action of a signed link is meant: looking at a link must not do anything."""
    asked = _linked(token)
    with reading(shell().engine) as connection:
        subject = subject_of(connection, asked.action, asked.alert)
        choices = choices_of(connection, asked.action, subject, asked.choice) if subject else ()
    if subject is None:
        abort(410, GONE)
    return _page(asked, subject, choices)


@pages.post("/act/<token>")
@guard.public
def confirmed(token: str) -> Response:
    """Do it, as one person's word: a link asks for no login, and messages are forwarded."""
    asked = _linked(token)
    do = actions.ACTS[asked.action]
    choice = request.form.get("choice", "")[:100] or asked.choice
    try:
        with writing(shell().engine) as connection:
            subject = subject_of(connection, asked.action, asked.alert)
            offered = choices_of(connection, asked.action, subject, asked.choice) if subject else ()
            if subject and choice and choice not in {each.value for each in offered}:
                abort(400, "This choice isn't one of those offered. Open the link again and retry.")
            # a link from a message speaks for whom the message was for
            by = asked.by or (subject.to if subject else "") or "link"
            done = do(connection, asked.alert, Voice(by=by, by_link=True), now(), rules(), choice=choice)
    except InputError as error:
        done = actions.Done(said=f"Not done: {error}.", refused=True)
    with reading(shell().engine) as connection:
        subject = subject_of(connection, asked.action, asked.alert)
        left = standing(connection, asked.alert)
    said = done.said if done else NOTHING
    account = (done.account if done else None) or (subject.account if subject else None)
    if user() is not None and account is not None:
        flash(said)
        return redirect(url_for("accounts.timeline", account=account), 303)
    after = _next(left) if subject and subject.is_alert else ()
    secret = shell().settings.secret
    tokens = {action: action_token(secret, replace(asked, action=action, choice="")) for action in after}
    return _page(asked, subject, next_tokens=tokens, said=said)


def _next(left: list[Feedback]) -> tuple[Action, ...]:
    """What one may do next, where a channel has no buttons of its own."""
    kinds = {each.kind for each in left}
    if "wrong_company" in kinds:
        return ("pick_account", "undo")
    if "claimed" in kinds:
        return ("reached", "no_answer", "meeting", "won", "not_interested", "hand_back", "undo")
    return ("claim", "undo") if kinds else ("claim",)
