"""What was said to whom, where it stands, and what people made of it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from alerts.shadow import store as shadow_store
from app import action_queries
from app.dashboard import queries_alerts
from app.dashboard.live import page, page_number
from app.shell import shell
from core.database import reading
from core.domain import AlertId

pages = Blueprint("alerts", __name__)


@pages.get("/alerts")
def alerts() -> Response:
    """Show the alerts of one sort, newest first."""
    show, at = request.args.get("show", "all"), page_number()
    show = show if show in queries_alerts.SHOWS else "all"
    with reading(shell().engine) as connection:
        rows = queries_alerts.list_alerts(connection, show, at)
        in_shadow = shadow_store.running(connection) is not None
        counts = {each: queries_alerts.count_alerts(connection, each) for each in queries_alerts.SHOWS}
    return page(
        "alerts.html",
        rows=rows,
        counts=counts,
        in_shadow=in_shadow,
        show=show,
        total=counts[show],
        page_at=at,
        page_size=queries_alerts.PAGE_SIZE,
    )


@pages.get("/alerts/<alert>")
def timeline(alert: str) -> AnyResponse:
    """Lead from a message's Timeline button to the account that the alert is about."""
    with reading(shell().engine) as connection:
        subject = action_queries.account_of_alert(connection, AlertId(alert))
    if subject is None:
        abort(410, "This alert is gone: it was older than alerts are kept.")
    return redirect(url_for("accounts.timeline", account=subject[0]))


@pages.get("/alerts/<alert>/crm")
def crm(alert: str) -> AnyResponse:
    """Lead from a message's CRM button to the account in the operator's CRM."""
    with reading(shell().engine) as connection:
        subject = action_queries.account_of_alert(connection, AlertId(alert))
    if subject is None or not shell().settings.crm_url:
        abort(410, "This alert is gone, or no CRM is set any more (DORMOUSE_CRM_URL).")
    return redirect(shell().settings.crm_url.replace("{account}", quote(subject[0], safe="")))


@pages.get("/alerts/<alert>/who")
def who(alert: str) -> AnyResponse:
    """Lead from a message to the page that finds whose the alert's visit was."""
    with reading(shell().engine) as connection:
        visit = action_queries.visit_of_alert(connection, AlertId(alert))
    if visit is None:
        abort(410, "This alert is gone: it was older than alerts are kept.")
    return redirect(url_for("review.who", visit=visit, back=url_for("alerts.alerts")))
