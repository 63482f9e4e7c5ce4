"""On the site now: the companies of the last half hour, live."""

from __future__ import annotations

from flask import Blueprint, Response

from app.dashboard import queries_now
from app.dashboard.live import page
from app.shell import now, shell
from core.database import reading

pages = Blueprint("now", __name__)


@pages.get("/now")
def on_site() -> Response:
    """Show who is on the site."""
    with reading(shell().engine) as connection:
        present = queries_now.on_site(connection, now())
    return page("now.html", present=present)
