"""Messages that aren't alerts, as they were sent: digests, the managers' week, reminders, what was said in threads."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from alerts.buttons import BUTTONS, CHOICES
from app.dashboard import queries_notices
from app.dashboard.live import page_number
from app.shell import shell
from core.database import reading

pages = Blueprint("messages", __name__)

SHOWS = {
    "digest": ("Digests", ("digest",)),
    "weekly": ("Weeks", ("weekly",)),
    "reminder": ("Reminders", ("reminder", "escalation", "admin")),
    "milestone": ("In threads", ("milestone",)),
}
"""Tabs → (words, kinds of notices)."""


@pages.get("/messages")
def messages() -> Response:
    """Show the notices of one sort, newest first."""
    asked, at = request.args.get("show", "digest"), page_number()
    show = asked if asked in SHOWS else "digest"
    with reading(shell().engine) as connection:
        rows = queries_notices.list_notices(connection, SHOWS[show][1], at)
        by_kind = queries_notices.count_notices(connection)
    counts = {code: sum(by_kind.get(kind, 0) for kind in kinds) for code, (_, kinds) in SHOWS.items()}
    return make_response(
        render_template(
            "messages.html",
            rows=rows,
            shows=SHOWS,
            show=show,
            counts=counts,
            page_at=at,
            page_size=queries_notices.PAGE_SIZE,
            button_words=BUTTONS,
            button_menus=CHOICES,
        )
    )
