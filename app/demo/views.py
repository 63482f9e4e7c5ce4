"""The demo page: a shop to visit as somebody else, what Slack would show, and why."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from alerts.buttons import BUTTONS, CHOICES
from app import signed, wiring
from app.demo import queries_restart, queries_watch
from app.demo.data import reps, stories
from app.demo.past import TITLES
from app.demo.tape import Tape, tape, took_words
from app.demo.visitors import VARIANTS, Choice, choices
from app.digests.chore import text_for, week_for
from app.locks import visit_builder
from app.rulebook.live import LiveRules
from app.security import widen
from app.shell import now, shell, user
from app.signed import DEMO_SITE
from core.database import reading, writing
from tracker.client_ip import is_forwarded

pages = Blueprint("demo", __name__, template_folder="templates", static_folder="static", static_url_path="/demo/static")

STATIC = Path(__file__).parent / "static"
GONE = "The demo was removed: nothing of it is left. `dormouse demo load` brings it back."
STARTED_OVER = "Started over: everybody is asleep again."

SHOP_PAGES: Mapping[str, str] = {
    "/": "home",
    "/products/x200": "x200",
    "/pricing": "pricing",
    "/contact": "contact",
    "/docs/maintenance": "maintenance",
    "/careers": "careers",
    "/support/login": "login",
    "/pricing/x200": "pricing",
    "/compare/x200": "compare",
    "/account/export": "export",
    "/account/cancel": "cancel",
}
"""Pages of the shop → their templates."""


@cache
def _choices() -> Mapping[str, Choice]:
    return {choice.key: choice for choice in choices({story.account.id: story for story in stories()})}


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _threshold() -> float:
    """How many points an alert needs, by the rules that the worker loads as well."""
    live = current_app.extensions.setdefault("live_rules", LiveRules(shell().engine, shell().settings.rules_dir))
    live.look()
    return float(live.rules().scoring.threshold)


@pages.context_processor
def _helpers() -> dict[str, object]:
    return {
        "demo_asset": lambda name: url_for("demo.static", filename=name, v=_fingerprint(name)),
        "button_words": BUTTONS,
        "button_menus": CHOICES,
    }


@pages.app_template_filter("clock_s")
def clock_with_seconds(at: datetime) -> str:
    """`10:42:07`."""
    return f"{at.astimezone(shell().settings.time_zone):%H:%M:%S}"


pages.add_app_template_filter(took_words, "took")


def _loaded_at() -> datetime | None:
    with reading(shell().engine) as connection:
        return queries_watch.loaded_at(connection)


def _since(loaded: datetime) -> datetime:
    """From when on this browser is shown visits: since it opened the demo first, or since it started over."""
    try:
        opened = datetime.fromisoformat(str(session["demo_since"]))
    except (KeyError, ValueError):
        opened = now()
        session["demo_since"] = opened.isoformat()
    return max(opened, loaded)


def _tapes(since: datetime) -> tuple[Tape, ...]:
    threshold = _threshold()
    with reading(shell().engine) as connection:
        found = queries_watch.seen_since(connection, since)
    return tuple(tape(seen, threshold, now()) for seen in found)


@pages.get("/demo")
def demo() -> AnyResponse:
    """Show the page with what has happened since this browser opened it first."""
    loaded = _loaded_at()
    if loaded is None:
        flash(GONE)
        return redirect(url_for("awake.awake"))
    widen(frame_src="'self'")
    return make_response(
        render_template(
            "demo/demo.html",
            choices=_choices().values(),
            tapes=_tapes(_since(loaded)),
            behind_proxy=is_forwarded({name.lower(): value for name, value in request.headers.items()}),
            collector=shell().settings.collector_url,
        )
    )


@pages.get("/demo/digest")
def digest() -> AnyResponse:
    """Show what the digest of a fictional rep, or their manager's week, would say now."""
    if _loaded_at() is None:
        flash(GONE)
        return redirect(url_for("awake.awake"))
    people = reps(now().date())
    managers = {rep.manager for rep in people}
    rep = next((rep for rep in people if rep.email == request.args.get("to")), people[0])
    tell = week_for if rep.email in managers else text_for
    office = wiring.office(shell().settings, shell().engine)
    return make_response(
        render_template(
            "demo/digest.html",
            people=[one for one in people if not one.has_left],
            managers=managers,
            rep=rep,
            at=now(),
            text=tell(shell().engine, replace(office, channels=("preview",)), rep.email, now()),
        )
    )


@pages.get("/demo/watch.json")
def watch() -> AnyResponse:
    """Give what happened as ready-made pieces of the page, newest first; 304 when nothing has changed."""
    loaded = _loaded_at()
    if loaded is None:
        abort(410, GONE)
    tapes = _tapes(_since(loaded))
    waits = any(one.ending.mark == "waiting" for one in tapes)
    response = make_response(
        {
            "waits": waits,
            "slack": [
                {"id": one.visit, "html": render_template("demo/_message.html", tape=one)}
                for one in tapes
                if one.shows_in_slack
            ],
            "tape": [{"id": one.visit, "html": render_template("demo/_tape.html", tape=one)} for one in tapes],
        }
    )
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:24])
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@pages.get("/demo/visit/<key>")
def visit(key: str) -> AnyResponse:
    """Become somebody new of the chosen kind, on the page of the shop where they start."""
    choice = _choices().get(key)
    if choice is None:
        abort(404)
    variant = secrets.randbelow(VARIANTS)
    return redirect(url_for("demo.shop", key=key, variant=variant, path=choice.starts_at.lstrip("/")), 303)


@pages.get("/demo/shop")
def closed() -> AnyResponse:
    """Show the shop before anybody was chosen."""
    widen(frame_ancestors="'self'")
    return make_response(render_template("demo/shop/closed.html"))


@pages.get("/demo/shop/<key>/<int:variant>/", defaults={"path": ""})
@pages.get("/demo/shop/<key>/<int:variant>/<path:path>")
def shop(key: str, variant: int, path: str) -> AnyResponse:
    """Show a page of the shop with the real snippet, which says who visits by a token for this page view alone."""
    choice, page = _choices().get(key), f"/{path}"
    if choice is None or page not in SHOP_PAGES or variant >= VARIANTS:
        abort(404)
    settings = shell().settings
    parts = urlsplit(settings.collector_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    widen(script_src=f"'self' {origin}", connect_src=origin, frame_ancestors="'self'", form_action="'self'")
    address, agent = choice.identity(variant)
    return make_response(
        render_template(
            f"demo/shop/{SHOP_PAGES[page]}.html",
            choice=choice,
            variant=variant,
            page=page,
            title=TITLES[page],
            snippet=f"{settings.collector_url}/dm.js",
            site=DEMO_SITE,
            token=signed.demo_visitor_token(settings.secret, address, agent),
            address=address,
        )
    )


@pages.post("/demo/restart")
def restart() -> AnyResponse:
    """Forget what was done here by hand, so that the first alert can be seen again; only demo data goes."""
    loaded, who = _loaded_at(), user()
    if loaded is None or who is None:
        abort(410, GONE)
    with visit_builder(shell().engine), writing(shell().engine) as connection:
        queries_restart.start_over(connection, loaded, who.email, now())
    session["demo_since"] = now().isoformat()
    if "application/json" in request.headers.get("Accept", ""):
        return make_response({"said": STARTED_OVER})
    flash(STARTED_OVER)
    return redirect(url_for("demo.demo"), 303)
