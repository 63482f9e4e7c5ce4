"""The rules: what acts, a form and the text of each file, back-test before saving, history, proposals. For admins."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.dashboard.live import page
from app.rulebook import backtest, forms, proposing, report, store, versions
from app.rulebook.changes import changed as changed_values
from app.rulebook.current import acting
from app.rulebook.files import FILES, RuleFile, mistakes, rule_file
from app.rulebook.store import Version
from app.shell import User, now, shell, user
from core.database import reading, writing
from core.errors import InputError

pages = Blueprint("rules", __name__)

MOST_SECONDS = 20.0
"""A page can't wait longer; a back-test that takes longer says how far it came."""
CONTEXT_LINES = 2


def _admin() -> User:
    who = user()
    if who is None or who.role != "admin":
        abort(403, "Only admins look at the rules and change them.")
    return who


def _file(name: str) -> RuleFile:
    try:
        return rule_file(name)
    except InputError:
        abort(404)


@pages.get("/rules")
def rules() -> Response:
    """Show which rules act, and what feedback proposes."""
    _admin()
    settings = shell().settings
    found = [(each, acting(shell().engine, each, settings.rules_dir)) for each in FILES]
    with reading(shell().engine) as connection:
        heads = {each.name: store.newest(connection, each.name) for each in FILES}
        proposals = store.proposals(connection)
    return page("rules.html", found=found, heads=heads, proposals=proposals, folder=settings.rules_dir)


@pages.post("/rules/propose")
def propose() -> AnyResponse:
    """Look at the feedback for a proposal of weights."""
    _admin()
    found = proposing.propose(shell().settings, shell().engine, now())
    if found.draft is None:
        flash(found.said)
        return redirect(url_for("rules.rules"), 303)
    return redirect(url_for("rules.draft", key=found.draft), 303)


@pages.get("/rules/<name>")
def edit(name: str) -> Response:
    """Show one file: the form, the text, the history."""
    _admin()
    file = _file(name)
    return _edit(file, acting(shell().engine, file, shell().settings.rules_dir).text)


def _edit(file: RuleFile, text: str, *, checked: bool = False, form_said: Sequence[str] = ()) -> Response:
    found = mistakes(file, text)
    current = acting(shell().engine, file, shell().settings.rules_dir)
    with reading(shell().engine) as connection:
        history = store.history(connection, file.name)
    shown = text if not found else current.text
    response = page(
        "rules_file.html",
        file=file,
        files=FILES,
        text=text,
        groups=forms.groups(file, shown) if not mistakes(file, shown) else (),
        mistakes=found,
        form_said=form_said,
        checked=checked,
        current=current,
        history=history,
        days=_days(),
        most_days=backtest.MOST_DAYS,
    )
    response.status_code = 422 if found or form_said else 200
    return response


@pages.post("/rules/<name>")
def test(name: str) -> AnyResponse:
    """Check a text, or what the form changed of the acting one; then back-test it and show what it would have done."""
    who, file = _admin(), _file(name)
    settings, engine = shell().settings, shell().engine
    text = request.form.get("text", "").replace("\r\n", "\n")
    if request.form.get("by") == "form":
        base = acting(engine, file, settings.rules_dir).text
        try:
            text = forms.changed_text(file, base, request.form)
        except InputError as error:
            return _edit(file, base, form_said=str(error).splitlines())
    if mistakes(file, text) or request.form.get("do") == "check":
        return _edit(file, text, checked=True)
    done = versions.test(settings, engine, file, text, now(), days=_days(), most_seconds=MOST_SECONDS)
    with writing(engine) as connection:
        key = store.add_draft(connection, file.name, text, "saved", who.email, now(), backtest=backtest.to_data(done))
    return redirect(url_for("rules.draft", key=key), 303)


@pages.get("/rules/draft/<key>")
def draft(key: str) -> Response:
    """Show what a tested draft would have done, what it changes, and the button to save it."""
    _admin()
    return _draft(_known_draft(key))


def _draft(found: Version, mistake: str = "", why: str = "") -> Response:
    file = rule_file(found.file)
    tested = backtest.from_data(found.backtest) if found.backtest else None
    current = acting(shell().engine, file, shell().settings.rules_dir)
    body = render_template(
        "rules_draft.html",
        file=file,
        draft=found,
        tested=tested,
        lines=report.lines(tested) if tested else (),
        changed=_diff(file, current.text, found.text),
        mistake=mistake,
        why=why or (found.why if found.source == "proposal" else ""),
        is_same=current.text == found.text,
    )
    return make_response(body, 409 if mistake else 200)


@pages.post("/rules/draft/<key>")
def save(key: str) -> AnyResponse:
    """Make a tested draft the version that acts, or throw it away."""
    who, found = _admin(), _known_draft(key)
    if request.form.get("do") == "drop":
        with writing(shell().engine) as connection:
            store.remove_draft(connection, key)
        flash("Thrown away: the rules are as they were.")
        return redirect(url_for("rules.edit", name=found.file), 303)
    why = request.form.get("why", "")
    try:
        kept = versions.accept(shell().settings, shell().engine, found, who.email, why, now())
    except InputError as error:
        return _draft(found, str(error), why)
    flash(f"Version {kept.number} of {rule_file(kept.file).file_name} acts from now on.")
    return redirect(url_for("rules.edit", name=kept.file), 303)


@pages.get("/rules/<name>/versions/<int:number>")
def version(name: str, number: int) -> Response:
    """Show a version of the past: who, when, why, what it changed, what its back-test said."""
    _admin()
    file = _file(name)
    with reading(shell().engine) as connection:
        found = store.version(connection, file.name, number)
        before = store.version(connection, file.name, number - 1)
        newest = store.heads(connection).get(file.name)
    if found is None:
        abort(404)
    old = (before.text if before else "") or file.built_in_text()
    tested = backtest.from_data(found.backtest) if found.backtest else None
    return page(
        "rules_version.html",
        file=file,
        version=found,
        text=found.text or file.built_in_text(),
        changed=_diff(file, old, found.text or file.built_in_text()),
        lines=report.lines(tested) if tested else (),
        acts=number == newest,
    )


@pages.post("/rules/<name>/versions/<int:number>/restore")
def restore(name: str, number: int) -> AnyResponse:
    """Make a version of the past act again; 0 stands for the built-in rules."""
    who, file = _admin(), _file(name)
    try:
        kept = versions.restore(
            shell().settings, shell().engine, file, number, who.email, request.form.get("why", ""), now()
        )
    except InputError as error:
        abort(400, str(error))
    flash(f"Version {kept.number} of {file.file_name} acts from now on: {kept.why}.")
    return redirect(url_for("rules.edit", name=file.name), 303)


def _known_draft(key: str) -> Version:
    with reading(shell().engine) as connection:
        found = store.draft(connection, key[:36])
    if found is None:
        abort(404, "This draft was saved, or thrown away. The history of the rules shows what was saved.")
    return found


def _days() -> int:
    text = request.form.get("days", "")
    return min(max(1, int(text)), backtest.MOST_DAYS) if text.isascii() and text.isdigit() else backtest.DAYS


def _diff(file: RuleFile, before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines that differ, as (sign, line): `+`, `-`, a space, or `@` between places.

    Against the built-in rules it is the values that differ: a file is laid over them, and takes none of them away.
    """
    if file.built_in_text() in (before, after):
        return [(row[:1], row[1:]) for row in changed_values(file, before, after)]
    rows = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=CONTEXT_LINES))[2:]
    return [("@", "") if row.startswith("@@") else (row[:1], row[1:]) for row in rows]
