"""How messages fared: what was given up, what is possibly there twice, what waits, and which channels are paused."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from alerts.channels.registry import channel_names
from alerts.deliveries import log_store as log
from alerts.deliveries.store import retry_dead
from app import delivery_queries
from app.dashboard.live import page_number
from app.delivery_queries import SHOWS, Show
from app.shell import now, shell
from core.database import reading, writing

pages = Blueprint("deliveries", __name__)

PAGE_SIZE = 50


@pages.get("/deliveries")
def deliveries() -> Response:
    """Show the deliveries of one sort, newest first, each with its tries."""
    asked, at = request.args.get("show", "dead"), page_number()
    show: Show = next((code for code in SHOWS if code == asked), "dead")
    with reading(shell().engine) as connection:
        rows = delivery_queries.list_deliveries(connection, show, limit=PAGE_SIZE, skip=(at - 1) * PAGE_SIZE)
        tries = {row.id: delivery_queries.of_message(connection, row.id) for row in rows}
        counts = {code: delivery_queries.count_deliveries(connection, code) for code in SHOWS}
        paused = log.pauses(connection)
        held = delivery_queries.held_back(connection)
        orphans = delivery_queries.orphans(connection, (*channel_names(shell().settings), "preview"))
    return make_response(
        render_template(
            "deliveries.html",
            rows=[(row, datetime.fromisoformat(row.due_at), tries[row.id]) for row in rows],
            counts=counts,
            shows=SHOWS,
            show=show,
            total=counts[show],
            paused=paused,
            held=held,
            orphans=orphans,
            page_at=at,
            page_size=PAGE_SIZE,
        )
    )


@pages.post("/deliveries/resume")
def resume() -> AnyResponse:
    """Let a paused channel go on."""
    channel = request.form.get("channel", "")[:20]
    with writing(shell().engine) as connection:
        done = log.resume(connection, channel, now())
    flash(f"{channel} goes on." if done else "It isn't paused any more.")
    return redirect(url_for("deliveries.deliveries"), 303)


@pages.post("/deliveries/retry")
def retry_all() -> AnyResponse:
    """Send again all that was given up."""
    with writing(shell().engine) as connection:
        done = sum(retry_dead(connection, id, now()) for id in delivery_queries.dead_ids(connection, None))
    flash(f"{done} will be sent again now.")
    return redirect(url_for("deliveries.deliveries"), 303)
