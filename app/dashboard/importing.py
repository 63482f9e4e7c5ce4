"""The page that imports an uploaded file: guessed columns to look over, a check that writes nothing, the import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import uploads
from app.shell import shell, user
from app.uploads import KINDS, LARGEST, Uploads
from core.errors import InputError

pages = Blueprint("importing", __name__)

LOOK_AGAIN_SECONDS = 2
_KEPT = "uploads"


def _uploads() -> Uploads:
    kept: Uploads | None = current_app.extensions.get(_KEPT)
    if kept is None:
        parts = shell()
        kept = current_app.extensions.setdefault(
            _KEPT, Uploads(parts.engine, parts.settings.home / "uploads", parts.clock)
        )
    return cast(Uploads, kept)


@pages.get("/import")
def ask() -> Response:
    """Ask for a file."""
    _admin()
    return _asked()


def _asked(mistake: str = "", what: str = "accounts") -> Response:
    body = render_template("import.html", kinds=KINDS, what=what, mistake=mistake, largest=LARGEST // 1_000_000)
    return make_response(body, 400 if mistake else 200)


@pages.post("/import")
def take() -> Response:
    """Take a file and lead to its columns."""
    who = _admin()
    request.max_content_length = LARGEST + 100_000
    asked, file = request.form.get("what", ""), request.files.get("file")
    what = next((kind for kind in KINDS if kind == asked), None)
    if what is None:
        abort(400, "Say what the file holds.")
    if file is None or not file.filename:
        return _asked("Choose a file first.", what)
    try:
        sheet = request.form.get("sheet", "").strip()[:100]
        key = _uploads().take(file.stream, what, file.filename, sheet, who)
    except InputError as error:
        return _asked(_sentence(error), what)
    return redirect(url_for("importing.look", key=key), 303)


@pages.get("/import/<key>")
def look(key: str) -> Response:
    """Show how far an upload is: its columns, the work, what came of it."""
    _admin()
    return _looked(key)


def _looked(key: str, mistake: str = "") -> Response:
    found = _uploads().one(key)
    if found is None:
        abort(404, "This file is gone: files are kept for an hour. Upload it again.")
    upload, state = found
    interrupted = _uploads().is_interrupted(upload)
    is_busy = upload.status in ("checking", "running") and not interrupted
    done, total = _uploads().progress(key)
    body = render_template(
        "importing.html",
        upload=upload,
        state=state,
        columns=list(enumerate(state.columns)),
        labels=uploads.labels(state.what),
        is_busy=is_busy,
        interrupted=interrupted,
        done=done,
        total=total,
        mistake=mistake or (state.mistake and f"{state.mistake[:1].upper()}{state.mistake[1:]}."),
    )
    response = make_response(body, 400 if mistake else 200)
    if is_busy:
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)  # works without scripts
    return response


@pages.post("/import/<key>")
def go_on(key: str) -> Response:
    """Check, import, or throw the file away."""
    who, do = _admin(), request.form.get("do", "")
    try:
        if do == "drop":
            _uploads().drop(key)
            flash("The file is thrown away; nothing was imported.")
            return redirect(url_for("importing.ask"), 303)
        if do not in ("check", "import"):
            abort(400, "This button isn't known here. Open the page again and retry.")
        _uploads().start(key, _choices(request.form), who, dry_run=do == "check")
    except InputError as error:
        return _looked(key, _sentence(error))
    return redirect(url_for("importing.look", key=key), 303)


def _choices(form: Mapping[str, str]) -> dict[int, str]:
    found = {}
    for name, field in form.items():
        number = name.removeprefix("column_")
        if name.startswith("column_") and number.isascii() and number.isdigit() and len(number) < 5:
            found[int(number)] = field
    return found


def _sentence(error: InputError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _admin() -> str:
    who = user()
    if who is None or who.role != "admin":
        abort(403, "Only an admin may import. Ask one to open this page.")
    return who.email
