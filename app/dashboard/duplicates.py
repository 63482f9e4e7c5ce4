"""Accounts that may be one customer: the list, what a merge would do, doing it and taking it back."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from app import duplicate_pairs, merging
from app.dashboard.live import page, page_number
from app.shell import now, shell, user
from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from enrichment.account import store

pages = Blueprint("duplicates", __name__)

PAGE_SIZE = 25
_CACHE = "duplicate_pairs"


def _pairs(connection: Connection) -> tuple[duplicate_pairs.Proposal, ...]:
    """Return the pairs, from memory while no account has changed: finding them takes seconds among 50,000."""
    stamp = store.version(connection)
    kept = current_app.extensions.get(_CACHE)
    if kept is None or kept[0] != stamp:
        kept = (stamp, duplicate_pairs.of(connection))
        current_app.extensions[_CACHE] = kept
    pairs: tuple[duplicate_pairs.Proposal, ...] = kept[1]
    return pairs


@pages.get("/accounts/duplicates")
def duplicates() -> Response:
    """Show the pairs, the surest first, and the merges that stand."""
    at = page_number()
    with reading(shell().engine) as connection:
        pairs = _pairs(connection)
        merges = duplicate_pairs.merges(connection)
    return page(
        "duplicates.html",
        pairs=pairs[(at - 1) * PAGE_SIZE : at * PAGE_SIZE],
        total=len(pairs),
        merges=merges[:PAGE_SIZE],
        may_merge=_is_admin(),
        page_at=at,
        page_size=PAGE_SIZE,
    )


@pages.get("/accounts/merge")
def preview() -> Response:
    """Show what a merge would do."""
    master, other = _asked(request.args.get("master")), _asked(request.args.get("other"))
    try:
        with reading(shell().engine) as connection:
            told = merging.preview(connection, master, other)
    except InputError as error:
        abort(404, str(error))
    return page("merge.html", told=told, may_merge=_is_admin())


@pages.post("/accounts/merge")
def merge() -> Response:
    """Merge."""
    who = _admin()
    master, other = _asked(request.form.get("master")), _asked(request.form.get("other"))
    try:
        with writing(shell().engine) as connection:
            told = merging.merge(connection, master, other, who, now())
    except InputError as error:
        abort(400, str(error))
    flash(f"{told.merged.name} ({told.merged.id}) is now part of {told.master.name}. It can be undone below.")
    return redirect(url_for("duplicates.duplicates"), 303)


@pages.post("/accounts/unmerge")
def unmerge() -> Response:
    """Take a merge back."""
    who = _admin()
    try:
        with writing(shell().engine) as connection:
            done = merging.unmerge(connection, _asked(request.form.get("account")), who, now())
    except InputError as error:
        abort(400, str(error))
    flash(" ".join(f"{line[:1].upper()}{line[1:]}." for line in done.lines))
    return redirect(url_for("duplicates.duplicates"), 303)


def _asked(text: str | None) -> AccountId:
    return AccountId((text or "")[:100])


def _is_admin() -> bool:
    who = user()
    return who is not None and who.role == "admin"


def _admin() -> str:
    who = user()
    if who is None or who.role != "admin":
        abort(403, "Only an admin may merge accounts. Ask one to open this page.")
    return who.email
