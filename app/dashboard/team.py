"""Who gets alerts: hours, deputies, who is away; admins enter everybody, reps their own hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from alerts.policy import AlertPolicy, working_hours
from alerts.reps import store
from alerts.reps.entering import FIELDS, OWN_FIELDS, address, changed, shown
from alerts.reps.hours import next_brief
from alerts.reps.rep import RepEntry, Roster
from app import audit, rep_queries
from app.shell import now, shell, user
from core.database import reading, writing
from core.errors import InputError

pages = Blueprint("team", __name__)

LOOK_BACK = timedelta(days=90)
"""Whom Slack couldn't find is seen from the alerts of this span."""

_YES_OR_NO = ("left", "shows_own_figures")


def policy() -> AlertPolicy:
    """Return when to speak and to whom, as it is now."""
    from app import wiring  # late: it knows all parts, and pages are made without most of them

    return wiring.policy(shell().settings, shell().engine)


def is_admin() -> bool:
    """Whether who looks may decide for everybody."""
    who = user()
    return who is not None and who.role == "admin"


@pages.get("/team")
def team() -> Response:
    """Show everybody who was entered, and the owners who weren't or can't be told."""
    rules = policy()
    with reading(shell().engine) as connection:
        entries, owners = store.entries(connection), rep_queries.owners(connection)
        strangers = rep_queries.not_on_slack(connection, now() - LOOK_BACK)
    usual = working_hours(rules, shell().settings.time_zone)
    roster = Roster(entries, usual, rules.most_a_day)
    owned = {owner.email: owner.accounts for owner in (*owners.entered, *owners.gone)}
    return make_response(
        render_template(
            "team.html",
            rows=[(rep, next_brief(rep, now()), owned.get(rep.email, 0)) for rep in roster.all()],
            names={rep.email: rep.called for rep in roster.all()},
            owners=owners,
            strangers=strangers,
            usual=usual,
            rules=rules,
            today=now().date(),
            may=may_change,
            is_admin=is_admin(),
        )
    )


@pages.get("/team/rep")
def ask() -> Response:
    """Show what was said of one rep, to be changed."""
    email = _email(request.args.get("email", ""))
    with reading(shell().engine) as connection:
        entry = store.entry(connection, email) if email else None
    return _form(email, shown(entry or RepEntry(email=email)), is_new=entry is None)


@pages.post("/team/rep")
def save() -> AnyResponse:
    """Keep what is said of one rep."""
    email = request.form.get("email", "")[:254]
    said = {field: request.form.get(field, "")[:2000] for field in _fields(email)}
    try:
        key = address(email)
        _email(key)
        with writing(shell().engine) as connection:
            before = store.entry(connection, key)
            store.save(connection, changed(before or RepEntry(email=key), said), now())
            audit.record(connection, _who(), "rep.set", key, now())
    except InputError as error:
        return _form(email, said, mistakes=str(error).splitlines(), is_new=True)
    flash(f"{key} is entered.")
    return redirect(url_for("team.team"), 303)


@pages.post("/team/remove")
def remove() -> AnyResponse:
    """Forget what was said of one rep."""
    if not is_admin():
        abort(403, "Only an admin removes somebody. Ask one to open this page.")
    email = request.form.get("email", "")[:254]
    with writing(shell().engine) as connection:
        done = store.remove(connection, email)
        if done:
            audit.record(connection, _who(), "rep.remove", email, now())
    flash(f"{email} is told as the policy says." if done else "Nothing to do: nobody of this address was entered.")
    return redirect(url_for("team.team"), 303)


def may_change(email: str) -> bool:
    """Whether who looks may say something of this rep: admins of everybody, reps of themselves."""
    who = user()
    return is_admin() or (who is not None and bool(email) and who.email.lower() == email.lower())


def _email(text: str) -> str:
    if not may_change(text):
        abort(403, "Reps change their own hours; an admin changes those of others.")
    return text.strip().lower()


def _fields(email: str) -> tuple[str, ...]:
    """What may be said by who asks."""
    return FIELDS if is_admin() else OWN_FIELDS if may_change(email) else ()


def _who() -> str:
    who = user()
    return who.email if who else ""


def _form(email: str, said: Mapping[str, str], *, is_new: bool, mistakes: list[str] | None = None) -> Response:
    body = render_template(
        "rep.html",
        email=email,
        said=said,
        fields=_fields(email),
        yes_or_no=_YES_OR_NO,
        mistakes=mistakes or (),
        is_new=is_new,
        usual=working_hours(policy(), shell().settings.time_zone),
        rules=policy(),
        is_admin=is_admin(),
    )
    return make_response(body, 400 if mistakes else 200)
