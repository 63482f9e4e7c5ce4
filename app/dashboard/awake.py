"""The manager's morning: dormant accounts that are awake, the figures above them, the health below."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request

from app.dashboard import figures, health, queries_awake, queries_group, queries_health, queries_now, rolled_up
from app.dashboard.live import page, page_number
from app.shell import now, shell
from core.database import reading

pages = Blueprint("awake", __name__)


@pages.get("/")
def awake() -> Response:
    """Show who is awake."""
    zone, at = shell().settings.time_zone, page_number()
    with reading(shell().engine) as connection:
        rows = queries_awake.awake(connection, now(), zone, at)
        has_groups = queries_group.any_group(connection)
        if has_groups:
            rows = rolled_up.with_owners(connection, rows)
        by_group = "group" in request.args
        groups = rolled_up.groups(connection, rows) if by_group else ()
        top = queries_awake.top_line(connection, now())
        live_companies = queries_now.count_live_companies(connection, now())
        strip = health.checks(connection)
        has_accounts = queries_health.has_accounts(connection)
    today = now().astimezone(zone).date()
    labels = [f"{today - timedelta(days=back):%a %-d %b}" for back in reversed(range(queries_awake.SPARK_DAYS))]
    return page(
        "awake.html",
        rows=rows,
        groups=groups or (rolled_up.GroupRow(id="", name="", rows=rows),),
        rolled_up=by_group,
        has_groups=has_groups,
        sparks={row.account: figures.sparkline(row.days, labels) for row in rows},
        top=top,
        live_companies=live_companies,
        strip=strip,
        has_accounts=has_accounts,
        page_at=at,
        page_size=queries_awake.PAGE_SIZE,
        total=top.awake,
    )
