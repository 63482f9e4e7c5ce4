"""The networks found for accounts: which count, which wait for somebody's word, and what the sources said."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.dashboard import queries_networks
from app.dashboard.live import page, page_number
from app.shell import shell, user
from core.database import reading
from enrichment.account.discovery import store

pages = Blueprint("networks", __name__)


@pages.get("/networks")
def networks() -> Response:
    """Show the proposals of one sort; those that wait first."""
    who = user()
    with reading(shell().engine) as connection:
        counts = store.counts(connection)
        show = request.args.get("show", "")
        if show not in queries_networks.SHOWS:
            show = "waiting" if counts["waiting"] or not counts["all"] else "acting"
        at = page_number()
        rows = queries_networks.network_rows(connection, show, at)
    return page(
        "networks.html",
        rows=rows,
        counts=counts,
        show=show,
        total=counts[show],
        page_at=at,
        page_size=queries_networks.PAGE_SIZE,
        may_decide=who is not None and who.role == "admin",
    )
