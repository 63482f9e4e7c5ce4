"""Saved segments: how many accounts each holds, who came and went, and what defines it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort

from app.dashboard.live import page
from app.shell import now, shell, user
from core.database import reading
from enrichment.account import store as account_store
from enrichment.segments import store
from enrichment.segments.definitions import SegmentFile, defined
from enrichment.segments.words import definition_lines

pages = Blueprint("segments", __name__)

SPAN = timedelta(days=7)
SHOWN = 50
"""So many of those who came and went last."""


def _defined() -> SegmentFile:
    from app import wiring  # late: it knows all parts, and pages are made without most of them

    return wiring.segments(shell().settings, shell().engine)


def _is_admin() -> bool:
    who = user()
    return who is not None and who.role == "admin"


@pages.get("/segments")
def segments() -> Response:
    """List the segments with their members, and how many came and went in a week."""
    with reading(shell().engine) as connection:
        figures = store.figures(connection, now() - SPAN)
        looked = store.evaluations(connection)
    rows = [(one, figures.get(one.name, store.Figures()), looked.get(one.name)) for one in _defined().segment]
    return page("segments.html", rows=rows, days=SPAN.days, is_admin=_is_admin())


@pages.get("/segments/<path:name>")
def segment(name: str) -> Response:
    """Show one segment: definition, figures, who came and went last."""
    one = defined(_defined(), name)
    if one is None:
        abort(404, "There is no such segment now. It may have been renamed or removed; the list knows those there are.")
    with reading(shell().engine) as connection:
        figures = store.figures(connection, now() - SPAN).get(one.name, store.Figures())
        looked = store.evaluations(connection).get(one.name)
        moved = store.log(connection, one.name, SHOWN)
        names = account_store.accounts_by_id(connection, {change.account for change in moved})
    return page(
        "segment.html",
        segment=one,
        lines=list(definition_lines(one)),
        figures=figures,
        looked=looked,
        moved=[(change, names[change.account].name if change.account in names else "") for change in moved],
        days=SPAN.days,
        is_admin=_is_admin(),
    )
