"""Where visits go: a funnel that adds up, each loss with its rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

from flask import Blueprint, Response, abort, request

from app.dashboard import figures, queries_losses
from app.dashboard.live import page, page_number
from app.dashboard.wording import CLUES, DROPS, HOLDS, SILENCES
from app.shell import now, shell
from core.database import reading
from core.domain import ClueKind
from tracker import clue_store
from tracker.site_store import list_sites

pages = Blueprint("losses", __name__)

PERIODS = {"1": "today", "7": "7 days", "30": "30 days", "90": "90 days", "all": "all time"}
BAR_WIDTH = 400.0
PROVED = get_args(ClueKind)


def _since() -> tuple[str, datetime]:
    period = request.args.get("period", "30")
    period = period if period in PERIODS else "30"
    if period == "all":
        return period, now() - timedelta(days=365 * 50)
    return period, now() - timedelta(days=int(period) - 1)


def _site() -> str:
    return request.args.get("site", "")[:253]


@pages.get("/losses")
def losses() -> Response:
    """Show the funnel."""
    period, since = _since()
    with reading(shell().engine) as connection:
        site = _site()
        hits = queries_losses.hits(connection, since, site)
        stages = queries_losses.visit_stages(connection, since, site)
        sites = [each.id for each in list_sites(connection)]
        said = clue_store.read_counts(connection, since.date(), site)
    visits = stages[0].before
    return page(
        "losses.html",
        hits=hits,
        stages=stages,
        clues=[(words, said[code], code in PROVED) for code, words in CLUES.items() if said.get(code)],
        widths={stage.name: figures.share(stage.after, visits, BAR_WIDTH) for stage in stages},
        before_widths={stage.name: figures.share(stage.before, visits, BAR_WIDTH) for stage in stages},
        kept_width=figures.share(hits.kept, hits.total, BAR_WIDTH),
        bar_width=BAR_WIDTH,
        period=period,
        periods=PERIODS,
        site=site,
        sites=sites,
    )


@pages.get("/losses/<what>/<code>")
def bucket(what: str, code: str) -> Response:
    """Show the rows of one bucket: `what` is `hits` or `visits`."""
    known = {*DROPS, *SILENCES, *HOLDS, "not_judged", "no_alert", "alerted"}
    if what not in ("hits", "visits") or code not in known:
        abort(404, "There is no such bucket. The page “Where visits go” lists those there are.")
    period, since = _since()
    at = page_number()
    with reading(shell().engine) as connection:
        is_hits = what == "hits"
        site = _site()
        hits = queries_losses.hit_rows(connection, code, since, at, site) if is_hits else ()
        visits = () if is_hits else queries_losses.bucket_rows(connection, code, since, at, site)
        count = queries_losses.count_hits if is_hits else queries_losses.count_bucket
        total = count(connection, code, since, site)
    return page(
        "bucket.html",
        what=what,
        code=code,
        hits=hits,
        visits=visits,
        total=total,
        period=period,
        periods=PERIODS,
        site=site,
        page_at=at,
        page_size=queries_losses.PAGE_SIZE,
    )
